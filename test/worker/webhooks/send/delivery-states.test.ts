import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it } from 'vitest'
import { batch, run } from '../../../../src/kit/db/statements'
import { statesAfter } from '../../../../src/kit/lib/states'
import { openBudget } from '../../../../src/kit/sweep/subrequest-budget'
import { deliveries, endpoints, jobs, messages } from '../../../../src/schema'
import { closeIfDrained } from '../../../../src/webhooks/endpoints/health'
import { BREAKER_STATES, type BreakerState } from '../../../../src/webhooks/rules/delivering/breaker'
import {
  DELIVERY_ACTS,
  type DeliveryAct,
  type DeliveryColumns,
  type DeliveryState,
  newDelivery,
  stateAfterAttempt,
} from '../../../../src/webhooks/rules/delivering/delivery-state'
import { releaseCall, reportCovered } from '../../../../src/webhooks/send/deliver/calls'
import { erasingMessages } from '../../../../src/webhooks/send/deliver/erase'
import { loadOrder } from '../../../../src/webhooks/send/deliver/load-work-order'
import {
  createMissing,
  discard,
  resend,
  resendOne,
  restorePage,
  SELECTABLE,
} from '../../../../src/webhooks/send/deliver/resend-store'
import { removeOldDeliveries } from '../../../../src/webhooks/send/deliver/retention'
import {
  cancelLatest,
  cancelParked,
  claimDueDeliveries,
  type DeliveryRow,
  parkDeliveries,
  releaseParkedDeliveries,
  settleDeliveries,
} from '../../../../src/webhooks/send/deliver/store'

/*
 * Checks that the two halves of the delivery rules agree: `stateAfterAttempt` and `mayPass` in TypeScript, and the
 * statements in the stores. Each statement runs against each state. The table below lists what the statement may
 * change. For a diagram of the states, see docs/ARCHITECTURE.md.
 */

const db = drizzle(env.DB)

const NOW = 1_000_000_000
const LATER = NOW + 86_400_000
const KEY = { endpoint_id: 'ep_a', message_id: 'msg_a' }
const MESSAGE = { id: 'msg_a', type: 'ping', created_at: 1, dispatched_at: 1, payload: '{}' }
const JOB = { id: 'job_a', endpoint_id: 'ep_a', only: 'all', cursor: '' } as const
const ACTING = { job: JOB, endpoint_id: 'ep_a' }

/** The states, with those of which the time has come. */
type Name = DeliveryState | 'lease_ended' | 'due'
type EndpointRow = typeof endpoints.$inferSelect

const STATES: Record<Name, Partial<DeliveryRow>> = {
  parked: { status: 'pending', next_attempt_at: null },
  lease_ended: { status: 'pending', next_attempt_at: NOW - 1 },
  under_way: { status: 'pending', next_attempt_at: LATER },
  due: { status: 'pending', reason: 'retrying', next_attempt_at: NOW - 1 },
  scheduled: { status: 'pending', reason: 'retrying', next_attempt_at: LATER },
  delivered: { status: 'delivered', settled_at: 1 },
  failed: { status: 'failed', reason: 'gone', settled_at: 1 },
  canceled: { status: 'canceled', reason: 'endpoint_deleted', settled_at: 1 },
}

async function prepare(state: Name, endpoint: Partial<EndpointRow> = {}): Promise<DeliveryRow> {
  const row = { ...KEY, attempt_count: 3, step: 2, ...STATES[state] } as DeliveryRow
  const base = { id: 'ep_a', status: 'enabled', url: 'https://a.example', event_types: '["*"]' }
  const times = { created_at: 1, updated_at: 1, secrets: '' }
  await db.batch([
    db.delete(deliveries),
    db.delete(endpoints),
    db.insert(endpoints).values({ ...base, ...times, ...endpoint } as EndpointRow),
    db.insert(deliveries).values(row),
    db.insert(messages).values(MESSAGE).onConflictDoNothing(),
  ])
  return read()
}

async function read(): Promise<DeliveryRow> {
  const [row] = await db.select().from(deliveries)
  if (!row) throw new Error('The delivery is gone.')
  return row as DeliveryRow
}

/** The state of a row, as in the table. */
function stateOf({ status, reason, next_attempt_at }: DeliveryColumns): DeliveryState {
  if (status !== 'pending') return status
  if (next_attempt_at === null) return 'parked'
  return reason === null ? 'under_way' : 'scheduled'
}

const inTable = (name: Name): DeliveryState => stateOf({ reason: null, ...STATES[name] } as DeliveryColumns)

const OPEN = { breaker: 'open' } as const
const DELETED = { status: 'deleted', breaker: 'draining' } as const

const LASTING = ['under_way', 'scheduled', 'parked'] as const
const SETTLED = ['delivered', 'failed', 'canceled'] as const

interface Change {
  name: string
  act: DeliveryAct
  endpoint?: Partial<EndpointRow>
  change: (before: DeliveryRow) => Promise<unknown>
  /** What the act leads to, where the table leaves it open. */
  leadsTo?: DeliveryState
  /** States that this statement passes over, although the act changes them: another statement is for these. */
  passesOver?: readonly Name[]
}

const askAll = (cursor = '') => run(resend(env, { ...ACTING, job: { ...JOB, cursor } }, SELECTABLE, ['msg_a'], null))
const ALL = [...LASTING, ...SETTLED, 'due', 'lease_ended'] as const

/** The statements. The table says what each makes of a delivery in each state. */
const CHANGES: Change[] = [
  {
    name: 'claiming due deliveries',
    act: 'taken',
    change: () => claimDueDeliveries(env, NOW, 10),
    passesOver: ['under_way', 'scheduled'],
  },
  {
    name: 'claiming due deliveries behind a breaker',
    act: 'parked',
    endpoint: OPEN,
    change: () => claimDueDeliveries(env, NOW, 10),
    passesOver: ['under_way', 'scheduled'],
  },
  { name: 'loading a late order', act: 'taken', change: (before) => loadOrder(env, orderOf(before), LATER) },
  { name: 'parking', act: 'parked', endpoint: OPEN, change: (before) => parkDeliveries(env, [refTo(before)], NOW) },
  {
    name: 'parking for a deleted endpoint',
    act: 'endpoint_deleted',
    endpoint: DELETED,
    change: (before) => parkDeliveries(env, [refTo(before)], NOW),
    passesOver: ['parked'],
  },
  {
    name: 'releasing the oldest parked delivery',
    act: 'released',
    change: () => releaseParkedDeliveries(env, 'ep_a', { from: 'oldest', lease: LATER, limit: 1 }),
  },
  {
    name: 'releasing the newest parked delivery',
    act: 'released',
    change: () => releaseParkedDeliveries(env, 'ep_a', { from: 'newest', lease: LATER, limit: 1 }),
  },
  {
    name: 'releasing a call to a build hook',
    act: 'released',
    change: () => releaseCall(env, { id: 'ep_a', consecutive_failures: 0 }, LATER),
  },
  {
    name: 'reporting what a call covered',
    act: 'coalesced',
    change: async () => {
      const call = { ...KEY, message_id: 'msg_b', attempt_count: 1, step: 1, status: 'delivered', settled_at: NOW }
      await db.insert(deliveries).values(call as DeliveryRow)
      await db.update(deliveries).set({ covered_by: 'msg_b' })
      await batch(env, reportCovered(env, [{ ...KEY, message_id: 'msg_b' }], NOW))
      await db.delete(deliveries).where(eq(deliveries.message_id, 'msg_b'))
      await db.update(deliveries).set({ covered_by: null })
    },
  },
  {
    name: 'canceling the latest deliveries',
    act: 'endpoint_deleted',
    change: () => run(cancelLatest(env, 'ep_a', NOW)),
    // An attempt may be under way. Its order finds that the endpoint is deleted.
    passesOver: ['lease_ended', 'due'],
  },
  {
    name: 'canceling parked deliveries',
    act: 'endpoint_deleted',
    change: () => cancelParked(env, 'ep_a', NOW, 10),
    passesOver: ['under_way', 'lease_ended', 'scheduled', 'due'],
  },
  { name: 'a manual retry', act: 'asked', change: () => resendOne(env, KEY, NOW), leadsTo: 'under_way' },
  { name: 'a selection that is sent again', act: 'asked', endpoint: OPEN, change: () => askAll(), leadsTo: 'parked' },
  {
    name: 'a selection that is sent again to a disabled endpoint',
    act: 'asked',
    endpoint: { status: 'disabled' },
    change: () => askAll(),
    leadsTo: 'parked',
  },
  {
    name: 'a selection that is sent again to a deleted endpoint',
    act: 'asked',
    endpoint: DELETED,
    change: () => askAll(),
    passesOver: ALL,
  },
  {
    name: 'a job that has moved on',
    act: 'asked',
    endpoint: OPEN,
    change: () => askAll('msg_0'),
    passesOver: ALL,
  },
  {
    name: 'creating what is missing',
    act: 'created',
    endpoint: OPEN,
    change: () => run(createMissing(env, ACTING, ['msg_a'], null)),
  },
  { name: 'discarding', act: 'discarded', change: () => run(discard(env, ACTING, ['msg_a'], NOW)) },
  { name: 'erasing its message', act: 'erased', change: () => batch(env, erasing(NOW)) },
]

/** The acts that other tests below try. */
const TRIED_BELOW: DeliveryAct[] = ['succeeded', 'postponed', 'given_up', 'replay_canceled', 'removed']

it('has a statement for each act', () => {
  const tried = [...CHANGES.map(({ act }) => act), ...TRIED_BELOW]
  expect([...new Set(tried)].toSorted()).toEqual(Object.keys(DELIVERY_ACTS).toSorted())
})

describe('a selection that is stopped', () => {
  it.each(['parked', 'scheduled', 'delivered', 'failed', 'canceled'] as const)(
    'leaves a %s delivery as it was',
    async (state) => {
      const before = await prepare(state, OPEN)
      await run(resend(env, ACTING, SELECTABLE, ['msg_a'], null))
      expect(await read()).toMatchObject({ status: 'pending', next_attempt_at: null, job_id: JOB.id })
      await batch(env, restorePage(env, { job_id: JOB.id, endpoint_id: 'ep_a', after: '' }, NOW))
      expect(await read()).toEqual(before)
    }
  )
})

function refTo({ endpoint_id, message_id, attempt_count, next_attempt_at }: DeliveryRow) {
  return { endpoint_id, message_id, attempt_count, lease: next_attempt_at ?? 0 }
}

const orderOf = (before: DeliveryRow) => ({ kind: 'attempt' as const, deliveries: [refTo(before)] })

const ERASE = erasingMessages<{ id: string }>('select id from messages where id = :id')
const erasing = (now: number) => ERASE.map((erase) => erase(env, { id: 'msg_a', now }))

const NAMES = Object.keys(STATES) as Name[]
/** Each change in each state. `expected` is the state itself where the change does not apply. */
const CASES = CHANGES.flatMap(({ act, leadsTo, passesOver = [], ...change }) =>
  NAMES.map((state) => {
    const before = inTable(state)
    const isApplicable = before in DELIVERY_ACTS[act].to && !passesOver.includes(state)
    const [only = before, ...others] = isApplicable ? statesAfter<DeliveryState>(DELIVERY_ACTS[act], before) : []
    if (leadsTo && isApplicable) expect([only, ...others]).toContain(leadsTo)
    return { ...change, state, isApplicable, expected: leadsTo && isApplicable ? leadsTo : only }
  })
)

beforeEach(async () => {
  const job = { ...JOB, kind: 'replay', state: 'running', since: 0, until: 0, created_at: 1 }
  const row = { ...job, counted: 0, counted_all: 1 } as typeof jobs.$inferSelect
  await db.insert(jobs).values(row)
})

describe('according to the table,', () => {
  it.each(CASES.filter(({ isApplicable }) => isApplicable))(
    '$name turns a $state delivery into a $expected one',
    async ({ state, expected, endpoint, change }) => {
      const before = await prepare(state, endpoint)
      await change(before)
      const after = await read()
      expect(after).not.toEqual(before)
      expect(stateOf(after)).toBe(expected)
      expect(after.attempt_count).toBe(before.attempt_count)
      expect(after.settled_at !== null).toBe(after.status !== 'pending')
    }
  )

  it.each(CASES.filter(({ isApplicable }) => !isApplicable))(
    '$name does not change a $state delivery',
    async ({ state, endpoint, change }) => {
      const before = await prepare(state, endpoint)
      await change(before)
      expect(await read()).toEqual(before)
    }
  )
})

describe('an attempt', () => {
  const attempt = { outcome: 'refused', error_class: 'http_5xx', retry_after_ms: null } as const
  const state: DeliveryColumns = { ...newDelivery(LATER), attempt_count: 3, step: 2 }
  const facts = { ...attempt, isProbe: false, now: NOW, random: 0 }
  const FAILED = { ...stateAfterAttempt(state, facts), last_status_code: 500 }
  const GIVEN_UP = { ...stateAfterAttempt(state, { ...facts, outcome: 'blocked' }), last_status_code: null }

  async function settle(before: DeliveryRow, after: DeliveryColumns): Promise<DeliveryRow> {
    const settled_at = after.status === 'pending' ? null : NOW
    await run(settleDeliveries(env, [{ ...before, ...after, last_status_code: 500, settled_at }]))
    return read()
  }

  const RESULTS: [DeliveryAct, DeliveryColumns][] = [
    ['postponed', FAILED],
    ['given_up', GIVEN_UP],
    ['succeeded', stateAfterAttempt(state, { ...facts, outcome: 'delivered', error_class: null })],
  ]
  const EACH = RESULTS.flatMap(([act, result]) => NAMES.map((name) => ({ act, result, name })))

  it.each(EACH)('that is $act makes of a $name delivery what the table says', async ({ act, result, name }) => {
    const before = await prepare(name)
    const stored = await settle(before, result)
    const isApplicable = inTable(name) in DELIVERY_ACTS[act].to
    expect(statesAfter<DeliveryState>(DELIVERY_ACTS[act], inTable(name))).toContain(stateOf(stored))
    expect(stored.attempt_count).toBe(before.attempt_count + (isApplicable ? 1 : 0))
    if (!isApplicable) expect(stored).toEqual(before)
    // The first writer of an attempt wins.
    expect(await settle(before, { ...result, status: 'failed' })).toEqual(stored)
  })
})

describe('retention', () => {
  it.each(NAMES)('removes a %s delivery if the table says so', async (name) => {
    await prepare(name)
    // An id begins with its time.
    await db.update(messages).set({ id: 'msg_0' })
    await db.update(deliveries).set({ message_id: 'msg_0' })
    await removeOldDeliveries(env, NOW * 1_000, openBudget(env))
    const { length } = await db.select().from(deliveries)
    expect(length).toBe(inTable(name) in DELIVERY_ACTS.removed.to ? 0 : 1)
  })
})

describe('the breaker', () => {
  /** What becomes of a due delivery that is claimed, and of a delivery that is to be retried after an attempt. */
  const PARKS: Record<BreakerState, { claimed: DeliveryState; retried: DeliveryState }> = {
    closed: { claimed: 'under_way', retried: 'under_way' },
    open: { claimed: 'parked', retried: 'parked' },
    probing: { claimed: 'parked', retried: 'parked' },
    held: { claimed: 'parked', retried: 'parked' },
    draining: { claimed: 'parked', retried: 'under_way' },
  }

  it.each(BREAKER_STATES.map((breaker) => ({ breaker, ...PARKS[breaker] })))(
    'that is $breaker leaves a claimed delivery $claimed, and a retried delivery $retried',
    async ({ breaker, claimed, retried }) => {
      await prepare('due', { breaker })
      await claimDueDeliveries(env, NOW, 10)
      expect(stateOf(await read())).toBe(claimed)
      const before = await prepare('under_way', { breaker })
      await run(settleDeliveries(env, [{ ...before, reason: null, attempt_count: 4, next_attempt_at: LATER }]))
      expect(stateOf(await read())).toBe(retried)
    }
  )

  it.each(NAMES)('closes unless a delivery is parked (here, the delivery is %s)', async (name) => {
    await prepare(name, { breaker: 'draining', health_rev: 'a' })
    const changed = await run(closeIfDrained(env, { id: 'ep_a', before: 'a', health_rev: 'b' }))
    expect(changed).toBe(name === 'parked' ? 0 : 1)
  })
})
