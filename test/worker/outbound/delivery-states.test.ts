import { env } from 'cloudflare:workers'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it } from 'vitest'
import { batch, run } from '../../../src/kit/db/statements'
import { deliveries, endpoints, jobs, messages } from '../../../src/schema'
import { closeIfDrained } from '../../../src/webhooks/endpoints/health'
import { BREAKER_STATES, type BreakerState } from '../../../src/webhooks/rules/delivering/breaker'
import {
  type DELIVERY_STATUSES,
  type DeliveryState,
  newDelivery,
  stateAfterAttempt,
} from '../../../src/webhooks/rules/delivering/delivery-state'
import { releaseCall } from '../../../src/webhooks/send/deliver/calls'
import {
  createMissing,
  discard,
  resend,
  resendOne,
  restorePage,
  SELECTABLE,
} from '../../../src/webhooks/send/deliver/resend-store'
import {
  cancelLatest,
  cancelParked,
  claimDueDeliveries,
  type DeliveryRow,
  parkDeliveries,
  releaseParkedDeliveries,
  settleDeliveries,
} from '../../../src/webhooks/send/deliver/store'

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

type Name = (typeof DELIVERY_STATUSES)[number] | 'parked' | 'due' | 'retrying'
type EndpointRow = typeof endpoints.$inferSelect

const STATES: Record<Name, Partial<DeliveryRow>> = {
  parked: { status: 'pending', next_attempt_at: null },
  due: { status: 'pending', next_attempt_at: NOW - 1 },
  pending: { status: 'pending', next_attempt_at: LATER },
  retrying: { status: 'pending', reason: 'retrying', next_attempt_at: LATER },
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

/** The name of a row's state. */
function nameOf({ status, reason, next_attempt_at }: DeliveryRow): Name {
  if (status !== 'pending') return status
  if (next_attempt_at === null) return 'parked'
  if (next_attempt_at <= NOW) return 'due'
  return reason === 'retrying' ? 'retrying' : 'pending'
}

const OPEN = { breaker: 'open' } as const
const DELETED = { status: 'deleted', breaker: 'draining' } as const

/** The changes. `leadsTo` has an entry for each state that the change applies to. */
const CHANGES: {
  name: string
  endpoint?: Partial<EndpointRow>
  change: (before: DeliveryRow) => Promise<unknown>
  leadsTo: Partial<Record<Name, Name>>
}[] = [
  {
    name: 'claiming due deliveries',
    change: () => claimDueDeliveries(env, NOW, 10),
    leadsTo: { due: 'pending' },
  },
  {
    name: 'claiming due deliveries behind a breaker',
    endpoint: OPEN,
    change: () => claimDueDeliveries(env, NOW, 10),
    leadsTo: { due: 'parked' },
  },
  {
    name: 'parking',
    endpoint: OPEN,
    change: (before) => parkDeliveries(env, [refTo(before)], NOW),
    leadsTo: { due: 'parked', pending: 'parked', retrying: 'parked' },
  },
  {
    name: 'parking for a deleted endpoint',
    endpoint: DELETED,
    change: (before) => parkDeliveries(env, [refTo(before)], NOW),
    leadsTo: { due: 'canceled', pending: 'canceled', retrying: 'canceled' },
  },
  {
    name: 'releasing the oldest parked delivery',
    change: () => releaseParkedDeliveries(env, 'ep_a', { from: 'oldest', lease: LATER, limit: 1 }),
    leadsTo: { parked: 'pending' },
  },
  {
    name: 'releasing the newest parked delivery',
    change: () => releaseParkedDeliveries(env, 'ep_a', { from: 'newest', lease: LATER, limit: 1 }),
    leadsTo: { parked: 'pending' },
  },
  {
    name: 'releasing a call to a build hook',
    change: () => releaseCall(env, { id: 'ep_a', consecutive_failures: 0 }, LATER),
    leadsTo: { parked: 'pending' },
  },
  {
    name: 'canceling the latest deliveries',
    change: () => run(cancelLatest(env, 'ep_a', NOW)),
    leadsTo: { parked: 'canceled', pending: 'canceled', retrying: 'canceled' },
  },
  {
    name: 'canceling parked deliveries',
    change: () => cancelParked(env, 'ep_a', NOW, 10),
    leadsTo: { parked: 'canceled' },
  },
  {
    name: 'a manual retry',
    change: () => resendOne(env, KEY, NOW),
    leadsTo: { parked: 'pending', retrying: 'pending', delivered: 'pending', failed: 'pending', canceled: 'pending' },
  },
  {
    name: 'a selection that is sent again',
    endpoint: OPEN,
    change: () => run(resend(env, ACTING, SELECTABLE, ['msg_a'], null)),
    leadsTo: { parked: 'parked', retrying: 'parked', delivered: 'parked', failed: 'parked', canceled: 'parked' },
  },
  {
    name: 'a selection that is sent again to a disabled endpoint',
    endpoint: { status: 'disabled' },
    change: () => run(resend(env, ACTING, SELECTABLE, ['msg_a'], null)),
    leadsTo: { parked: 'parked', retrying: 'parked', delivered: 'parked', failed: 'parked', canceled: 'parked' },
  },
  {
    name: 'a selection that is sent again to a deleted endpoint',
    endpoint: DELETED,
    change: () => run(resend(env, ACTING, SELECTABLE, ['msg_a'], null)),
    leadsTo: {},
  },
  {
    name: 'a job that has moved on',
    endpoint: OPEN,
    change: () => run(resend(env, { ...ACTING, job: { ...JOB, cursor: 'msg_0' } }, SELECTABLE, ['msg_a'], null)),
    leadsTo: {},
  },
  {
    name: 'creating what is missing',
    endpoint: OPEN,
    change: () => run(createMissing(env, ACTING, ['msg_a'], null)),
    leadsTo: {},
  },
  {
    name: 'discarding',
    change: () => run(discard(env, ACTING, ['msg_a'], NOW)),
    leadsTo: { parked: 'canceled', retrying: 'canceled' },
  },
]

describe('a selection that is stopped', () => {
  it.each(['parked', 'retrying', 'delivered', 'failed', 'canceled'] as const)(
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

const NAMES = Object.keys(STATES) as Name[]
/** Each change in each state. `expected` is the state itself where the change does not apply. */
const CASES = CHANGES.flatMap(({ leadsTo, ...change }) =>
  NAMES.map((state) => ({
    ...change,
    state,
    isApplicable: state in leadsTo,
    expected: leadsTo[state] ?? state,
  }))
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
      expect(nameOf(after)).toBe(expected)
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
  const state: DeliveryState = { ...newDelivery(LATER), attempt_count: 3, step: 2 }
  const facts = { ...attempt, isProbe: false, now: NOW, random: 0 }
  const FAILED = { ...stateAfterAttempt(state, facts), last_status_code: 500 }
  const CANCELED = { status: 'canceled', attempt_count: 4, next_attempt_at: null } as const

  /** What a failed attempt stores, by delivery state. A delivery in any other state is not changed. */
  const STORED: Partial<Record<Name, Partial<DeliveryRow>>> = {
    parked: FAILED,
    due: FAILED,
    pending: FAILED,
    retrying: FAILED,
    canceled: CANCELED,
  }

  async function settle(before: DeliveryRow, after: DeliveryState): Promise<DeliveryRow> {
    const settled_at = after.status === 'pending' ? null : NOW
    await run(settleDeliveries(env, [{ ...before, ...after, last_status_code: 500, settled_at }]))
    return read()
  }

  it.each(NAMES)('that fails is stored according to the rule if the delivery is %s', async (name) => {
    const before = await prepare(name)
    const stored = await settle(before, stateAfterAttempt(state, facts))
    expect(stored).toMatchObject(STORED[name] ?? before)
  })

  it.each(NAMES)('that succeeds settles a %s delivery at most once', async (name) => {
    const before = await prepare(name)
    const after = stateAfterAttempt(state, { ...facts, outcome: 'delivered', error_class: null })
    const stored = await settle(before, after)
    const mayChange = before.status === 'pending' || before.status === 'canceled'
    expect(stored.status).toBe(mayChange ? 'delivered' : before.status)
    expect(await settle(before, { ...after, status: 'failed' })).toEqual(stored)
  })
})

describe('the breaker', () => {
  /** What becomes of a due delivery that is claimed, and of a delivery that is to be retried after an attempt. */
  const PARKS: Record<BreakerState, { claimed: Name; retried: Name }> = {
    closed: { claimed: 'pending', retried: 'pending' },
    open: { claimed: 'parked', retried: 'parked' },
    probing: { claimed: 'parked', retried: 'parked' },
    held: { claimed: 'parked', retried: 'parked' },
    draining: { claimed: 'parked', retried: 'pending' },
  }

  it.each(BREAKER_STATES.map((breaker) => ({ breaker, ...PARKS[breaker] })))(
    'that is $breaker leaves a claimed delivery $claimed, and a retried delivery $retried',
    async ({ breaker, claimed, retried }) => {
      await prepare('due', { breaker })
      await claimDueDeliveries(env, NOW, 10)
      expect(nameOf(await read())).toBe(claimed)
      const before = await prepare('pending', { breaker })
      await run(settleDeliveries(env, [{ ...before, reason: null, attempt_count: 4, next_attempt_at: LATER }]))
      expect(nameOf(await read())).toBe(retried)
    }
  )

  it.each(NAMES)('closes unless a delivery is parked (here, the delivery is %s)', async (name) => {
    await prepare(name, { breaker: 'draining', health_rev: 'a' })
    const changed = await run(closeIfDrained(env, { id: 'ep_a', before: 'a', health_rev: 'b' }))
    expect(changed).toBe(name === 'parked' ? 0 : 1)
  })
})
