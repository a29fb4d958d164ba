import { ENTRY_STATUSES } from '../../guestbook/rules/entries/statuses'
import { type Bound, statement } from '../../kit/db/statements'
import { firstIdAt } from '../../kit/lib/ids'
import { isOtherSource } from '../../webhooks/endpoints/built-in-receiver'
import { isOtherUrl } from '../../webhooks/rules/delivering/built-in-receiver'
import { OUTCOMES, type Outcome } from '../../webhooks/rules/delivering/outcome'
import { INBOUND_STATUSES } from '../../webhooks/rules/receiving/inbound-state'
import { type AttemptFigures, addAttempts, type Figures, noFigures } from '../rules/stats/figures'
import { LATENCY_BOUNDS_MS } from '../rules/stats/latency'

/*
 * Counts what happened in a step of time. Each attempt is counted once: with the messages of its time, or, if it was
 * late, by its own time (see webhooks/rules/delivering/late-attempts.ts). Entries and inbound messages are found by the times in
 * their ids. A deleted endpoint keeps its row as long as it has deliveries, so its attempts count too. The built-in
 * receiver does not: it is for trying out, and would count each event twice.
 */

/** One row for each endpoint with attempts. */
type Attempts = { endpoint_id: string; outcomes: string; latency: string; duration_ms: number }

const HAD_REQUEST = `a.outcome <> 'blocked'`
const OUTCOME_COUNTS = OUTCOMES.map((outcome) => `sum(a.outcome = '${outcome}')`)
const LATENCY_COUNTS = [0, ...LATENCY_BOUNDS_MS].map((from, i) => {
  const to = LATENCY_BOUNDS_MS[i]
  // The first bucket has no lower bound, and the last one has no upper bound.
  const bounds = [i > 0 && `a.duration_ms > ${from}`, to !== undefined && `a.duration_ms <= ${to}`].filter(Boolean)
  return `sum(${HAD_REQUEST} and ${bounds.join(' and ')})`
})

/** Reads one row for each endpoint, and one for each of the attempts. */
function countAttempts(which: string) {
  return `
  select e.id as endpoint_id,
    json_array(${OUTCOME_COUNTS.join(', ')}) as outcomes,
    json_array(${LATENCY_COUNTS.join(',\n      ')}) as latency,
    sum(iif(${HAD_REQUEST}, a.duration_ms, 0)) as duration_ms
  from endpoints e
  cross join attempts a ${which}
  group by e.id`
}

const IS_OTHER = isOtherUrl('e.url')

/** Without a message in the period, there can be only late attempts, so this reads no endpoint. */
const ON_TIME = statement<{ after: string; end: string }, Attempts>(
  countAttempts(`on a.endpoint_id = e.id and a.message_id >= :after and a.message_id < :end
  where e.id > '' and ${IS_OTHER} and a.late_at is null
    and exists (select 1 from messages m where m.id >= :after and m.id < :end)`)
)

const LATE = statement<{ from: number; to: number }, Attempts>(
  countAttempts(`indexed by attempts_late
    on a.endpoint_id = e.id and a.late_at >= :from and a.late_at < :to and a.late_at is not null
  where e.id > '' and ${IS_OTHER}`)
)

function countByStatus<S extends string>(
  table: 'comments' | 'inbound_messages',
  statuses: readonly S[],
  which = 'true'
) {
  const counts = statuses.map((status) => `coalesce(sum(status = '${status}'), 0) as "${status}"`)
  return statement<{ after: string; end: string }, Record<S, number>>(`
  select ${counts.join(', ')}
  from ${table}
  where id >= :after and id < :end and ${which}`)
}
const ENTRIES = countByStatus('comments', ENTRY_STATUSES)
const INBOUND = countByStatus('inbound_messages', INBOUND_STATUSES, isOtherSource('source_id'))

/** @param from inclusive @param to exclusive, both in epoch milliseconds */
export function countStep(env: Env, from: number, to: number) {
  const between = (prefix: 'msg' | 'cmt' | 'in') => ({ after: firstIdAt(prefix, from), end: firstIdAt(prefix, to) })
  return {
    on_time: ON_TIME(env, between('msg')),
    late: LATE(env, { from, to }),
    entries: ENTRIES(env, between('cmt')),
    inbound: INBOUND(env, between('in')),
  }
}

type RowsOf<B> = B extends Bound<infer Row> ? Row[] : never
type Found = { [K in keyof ReturnType<typeof countStep>]: RowsOf<ReturnType<typeof countStep>[K]> }

export function toFigures({ on_time, late, entries, inbound }: Found): Figures {
  const none = noFigures()
  const endpoints: Figures['endpoints'] = {}
  for (const row of [...on_time, ...late]) {
    const attempts = toAttempts(row)
    const before = endpoints[row.endpoint_id]
    endpoints[row.endpoint_id] = before ? addAttempts(before, attempts) : attempts
  }
  return { entries: entries[0] ?? none.entries, inbound: inbound[0] ?? none.inbound, endpoints }
}

function toAttempts({ outcomes, latency, duration_ms }: Attempts): AttemptFigures {
  const counts: number[] = JSON.parse(outcomes)
  const byOutcome = OUTCOMES.map((outcome, i) => [outcome, counts[i] ?? 0])
  return {
    outcomes: Object.fromEntries(byOutcome) as Record<Outcome, number>,
    latency: JSON.parse(latency),
    duration_ms,
  }
}
