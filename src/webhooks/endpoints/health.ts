import { columnsOf, type RowOf } from '../../kit/db/rows'
import { all, type Bound, run, statement } from '../../kit/db/statements'
import { isParked } from '../rules/delivering/delivery-state'
import {
  type EndpointHealth,
  HEALTH_FIELDS,
  type Learned,
  newStart,
  SLOW_NEWS_MS,
  STABLE_AFTER_MS,
} from '../rules/delivering/endpoint-health'
import { endpointCanBe } from '../rules/delivering/endpoint-state'
import { FIRST_CALL, isPacing, NEXT_CALL, paceOf } from '../rules/delivering/pace'
import { callRetrySql, OPEN_AFTER, waitMs } from '../rules/delivering/waiting'
import { type attempts, endpoints } from '../tables/outgoing'

/*
 * The health of endpoints in D1, computed by the rules in webhooks/rules/delivering/endpoint-health.ts. New health
 * replaces only the revision (`health_rev`) that it was computed from, so two writers never overwrite each other's
 * changes. Attempts write what they add with `saveHealth`.
 */

type EndpointRow = typeof endpoints.$inferSelect

/** The columns of health, with the revision that was read. Every write to health creates a new revision. */
export const HEALTH = columnsOf(endpoints, ...HEALTH_FIELDS, 'health_rev')
export type StoredHealth = RowOf<typeof HEALTH>

/** @returns only the health columns of a row */
export const healthOf = (row: EndpointHealth): EndpointHealth => JSON.parse(JSON.stringify(row, HEALTH_FIELDS))

/** @returns the revision of a fresh start: the results of earlier attempts are not added to it */
export const newRev = (): string => crypto.randomUUID()

/** The part of a revision before the colon, which identifies the last fresh start. */
export const startOfRev = (rev: string): string => rev.split(':', 1)[0] ?? ''

/** @returns the revision after `before`, with the same start */
export const nextRev = (before: string): string => `${startOfRev(before)}:${crypto.randomUUID()}`

/** SQL for `startOfRev`. */
const startInSql = (rev: string): string => `substr(${rev}, 1, instr(${rev} || ':', ':') - 1)`

/** SQL for what `nextRev` returns. */
const NEXT_REV = `${startInSql('health_rev')} || ':' || :health_rev`

const RESUMING = columnsOf(
  endpoints,
  'id',
  'status',
  'url',
  'description',
  'rate_limit',
  'min_interval_minutes',
  'digest_hour',
  'health_rev',
  ...HEALTH_FIELDS
)
export type ResumingEndpoint = RowOf<typeof RESUMING>

const FIND_RESUMING = RESUMING.of().from<{ id: string; now: number }>('endpoints where id = :id and resume_at <= :now')

/** @returns a statement that finds the endpoint if its `resume_at` has been reached */
export function findResuming(env: Env, id: string, now: number): Bound<ResumingEndpoint> {
  return FIND_RESUMING(env, { id, now })
}

const LIST_RESUMING = RESUMING.of().from<{ now: number; limit: number }>(`
  endpoints
  where resume_at is not null and resume_at <= :now
  order by resume_at
  limit :limit`)

/** Lists endpoints whose parked deliveries need a probe, the next page, or canceling now. */
export async function listResuming(env: Env, now: number, limit: number): Promise<ResumingEndpoint[]> {
  return all(LIST_RESUMING(env, { now, limit }))
}

const CLOSE_IF_DRAINED = statement<{ id: string; before: string; health_rev: string }>(`
  update endpoints
  set breaker = 'closed', resume_at = stable_at, health_rev = :health_rev
  where id = :id
    and health_rev = :before
    and not exists (
      select 1 from deliveries indexed by deliveries_parked
      where endpoint_id = :id and ${isParked('deliveries')})`)

/**
 * Closes the breaker if no delivery is parked anymore. A single statement, so that none is parked behind a breaker that
 * has just closed: what parks a delivery checks the breaker. @param change the revisions that were read and are written
 */
export const closeIfDrained = (env: Env, change: { id: string; before: string; health_rev: string }): Bound<never> =>
  CLOSE_IF_DRAINED(env, change)

const END_OUTAGE = statement<{ id: string; before: string; by: number; health_rev: string }>(`
  update endpoints
  set outage_since = null, outage_failures = 0, stable_at = null, resume_at = null, health_rev = :health_rev
  where id = :id and health_rev = :before and status = 'enabled' and breaker = 'closed' and stable_at <= :by`)

/** Ends the outage of an endpoint that waits for nothing. @param change `by`: the outage was to end by then */
export const endOutage = (env: Env, change: { id: string; before: string; by: number; health_rev: string }) =>
  END_OUTAGE(env, change)

const BEGIN_DRAINING = statement<{ id: string; now: number; health_rev: string }>(`
  update endpoints
  set breaker = iif(coalesce(min_interval_minutes, 0) > 0, 'held', 'draining'),
    resume_at = iif(coalesce(min_interval_minutes, 0) > 0, ${FIRST_CALL}, :now),
    health_rev = ${NEXT_REV}
  where id = :id and status = 'enabled' and breaker = 'closed'`)

/** Must precede, in the same batch, statements that park deliveries to an endpoint whose breaker may be closed. */
export function beginDraining(env: Env, id: string, now: number): Bound<never> {
  return BEGIN_DRAINING(env, { id, now, health_rev: newRev() })
}

const BEGIN_CALLS = statement<{ ids: string; now: number; health_rev: string }, Pick<EndpointRow, 'id' | 'resume_at'>>(`
  update endpoints
  set breaker = 'held', probes = 0, resume_at = ${FIRST_CALL}, health_rev = ${NEXT_REV}
  from json_each(:ids) j
  where endpoints.id = j.value
    and status = 'enabled'
    and breaker = 'closed'
    and min_interval_minutes > 0
  returning id, resume_at`)

/**
 * Endpoints that get calls, and whose breaker is closed, wait for their next call, so that their deliveries are parked.
 * @returns those that were changed
 */
export function beginCalls(env: Env, ids: string[], now: number): Bound<Pick<EndpointRow, 'id' | 'resume_at'>> {
  return BEGIN_CALLS(env, { ids: JSON.stringify(ids), now, health_rev: newRev() })
}

type Enabling = StoredHealth & Pick<EndpointRow, 'id' | 'url'> & { now: number; resumes: 0 | 1 }

/** An outage goes on until an attempt succeeds. */
const STAYS: readonly string[] = ['outage_since', 'outage_failures']

const ENABLE = statement<Enabling>(`
  update endpoints
  set status = 'enabled',
    ${HEALTH.assigned((name) => (STAYS.includes(name) ? name : `:${name}`))},
    disabled_reason = null,
    disabled_at = null,
    updated_at = :now
  where id = :id
    and url = :url
    and iif(:resumes = 1, ${endpointCanBe('resumed')}, ${endpointCanBe('enabled')})`)

/**
 * Enables a disabled endpoint: a fresh start. @param before its URL must still be the same
 * @param change `act`: whether the owner enables it, or its integrator resumes it. `health_rev`: what this writes
 */
export function enableEndpoint(
  env: Env,
  before: EndpointRow,
  now: number,
  { act, health_rev }: { act: 'enabled' | 'resumed'; health_rev: string }
) {
  const { id, url } = before
  const health = newStart('enabled', before, paceOf(before), now)
  return ENABLE(env, { ...health, id, url, now, health_rev, resumes: act === 'resumed' ? 1 : 0 })
}

const DISABLE = statement<{ id: string; reason: string; now: number; health_rev: string }>(`
  update endpoints
  set status = 'disabled',
    disabled_reason = :reason,
    disabled_at = coalesce(disabled_at, :now),
    updated_at = :now,
    breaker = 'closed',
    resume_at = null,
    health_rev = :health_rev
  where id = :id
    and iif(:reason = 'manual', ${endpointCanBe('disabled')}, ${endpointCanBe('paused')})`)

/**
 * Disables an endpoint. The owner's reason replaces any other, so that an integrator cannot resume the endpoint.
 * @returns whether this has changed it
 */
export async function disableEndpoint(env: Env, id: string, reason: 'manual' | 'paused', now: number) {
  return (await run(DISABLE(env, { id, reason, now, health_rev: newRev() }))) > 0
}

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
