import type { DeliveryState } from '../../core/delivering/delivery-state'
import type { AttemptResult } from './attempt'

/*
 * What is written when attempts have been made: compare-and-sets and inserts that a duplicate leaves as they are.
 */

export interface SettledRow {
  endpoint_id: string
  message_id: string
  state: DeliveryState
  attempt: AttemptResult
  /** When it was settled, epoch milliseconds. */
  now: number
}

/** An attempt that was under way when its endpoint was deleted still counts, and may still have arrived; but nothing follows on it. */
const IS_OVER = `(deliveries.status = 'canceled' and j.value ->> 'status' <> 'delivered')`
const IS_PARKED = `(j.value ->> 'next' is not null and exists (select 1 from endpoints e
  where e.id = j.value ->> 'endpoint' and (e.status = 'disabled' or e.breaker in ('open', 'probing', 'held'))))`

/**
 * Moves deliveries on, but only from the attempt that was made: whoever settles an attempt first wins. What is to be tried again waits behind the breaker,
 * when it is not closed. While it drains, a retry keeps its time: first in line, a message that a receiver cannot take would use up its schedule in minutes.
 */
export function settleDeliveries(env: Env, rows: SettledRow[]): D1PreparedStatement {
  return env.DB.prepare(
    `update deliveries set
       status = case when ${IS_OVER} then deliveries.status else j.value ->> 'status' end,
       reason = case when ${IS_OVER} then deliveries.reason else j.value ->> 'reason' end,
       settled_at = case when ${IS_OVER} then deliveries.settled_at else j.value ->> 'settled' end,
       next_attempt_at = case when ${IS_OVER} or ${IS_PARKED} then null else j.value ->> 'next' end,
       trigger = j.value ->> 'trigger', attempt_count = j.value ->> 'number', step = j.value ->> 'step',
       last_status_code = j.value ->> 'code'
     from json_each(?1) j
     where deliveries.endpoint_id = j.value ->> 'endpoint' and deliveries.message_id = j.value ->> 'message'
       and deliveries.status in ('pending', 'canceled') and deliveries.attempt_count = (j.value ->> 'number') - 1`
  ).bind(JSON.stringify(rows.map(deliveryJson)))
}

function deliveryJson({
  endpoint_id: endpointId,
  message_id: messageId,
  state,
  attempt,
  now,
}: SettledRow) {
  return {
    endpoint: endpointId,
    message: messageId,
    status: state.status,
    reason: state.reason,
    trigger: state.trigger,
    number: state.attempt_count,
    step: state.step,
    next: state.next_attempt_at,
    code: attempt.status_code,
    settled: state.status === 'pending' ? null : now,
  }
}

/** An attempt is recorded once; the number is part of its key. */
export function insertAttempts(env: Env, rows: SettledRow[]): D1PreparedStatement {
  return env.DB.prepare(
    `insert or ignore into attempts (endpoint_id, message_id, number, trigger, started_at, duration_ms,
       outcome, status_code, error_class, response_excerpt)
     select value ->> 'endpoint', value ->> 'message', value ->> 'number', value ->> 'trigger', value ->> 'started',
       value ->> 'duration', value ->> 'outcome', value ->> 'code', value ->> 'class', value ->> 'excerpt'
     from json_each(?1)`
  ).bind(JSON.stringify(rows.map(attemptJson)))
}

function attemptJson({
  endpoint_id: endpointId,
  message_id: messageId,
  state,
  attempt,
}: SettledRow) {
  return {
    endpoint: endpointId,
    message: messageId,
    number: state.attempt_count,
    trigger: attempt.trigger,
    started: attempt.started_at,
    duration: attempt.duration_ms,
    outcome: attempt.outcome,
    code: attempt.status_code,
    class: attempt.error_class,
    excerpt: attempt.excerpt,
  }
}

/** A delivery that is over when it is first written: a test. */
export function insertSettledDelivery(env: Env, row: SettledRow): D1PreparedStatement {
  const { state, attempt } = row
  return env.DB.prepare(
    `insert into deliveries (endpoint_id, message_id, status, reason, attempt_count, step, last_status_code, settled_at)
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`
  ).bind(
    row.endpoint_id,
    row.message_id,
    state.status,
    state.reason,
    state.attempt_count,
    state.step,
    attempt.status_code,
    row.now
  )
}
