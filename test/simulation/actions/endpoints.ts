import fc from 'fast-check'
import { mailbox } from '../../support/fixtures'
import type { World } from '../../support/world'
import { type KnownEndpoint, NEVER, newSecret, noteRotation } from '../known'
import { OWNER, type Simulation } from '../simulation'
import { graceSeconds, kind, which } from './kind'

const MAX_ENDPOINTS = 4

/** A receiver that accepts a message repeats it in its response, as debugging tools do. */
export const ACCEPTS = 'echo'

const BEHAVIORS = [
  ACCEPTS,
  ACCEPTS,
  'ok',
  'fail-times/1',
  'fail-times/3',
  'status/500',
  'status/400',
  'status/410',
  'status/502',
  'retry-after/30',
  'retry-after/7200',
  'unavailable/90',
  'close',
  'redirect',
  'half-answer',
]

export const ENDPOINTS = {
  register: kind<{ event_type: string }>(
    3,
    { event_type: fc.constantFrom('*', 'comment.*', 'endpoint.*', 'inbound.received') },
    (simulation, isolate, { event_type }) => register(simulation, isolate, event_type)
  ),

  respond: kind<{ which: number; behavior: string }>(
    5,
    { which, behavior: fc.constantFrom(...BEHAVIORS) },
    async (simulation, _, { which, behavior }) => {
      const endpoint = simulation.pick(simulation.endpoints, which)
      if (endpoint) await script(endpoint, behavior)
    }
  ),

  /** The receiver repeats its own URL in its responses, as some error pages do. */
  sayUrl: kind<{ which: number }>(1, { which }, async (simulation, _, { which }) => {
    const endpoint = simulation.pick(simulation.endpoints, which)
    if (endpoint) await script(endpoint, `say/${endpoint.name}`)
  }),

  disable: kind<{ which: number }>(1, { which }, (simulation, isolate, { which }) =>
    change(simulation, isolate, which, 'POST', '/disable')
  ),

  enable: kind<{ which: number; replay_missing: boolean }>(
    2,
    { which, replay_missing: fc.boolean() },
    (simulation, isolate, { which, replay_missing }) =>
      change(simulation, isolate, which, 'POST', '/enable', { replay_missing })
  ),

  move: kind<{ which: number }>(1, { which }, (simulation, isolate, { which }) => {
    const { box } = simulation.pick(simulation.presentEndpoints(), which) ?? {}
    return change(simulation, isolate, which, 'PATCH', '', { url: box?.url(`scripted/${simulation.next()}`) })
  }),

  remove: kind<{ which: number }>(1, { which }, (simulation, isolate, { which }) =>
    change(simulation, isolate, which, 'DELETE', '')
  ),

  ping: kind<{ which: number }>(1, { which }, (simulation, isolate, { which }) =>
    change(simulation, isolate, which, 'POST', '/test')
  ),

  /** `ask` checks that nothing that has been erased is pulled. */
  pull: kind<{ which: number }>(2, { which }, (simulation, isolate, { which }) =>
    change(simulation, isolate, which, 'GET', '/messages?limit=100')
  ),

  replay: kind<{ which: number; only: string }>(
    2,
    { which, only: fc.constantFrom('failed', 'missing', 'all') },
    (simulation, isolate, { which, only }) =>
      change(simulation, isolate, which, 'POST', '/replay', { since: '1970-01-01T00:00:00Z', only })
  ),

  retry: kind<{ which: number; hasten: boolean }>(
    3,
    { which, hasten: fc.boolean() },
    async (simulation, isolate, { which, hasten }) => {
      const delivery = simulation.pick(simulation.history.tables.deliveries.present(), which)
      if (!delivery) return
      const path = `/api/messages/${delivery.message_id}/deliveries/${delivery.endpoint_id}/retry`
      await simulation.ask(isolate, 'POST', path, { headers: OWNER, body: { hasten } })
    }
  ),

  rotateSecret: kind<{ which: number; grace: number }>(
    3,
    { which, grace: graceSeconds },
    async (simulation, isolate, { which, grace }) => {
      const endpoint = simulation.pick(simulation.presentEndpoints(), which)
      if (!endpoint) return
      const before = simulation.clock.now
      const secret = signingSecret(simulation)
      await change(simulation, isolate, which, 'POST', '/secret/rotate', { secret, grace_seconds: grace })
      simulation.afterStep.push(async () => {
        const { text } = await simulation.askOwner('GET', `/api/endpoints/${endpoint.id}/secret`)
        if (text.includes(secret)) noteRotation(endpoint.secrets, secret, simulation.rotation(grace * 1_000, before))
      })
    }
  ),
}

function signingSecret(simulation: Simulation): string {
  return `whsec_${btoa(`signing secret number ${simulation.next()} of the run`)}`
}

export async function register(simulation: Simulation, isolate: World, event_type: string): Promise<void> {
  if (simulation.endpoints.length >= MAX_ENDPOINTS) return
  const box = mailbox()
  const secret = signingSecret(simulation)
  const body = { url: box.url('scripted'), event_types: [event_type], secret }
  const key = `register-${box.name}`
  const endpoint: KnownEndpoint = {
    name: box.name,
    box,
    event_type,
    registration: { body, key },
    registeredAt: simulation.clock.now,
    id: null,
    secrets: [newSecret(secret, simulation.step, simulation.clock.now)],
    behaviors: new Set(),
    lastDisabled: simulation.step,
    isDisabled: false,
    deleted: NEVER,
  }
  simulation.endpoints.push(endpoint)
  await script(endpoint, simulation.setup.firstAnswers)
  await repeatRegistration(simulation, isolate, endpoint)
}

/** @returns the status of the answer, or null if there is none */
export async function repeatRegistration(
  simulation: Simulation,
  isolate: World,
  { registration: { body, key } }: KnownEndpoint
): Promise<number | null> {
  const headers = { ...OWNER, 'Idempotency-Key': key }
  const answer = await simulation.ask(isolate, 'POST', '/api/endpoints', { headers, body })
  return answer?.status ?? null
}

async function script(endpoint: KnownEndpoint, behavior: string): Promise<void> {
  endpoint.behaviors.add(behavior)
  await endpoint.box.script(behavior)
}

async function change(
  simulation: Simulation,
  isolate: World,
  which: number,
  method: string,
  path: string,
  body?: object
): Promise<void> {
  const endpoint = simulation.pick(simulation.presentEndpoints(), which)
  if (endpoint) await simulation.ask(isolate, method, `/api/endpoints/${endpoint.id}${path}`, { headers: OWNER, body })
}
