import fc from 'fast-check'
import { mailbox } from '../../support/fixtures'
import type { World } from '../../support/world'
import { isDisabled, newSecret } from '../known'
import { type Answer, OWNER, type Simulation } from '../simulation'
import { newEndpoint, script } from './endpoints'
import { nextAddress } from './entries'
import { kind, which } from './kind'

/* Integrators register their own URLs, and manage them with their private links. */

const MAX_REGISTERED = 2

export const REGISTRATION = {
  openRegistration: kind<{ registration: string }>(
    2,
    { registration: fc.constantFrom('approve', 'open', 'open', 'off') },
    async (simulation, isolate, body) => {
      const answer = await simulation.ask(isolate, 'PATCH', '/api/settings', { headers: OWNER, body })
      simulation.afterStep.push(async () => {
        simulation.registration = answer?.status === 200 && !simulation.isTogether ? body.registration : null
      })
    }
  ),

  /** The URL answers the challenge, and then as the receivers of the run do. */
  registerOwn: kind<{ event_types: string[]; books: string }>(
    4,
    {
      event_types: fc.subarray(['comment.published', 'comment.updated', 'comment.removed'], { minLength: 1 }),
      books: fc.constantFrom('', '', 'second'),
    },
    async (simulation, isolate, { event_types, books }) => {
      if (simulation.endpoints.filter(({ registration }) => registration === null).length >= MAX_REGISTERED) return
      const endpoint = newEndpoint(simulation, mailbox())
      simulation.endpoints.push(endpoint)
      simulation.mayHaveChanged.endpoints = true
      await script(endpoint, 'verify')
      const types = event_types.map((type): [string, string] => ['event_types', type])
      const fields = new URLSearchParams([['url', endpoint.box.url('scripted')], ['books', books], ...types])
      const headers = { 'CF-Connecting-IP': nextAddress(simulation) }
      const answer = await simulation.ask(isolate, 'POST', '/webhooks', { headers, body: fields })
      if (answer?.status === 303) endpoint.link = await linkIn(simulation, answer)
      await script(endpoint, simulation.setup.firstAnswers)
      // The answer may be lost, but the owner can see what it would have said.
      simulation.afterStep.push(async () => {
        if (endpoint.id === null) return
        const { body } = await simulation.askOwner('GET', `/api/endpoints/${endpoint.id}/secret`)
        endpoint.secrets.push(newSecret(String(body.secret), simulation.step, simulation.clock.now))
        if (simulation.registration === 'approve' && !simulation.isTogether && !isDisabled(endpoint))
          throw new Error(`${endpoint.id} was registered by an integrator, and is enabled before it was approved.`)
      })
    }
  ),

  pauseOwn: kind<{ which: number }>(2, { which }, (simulation, isolate, { which }) =>
    manage(simulation, isolate, which, '/pause', false)
  ),

  resumeOwn: kind<{ which: number; replay_missing: boolean }>(
    3,
    { which, replay_missing: fc.boolean() },
    (simulation, isolate, { which, replay_missing }) =>
      manage(simulation, isolate, which, '/resume', true, { replay_missing: String(replay_missing) })
  ),

  deleteOwn: kind<{ which: number }>(1, { which }, (simulation, isolate, { which }) =>
    manage(simulation, isolate, which, '/delete', false)
  ),
}

/** @returns the path of the private link, which the page after the registration shows */
async function linkIn(simulation: Simulation, { location }: Answer): Promise<string | null> {
  const page = await simulation.ask(simulation.newIsolate(), 'GET', location ?? '/')
  return /\/webhooks\/manage\/link_[\w-]{43}/.exec(page?.text ?? '')?.[0] ?? null
}

async function manage(
  simulation: Simulation,
  isolate: World,
  which: number,
  path: string,
  isEnabled: boolean,
  fields: Record<string, string> = {}
): Promise<void> {
  const own = simulation.presentEndpoints().filter(({ link }) => link !== null)
  const endpoint = simulation.pick(own, which)
  if (!endpoint) return
  simulation.mayHaveChanged.endpoints = true
  endpoint.changes.push({ step: simulation.step, patch: { isEnabled } })
  const headers = { 'CF-Connecting-IP': nextAddress(simulation) }
  await simulation.ask(isolate, 'POST', `${endpoint.link}${path}`, { headers, body: new URLSearchParams(fields) })
}
