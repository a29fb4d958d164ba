import { type DeliveryState, transition } from '../../core/delivering/delivery-state'
import { type HealthChange, saveHealth } from '../../endpoints/health'
import { log } from '../../log'
import type { DeliveryRef } from '../../queue/orders'
import { sendOrders, sendResume, wakeDispatch } from '../../queue/send'
import type { AttemptResult } from './attempt'
import { deliveryNews, endpointNews, insertAnnouncements } from './health-events'
import { type Ledger, type LedgerPage, openLedger } from './health-tracker'
import type { Sending } from './sending'
import { insertAttempts, type SettledRow, settleDeliveries } from './settle-store'

/** How long the first outcome may wait for company; a healthy work order is settled in one write. Each next group may wait twice as long, so that writes are few. */
const LINGER_MS = 1_000
/** A retry this soon gets a delayed work order; what is later waits for the sweep, which comes each minute. */
const SOON_MS = 60_000
/** Of the last write only: those before it are made good by it, so that an order stays within its calls. */
const WRITE_TRIES = 3
const PAUSE_MS = 250
/** How often health is computed again because somebody else wrote it meanwhile. It is advice: after that, what was seen is dropped. */
const HEALTH_TRIES = 3

export interface Settled {
  sending: Sending
  attempt: AttemptResult
}

export interface Settler {
  add(outcome: Settled): void
  /** @returns false when nothing more may go to the endpoint; see Ledger */
  current: Ledger['current']
  /** Resolves when everything is written. @throws the fault of the last write, when it could not be */
  close(): Promise<void>
}

/**
 * Step 4, settle: group commit. Outcomes wait for company a moment, and never while the previous write is
 * under way; whatever has come by then goes into one batch. What could not be written goes into the next.
 */
export function openSettler(env: Env): Settler {
  const ledger = openLedger()
  let waiting: Settled[] = []
  let writing: Promise<void> = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | null = null
  let linger = LINGER_MS
  const write = async () => {
    const group = waiting
    waiting = []
    try {
      if (group.length > 0) await settleGroup(env, group, ledger)
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
    current: ledger.current,
    add(outcome) {
      ledger.note(outcome.sending, outcome.attempt, Date.now())
      waiting.push(outcome)
      if (timer !== null) return
      timer = setTimeout(flush, linger)
      linger *= 2
    },
    async close() {
      await lastWrite(flush, () => writing)
      await settleHealth(env, ledger)
    },
  }
}

async function lastWrite(flush: () => void, written: () => Promise<void>): Promise<void> {
  for (let tries = WRITE_TRIES; ; tries--) {
    flush()
    try {
      return await written()
    } catch (cause) {
      if (tries <= 1) throw cause
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

/**
 * All or nothing. If the answer is lost and the batch is written again, attempts and deliveries are as before; an endpoint may be counted one failure too many,
 * which its next success forgets. Health comes first, since what is to be tried again waits behind the breaker.
 */
async function settleGroup(env: Env, group: Settled[], ledger: Ledger): Promise<void> {
  const now = Date.now()
  const rows = group.map((outcome) => settledRow(outcome, now))
  const page = ledger.page()
  const news = [
    ...page.news.map((one) => endpointNews(one, now)),
    ...group.map(({ sending }, i) => deliveryNews(sending, rows[i] as SettledRow)),
  ].filter((one) => one !== null)
  const statements = [settleDeliveries(env, rows), insertAttempts(env, rows)]
  if (page.changes.length > 0) statements.unshift(saveHealth(env, page.changes, now))
  if (news.length > 0) statements.push(insertAnnouncements(env, news, now))
  const results = await env.DB.batch(statements)
  for (const row of rows) logAttempt(row)
  await wakeSoonRetries(env, rows, now)
  if (page.changes.length > 0) await afterHealth(env, page, ledger, results[0], now)
  if (news.length > 0) await tell(env, results.at(-1))
}

/** What somebody else changed at the same time is computed again from what they wrote. */
async function settleHealth(env: Env, ledger: Ledger): Promise<void> {
  for (let tries = HEALTH_TRIES; tries > 0; tries--) {
    if (!(await ledger.refresh(env))) return
    const now = Date.now()
    const page = ledger.page()
    if (page.changes.length === 0) return
    const news = page.news.map((one) => endpointNews(one, now))
    const statements = [saveHealth(env, page.changes, now)]
    if (news.length > 0) statements.push(insertAnnouncements(env, news, now))
    const results = await env.DB.batch(statements)
    await afterHealth(env, page, ledger, results[0], now)
    if (news.length > 0) await tell(env, results.at(-1))
  }
}

/** A breaker that has something to do within the minute does not wait for the sweep. */
async function afterHealth(
  env: Env,
  { changes }: LedgerPage,
  ledger: Ledger,
  result: D1Result | undefined,
  now: number
): Promise<void> {
  const ids = ((result?.results ?? []) as { id: string }[]).map(({ id }) => id)
  ledger.stored(ids)
  for (const change of changes.filter(({ id }) => ids.includes(id))) {
    logHealth(change)
    const { resume_at: resumeAt } = change.after.health.breaker
    if (resumeAt !== null && resumeAt - now <= SOON_MS)
      await sendResume(env, change.id, resumeAt - now)
  }
}

async function tell(env: Env, inserted: D1Result | undefined): Promise<void> {
  const messages = (inserted?.results ?? []) as { id: string; type: string }[]
  if (messages.length > 0) await wakeDispatch(env, messages)
}

function settledRow({ sending, attempt }: Settled, now: number): SettledRow {
  const isProbe = sending.release === 'probe'
  const event = { type: 'attempted', attempt, isProbe, now, random: Math.random() } as const
  return {
    endpoint_id: sending.endpoint.id,
    message_id: sending.message.id,
    state: transition(sending.state, event),
    attempt,
    now,
  }
}

/** Step 5, retry: D1 holds the schedule; only what is due within the minute gets a delayed work order as well. */
async function wakeSoonRetries(env: Env, rows: SettledRow[], now: number): Promise<void> {
  const soon = rows.filter((row) => isSoon(row.state, now))
  // One order for each second, so that one receiver's hint does not hold up another's first retry.
  const bySecond = Object.groupBy(soon, ({ state }) =>
    Math.ceil(((state.next_attempt_at ?? now) - now) / 1_000)
  )
  for (const [seconds, due = []] of Object.entries(bySecond)) {
    await sendOrders(env, 'patient', due.map(refOf), { delaySeconds: Number(seconds) })
  }
}

function isSoon(state: DeliveryState, now: number): boolean {
  return state.next_attempt_at !== null && state.next_attempt_at - now < SOON_MS
}

function refOf(row: SettledRow): DeliveryRef {
  return {
    endpoint_id: row.endpoint_id,
    message_id: row.message_id,
    attempt_count: row.state.attempt_count,
    lease: row.state.next_attempt_at ?? 0,
  }
}

function logAttempt({
  endpoint_id: endpointId,
  message_id: messageId,
  state,
  attempt,
}: SettledRow): void {
  log('delivery.attempted', {
    endpoint_id: endpointId,
    message_id: messageId,
    number: state.attempt_count,
    trigger: attempt.trigger,
    outcome: attempt.outcome,
    status_code: attempt.status_code,
    error_class: attempt.error_class,
    duration_ms: attempt.duration_ms,
    delivery: state.status,
  })
}

function logHealth({ id, after, disable }: HealthChange): void {
  const { breaker, consecutive_failures: consecutiveFailures } = after.health
  log('endpoint.health', {
    endpoint_id: id,
    breaker: breaker.state,
    consecutive_failures: consecutiveFailures,
    disabled: disable,
  })
}
