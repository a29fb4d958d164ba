import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { run } from '../../../../src/kit/db/statements'
import { statesAfter } from '../../../../src/kit/lib/states'
import { openBudget } from '../../../../src/kit/sweep/subrequest-budget'
import { removeUnapproved } from '../../../../src/webhooks/endpoints/page/lifecycle'
import { MARK_RESPONSES_REMOVED, removeEmptied } from '../../../../src/webhooks/endpoints/removal'
import {
  ENDPOINT_ACTS,
  ENDPOINT_STATES,
  type EndpointAct,
  type EndpointState,
} from '../../../../src/webhooks/rules/delivering/endpoint-state'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { DAY } from '../../../support/sources'
import type { World } from '../../../support/world'
import { aWorld, registered, submit } from '../registration/integrator'

/* Tries each act on an endpoint in each state: the table says what becomes of it. */

interface Given {
  world: World
  id: string
  /** The integrator's page. */
  path: string
}

async function prepare(state: EndpointState, behavior = 'verify'): Promise<Given> {
  const world = await aWorld('open')
  const { id, path, box } = await registered(world, 'verify')
  if (behavior !== 'verify')
    await env.DB.prepare('update endpoints set url = ? where id = ?').bind(box.url(behavior), id).run()
  // An event about an endpoint is stored only if another one could get it.
  await anEndpoint(world, mailbox().url())
  const isDisabled = state !== 'enabled' && state !== 'deleted'
  const [status, reason] = isDisabled ? ['disabled', state] : [state, null]
  await env.DB.prepare(`update endpoints set status = ?, disabled_reason = ?, disabled_at = ? where id = ?`)
    .bind(status, reason, isDisabled ? Date.now() : null, id)
    .run()
  return { world, id, path }
}

type Found = { status: EndpointState | 'disabled'; disabled_reason: EndpointState }

async function stateOf(id: string): Promise<EndpointState | 'none'> {
  const row = await env.DB.prepare('select status, disabled_reason from endpoints where id = ?').bind(id).first<Found>()
  if (!row) return 'none'
  return row.status === 'disabled' ? row.disabled_reason : row.status
}

const moveTo = (world: World, path: string) =>
  submit(world, `${path}/edit`, [
    ['url', mailbox().url('verify')],
    ['description', 'Ada'],
    ['event_types', 'comment.published'],
  ])

interface Change {
  name: string
  act: EndpointAct
  change: (given: Given) => Promise<unknown>
  behavior?: string
}

const CHANGES: Change[] = [
  {
    name: 'the owner enables',
    act: 'enabled',
    change: ({ world, id }) => world.api('POST', `/api/endpoints/${id}/enable`),
  },
  { name: 'the integrator resumes', act: 'resumed', change: ({ world, path }) => submit(world, `${path}/resume`) },
  {
    name: 'the owner disables',
    act: 'disabled',
    change: ({ world, id }) => world.api('POST', `/api/endpoints/${id}/disable`),
  },
  { name: 'the integrator pauses', act: 'paused', change: ({ world, path }) => submit(world, `${path}/pause`) },
  {
    name: 'the integrator moves, with approval,',
    act: 'moved',
    change: async ({ world, path }) => {
      await world.api('PATCH', '/api/settings', { registration: 'approve' })
      await moveTo(world, path)
    },
  },
  {
    name: 'a receiver that is gone changes',
    act: 'gone',
    behavior: 'status/410',
    change: async ({ world }) => {
      await aComment(world)
      await world.drain()
    },
  },
  {
    name: 'a receiver that has failed for days changes',
    act: 'failing',
    behavior: 'status/500',
    change: async ({ world, id }) => {
      const long = Date.now() - 30 * DAY
      await env.DB.prepare(
        'update endpoints set failing_since = ?, consecutive_failures = 4, warnings = 9 where id = ?'
      )
        .bind(long, id)
        .run()
      await aComment(world)
      await world.drain()
    },
  },
  { name: 'the owner deletes', act: 'deleted', change: ({ world, id }) => world.api('DELETE', `/api/endpoints/${id}`) },
  { name: 'the integrator deletes', act: 'deleted', change: ({ world, path }) => submit(world, `${path}/delete`) },
  {
    name: 'the sweep ends the registration of',
    act: 'expired',
    change: ({ id }) => removeUnapproved(env, id, Date.now()),
  },
  {
    name: 'retention removes',
    act: 'removed',
    change: async ({ id }) => {
      await run(MARK_RESPONSES_REMOVED(env, { id, to: null }))
      await removeEmptied(env, later(400 * DAY), openBudget(env))
    },
  },
]

/** They have no endpoint before. test/worker/webhooks/registration/registration.test.ts and endpoint-fields.test.ts try them. */
const CREATING: EndpointAct[] = ['created', 'registered']

it('has a change for each act', () => {
  const tried = [...CHANGES.map(({ act }) => act), ...CREATING]
  expect([...new Set(tried)].toSorted()).toEqual(Object.keys(ENDPOINT_ACTS).toSorted())
})

const alsoOf = (act: EndpointAct): string => String(Object(ENDPOINT_ACTS[act]).also)

const CASES = CHANGES.flatMap((change) => ENDPOINT_STATES.map((state) => ({ ...change, state })))

describe('according to the table,', () => {
  it.each(CASES)('$name an endpoint that is $state', async ({ state, act, change, behavior }) => {
    const given = await prepare(state, behavior)
    const isApplicable = state in ENDPOINT_ACTS[act].to
    const next = statesAfter<EndpointState>(ENDPOINT_ACTS[act], state)
    await change(given)
    expect(await stateOf(given.id)).toBe(next[0])
    const types = await env.DB.prepare(`select type from messages where type = 'endpoint.disabled'`).all()
    const isReported = isApplicable && alsoOf(act).includes('endpoint.disabled')
    expect(types.results).toHaveLength(isReported ? 1 : 0)
  })
})
