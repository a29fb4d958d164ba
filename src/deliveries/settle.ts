import { type DeliveryState, transition } from '../core/delivery-state'
import { healthChange } from '../core/endpoint-health'
import { type EndpointChanges, recordHealth } from '../endpoints/store'
import type { DeliveryRef } from '../env'
import { log } from '../log'
import type { AttemptResult } from './attempt'
import { sendOrders } from './queue'
import { insertAttempts, type SettledRow, settleDeliveries } from './record'
import type { Sending } from './sending'

/** How long an outcome may wait for company, so that a healthy work order is settled in one write. */
const LINGER_MS = 1_000
/** A retry this soon gets a delayed work order; what is later waits for the sweep, which comes each minute. */
const SOON_MS = 60_000
/** Of the last write only: those before it are made good by it, so that an order stays within its calls. */
const WRITE_TRIES = 3
const PAUSE_MS = 250

export interface Settled {
  sending: Sending
  attempt: AttemptResult
}

export interface Settler {
  add(outcome: Settled): void
  /** Resolves when everything is written. @throws the fault of the last write, when it could not be */
  close(): Promise<void>
}

/**
 * Step 4, settle: group commit. Outcomes wait until the order is done, at most a second, and never while the previous write is
 * under way; whatever has come by then goes into one batch. What could not be written goes into the next.
 */
export function openSettler(env: Env): Settler {
  let waiting: Settled[] = []
  let writing: Promise<void> = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | null = null
  const failed = new Set<string>()
  const write = async () => {
    const group = waiting
    waiting = []
    try {
      if (group.length > 0) await settleGroup(env, group, failed)
    } catch (cause) {
      waiting = [...group, ...waiting]
      throw cause
    }
  }
  const flush = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    writing = writing.catch(() => undefined).then(write)
    // The last write is awaited by close(); a failure before it is made good by it.
    writing.catch(() => undefined)
  }
  return {
    add(outcome) {
      waiting.push(outcome)
      timer ??= setTimeout(flush, LINGER_MS)
    },
    async close() {
      for (let tries = WRITE_TRIES; ; tries--) {
        flush()
        try {
          return await writing
        } catch (cause) {
          if (tries <= 1) throw cause
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
        }
      }
    },
  }
}

async function settleGroup(env: Env, group: Settled[], failed: Set<string>): Promise<void> {
  const now = Date.now()
  const rows = group.map((outcome) => settledRow(outcome, now))
  await writeGroup(env, rows, healthChanges(group, failed, now), now)
  for (const row of rows) logAttempt(row)
  await wakeSoonRetries(env, rows, now)
}

function settledRow({ sending, attempt }: Settled, now: number): SettledRow {
  const event = { type: 'attempted', attempt, now, random: Math.random() } as const
  return {
    endpointId: sending.endpoint.id,
    messageId: sending.message.id,
    state: transition(sending.state, event),
    attempt,
    now,
  }
}

/** @param failed endpoints with a failure earlier in this order: a success after it forgets it */
function healthChanges(group: Settled[], failed: Set<string>, now: number): EndpointChanges[] {
  const byEndpoint = new Map<string, EndpointChanges>()
  for (const { sending, attempt } of group) {
    const { id, url, health } = sending.endpoint
    const key = `${id} ${url}`
    const known = failed.has(key) ? { ...health, consecutiveFailures: 1 } : health
    const change = healthChange(known, attempt, now)
    if (!change) continue
    if (change.failures === 'add') failed.add(key)
    else if (change.failures === 'reset') failed.delete(key)
    const changes = byEndpoint.get(key) ?? { id, url, list: [] }
    changes.list.push(change)
    byEndpoint.set(key, changes)
  }
  return [...byEndpoint.values()]
}

/**
 * All or nothing. If the answer is lost and the batch is written again, attempts and deliveries are as before; an endpoint may be counted one failure too many,
 * which its next success forgets.
 */
async function writeGroup(
  env: Env,
  rows: SettledRow[],
  changes: EndpointChanges[],
  now: number
): Promise<void> {
  const statements = [settleDeliveries(env, rows), insertAttempts(env, rows)]
  if (changes.length > 0) statements.push(recordHealth(env, changes, now))
  await env.DB.batch(statements)
}

/** Step 5, retry: D1 holds the schedule; only what is due within the minute gets a delayed work order as well. */
async function wakeSoonRetries(env: Env, rows: SettledRow[], now: number): Promise<void> {
  const soon = rows.filter((row) => isSoon(row.state, now))
  // One order for each second, so that one receiver's hint does not hold up another's first retry.
  const bySecond = Object.groupBy(soon, ({ state }) =>
    Math.ceil(((state.nextAttemptAt ?? now) - now) / 1_000)
  )
  for (const [seconds, due = []] of Object.entries(bySecond)) {
    await sendOrders(env, 'patient', due.map(refOf), Number(seconds))
  }
}

function isSoon(state: DeliveryState, now: number): boolean {
  return state.nextAttemptAt !== null && state.nextAttemptAt - now < SOON_MS
}

function refOf(row: SettledRow): DeliveryRef {
  return {
    endpoint_id: row.endpointId,
    message_id: row.messageId,
    attempt_count: row.state.attemptCount,
    lease: row.state.nextAttemptAt ?? 0,
  }
}

function logAttempt({ endpointId, messageId, state, attempt }: SettledRow): void {
  log('delivery.attempted', {
    endpoint_id: endpointId,
    message_id: messageId,
    number: state.attemptCount,
    trigger: attempt.trigger,
    outcome: attempt.outcome,
    status_code: attempt.statusCode,
    error_class: attempt.errorClass,
    duration_ms: attempt.durationMs,
    delivery: state.status,
  })
}
