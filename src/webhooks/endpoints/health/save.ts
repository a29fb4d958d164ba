import { type Bound, statement } from '../../../kit/db/statements'
import { HEALTH_FIELDS, type Learned, SLOW_NEWS_MS, STABLE_AFTER_MS } from '../../rules/delivering/endpoint-health'
import { isPacing, NEXT_CALL } from '../../rules/delivering/pace'
import { callRetrySql, OPEN_AFTER, waitMs } from '../../rules/delivering/waiting'
import type { attempts, endpoints } from '../../tables/outgoing'
import { HEALTH, type StoredHealth, startInSql } from '../health'

type EndpointRow = typeof endpoints.$inferSelect
type AttemptRow = typeof attempts.$inferSelect

/** A change to one endpoint's health: the columns as they should be, and what the attempts add to them. */
export interface HealthChange extends StoredHealth, Omit<Learned, 'health'> {
  id: string
  /** The revision that the columns were computed from. */
  before: string
  /** False if attempts succeeded on a healthy endpoint. Then there is nothing to write, unless others have failed. */
  is_changed: boolean
  /** One of the attempts, or null. If the table has it, the change was written before. */
  message_id: AttemptRow['message_id'] | null
  number: AttemptRow['number'] | null
}

/** What is added by a change that does not come from an attempt. */
const NOTHING = {
  disable: null,
  was_open: false,
  succeeded: false,
  failures: 0,
  since: null,
  latest: null,
  hold_until: null,
  message_id: null,
  number: null,
} satisfies Partial<HealthChange>
const FIELDS = ['id', 'before', 'is_changed', 'health_rev', ...HEALTH_FIELDS, ...Object.keys(NOTHING)]

/** The columns as an endpoint's row now has them. */
export type SavedHealth = StoredHealth & Pick<EndpointRow, 'id' | 'status'>

/** The row has the revision that was read, or the receiver is gone, whatever else has been learned. */
const TAKES_ALL = `(endpoints.health_rev = j.before or j.disable is 'gone')`
const IS_OPEN = `endpoints.breaker in ('open', 'probing')`
/** The breaker stays open, and nothing is counted. endpoint-health.ts has the whole rule in TypeScript. */
const STAYS_OPEN = `(${IS_OPEN} and not (j.succeeded and j.was_open))`
const POSTPONES = `(endpoints.breaker = 'open' and coalesce(j.hold_until, 0) > coalesce(endpoints.resume_at, 0))`
const FAILURES = `(iif(j.succeeded, 0, endpoints.consecutive_failures) + j.failures)`
const OPENS = `(j.failures > 0 and ${FAILURES} >= ${OPEN_AFTER})`
const IS_SLOW_NEWS = `(coalesce(j.slow_until, 0) - coalesce(endpoints.slow_until, 0) >= ${SLOW_NEWS_MS})`
const IS_PACED = `(${isPacing('endpoints')})`
const HAS_OUTAGE = 'endpoints.outage_since is not null'
/** The success of a call ends an outage: see endpoint-health.ts. */
const RECOVERS = `(j.succeeded and ${HAS_OUTAGE} and ${IS_PACED})`
const ADDS = `case
      when ${TAKES_ALL} then j.is_changed
      when ${STAYS_OPEN} then ${POSTPONES} or ${IS_SLOW_NEWS}
      else j.failures > 0 or j.hold_until is not null or ${IS_SLOW_NEWS}
        or (j.succeeded and (${IS_PACED} or ${IS_OPEN} or endpoints.consecutive_failures > 0 or endpoints.probes > 0
          or endpoints.warnings > 0 or endpoints.failing_since is not null or endpoints.last_failure_at is not null
          or (${HAS_OUTAGE} and endpoints.stable_at is null)))
    end`

/** SQL for a column that success clears. */
const unlessCleared = (column: string): string => `iif(j.succeeded, null, endpoints.${column})`

/** The row after the success, if there is one, and before the failures that followed it: `afterSuccess` in waiting.ts. */
const HELD_UNTIL = `iif(endpoints.breaker = 'held', coalesce(endpoints.resume_at, 0), 0)`
const BEFORE = {
  breaker: `iif(j.succeeded, case when ${IS_PACED} then 'held' when ${IS_OPEN} then 'draining' else endpoints.breaker end,
        endpoints.breaker)`,
  resume_at: `iif(j.succeeded, case
        when ${IS_PACED} then max(${NEXT_CALL}, ${HELD_UNTIL})
        when ${IS_OPEN} then :now
        else endpoints.resume_at
      end, endpoints.resume_at)`,
  probes: `iif(j.succeeded and not (${IS_PACED} and endpoints.breaker = 'held'), 0, endpoints.probes)`,
  stable_at: `iif(j.succeeded and ${HAS_OUTAGE}, coalesce(endpoints.stable_at, :now), endpoints.stable_at)`,
}
const BEFORE_HELD_UNTIL = `iif(${BEFORE.breaker} = 'held', coalesce(${BEFORE.resume_at}, 0), 0)`
const IS_NAMED = `(${BEFORE.breaker} = 'held' and ${BEFORE.probes} > 0)`
const FAILING_SINCE = `coalesce(${unlessCleared('failing_since')}, j.since)`

/** Until when the row is held after failures: the time that the receiver named, or the retry of a call. */
const CALL_RETRY = `iif(${IS_PACED} and j.failures > 0, :now + ${callRetrySql(FAILURES)}, 0)`
const RETRIES_CALL = `(${IS_PACED} and j.failures > 0 and not ${IS_NAMED})`

/** `untilStable` in endpoint-health.ts. */
const OUTAGE = {
  since: `iif(${RECOVERS}, null, endpoints.outage_since)`,
  stable_at: `case
      when ${RECOVERS} or ${OPENS} then null
      when j.failures > 0 and ${HAS_OUTAGE} and ${BEFORE.stable_at} is not null then :now + ${STABLE_AFTER_MS}
      else ${BEFORE.stable_at}
    end`,
}

/**
 * What a column becomes if the row has a later revision with the same start: what the attempts add to it, and what they
 * change while the breaker is open, when the revision belongs to the probe. When the next call is due follows from the
 * pace in the row. The events of the change are dropped, because they were computed from an older state.
 */
const MERGED: Record<Exclude<keyof StoredHealth, 'slow_until'>, [added: string, whileOpen?: string]> = {
  breaker: [
    `case
      when ${OPENS} then 'open'
      when j.hold_until is not null or ${RETRIES_CALL} then 'held'
      else ${BEFORE.breaker}
    end`,
  ],
  resume_at: [
    `case
      when ${OPENS} then max(:now + ${waitMs(0)}, coalesce(j.hold_until, 0), ${BEFORE_HELD_UNTIL})
      when j.hold_until is not null or ${RETRIES_CALL}
        then max(coalesce(j.hold_until, 0), ${CALL_RETRY}, ${BEFORE_HELD_UNTIL})
      when ${BEFORE.breaker} = 'closed' then ${OUTAGE.stable_at}
      else ${BEFORE.resume_at}
    end`,
    `iif(${POSTPONES}, j.hold_until, endpoints.resume_at)`,
  ],
  probes: [
    `case
      when ${OPENS} then 0
      when j.hold_until is not null and not ${IS_NAMED} then max(j.probes, 1)
      when ${RETRIES_CALL} then 0
      else ${BEFORE.probes}
    end`,
  ],
  consecutive_failures: [FAILURES],
  failing_since: [FAILING_SINCE],
  last_failure_at: [`nullif(max(coalesce(${unlessCleared('last_failure_at')}, 0), coalesce(j.latest, 0)), 0)`],
  warnings: ['iif(j.succeeded, 0, endpoints.warnings)'],
  outage_since: [`iif(${OPENS}, coalesce(${OUTAGE.since}, ${FAILING_SINCE}, :now), ${OUTAGE.since})`],
  outage_failures: [
    `case
      when ${OPENS} then max(iif(${RECOVERS}, 0, endpoints.outage_failures), ${FAILURES})
      when ${RECOVERS} then 0
      else endpoints.outage_failures
    end`,
  ],
  stable_at: [OUTAGE.stable_at],
  health_rev: [
    `iif(${RECOVERS}, j.health_rev, j.health_rev || '+')`,
    `iif(${POSTPONES}, j.health_rev || '+', endpoints.health_rev)`,
  ],
}

function nextOf(column: keyof StoredHealth): string {
  if (column === 'slow_until') return `iif(${IS_SLOW_NEWS}, j.slow_until, endpoints.slow_until)`
  const [added, whileOpen = `endpoints.${column}`] = MERGED[column]
  return `case when ${TAKES_ALL} then j.${column} when ${STAYS_OPEN} then ${whileOpen} else ${added} end`
}

const SAVE = statement<{ changes: string; now: number }, SavedHealth>(`
  update endpoints
  set ${HEALTH.assigned(nextOf)},
    status = iif(j.disable is not null and ${TAKES_ALL}, 'disabled', endpoints.status),
    disabled_reason = iif(${TAKES_ALL}, coalesce(j.disable, endpoints.disabled_reason), endpoints.disabled_reason),
    disabled_at = iif(j.disable is not null and ${TAKES_ALL}, :now, endpoints.disabled_at)
  from (select ${FIELDS.map((field) => `value ->> '${field}' as ${field}`).join(', ')} from json_each(:changes)) j
  where endpoints.id = j.id
    and endpoints.status = 'enabled'
    and ${startInSql('endpoints.health_rev')} = ${startInSql('j.before')}
    and not exists (
      select 1 from attempts a
      where a.endpoint_id = j.id and a.message_id = j.message_id and a.number = j.number)
    and ${ADDS}
  returning endpoints.id, endpoints.status, ${HEALTH.of()}`)

/**
 * Writes health changes. If a row has another revision than the one that was read, the results are added to it, so that
 * overlapping orders lose nothing, except results from before a fresh start. @returns the changed rows, as they are now
 */
export function saveHealth(env: Env, changes: HealthChange[], now: number): Bound<SavedHealth> {
  return SAVE(env, { changes: JSON.stringify(changes), now })
}

/** Writes health if the row still has the revision `before`: then the statement returns the revision of `after`. */
export function replaceHealth(
  env: Env,
  { id, before, after }: { id: string; before: string; after: StoredHealth },
  now: number
): Bound<SavedHealth> {
  return saveHealth(env, [{ id, before, is_changed: true, ...after, ...NOTHING }], now)
}
