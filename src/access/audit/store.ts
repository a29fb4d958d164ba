import { type Actor, describeActor } from '../../core/access/actor'
import { cut } from '../../core/lib/shorten'
import { freshId } from '../../db/ids'
import { auditLog } from '../../db/schema'
import { all, type Bound, batch, statement } from '../../db/statements'
import { keeping } from '../../queue/retention'
import type { Where } from '../where'

/* The rows of the audit log: what the owner did. */

export type AuditRow = typeof auditLog.$inferSelect

/** How many rows one search reads. */
export const SEARCHED = 500
/** In UTF-16 code units: 20 ids, and longer than any slug or name. */
const SUBJECT_MAX = 700

const INSERT = statement<AuditRow>(`
  insert into audit_log (id, act, actor, actor_name, subject, created_at, browser, country)
  values (:id, :act, :actor, :actor_name, :subject, :created_at, :browser, :country)`)

type Range = {
  /** An id. Only older rows are read. */
  before: string
}
export type AuditFilter = {
  /** How the name of the act starts. Empty for all acts. */
  act: string
  /** How the actor starts. Empty for everybody. */
  actor: string
}

const LATEST = `
    select id from audit_log
    where id < :before
    order by id desc
    limit ${SEARCHED}`

const FIND = statement<Range & AuditFilter & { limit: number }, AuditRow>(`
  select a.id, a.act, a.actor, a.actor_name, a.subject, a.created_at, a.browser, a.country
  from (${LATEST}) w
  cross join audit_log a on a.id = w.id
  where substr(a.act, 1, length(:act)) = :act and substr(a.actor, 1, length(:actor)) = :actor
  limit :limit`)

const LAST_READ = statement<Range, { found: number; last_id: string | null }>(`
  select count(*) as found, min(id) as last_id from (${LATEST})`)

/** The rows from a cursor on, oldest first, to find where the page before it starts. */
const FIND_NEWER = statement<{ from: string; limit: number } & AuditFilter, Pick<AuditRow, 'id'>>(`
  select a.id
  from (
    select id from audit_log
    where id >= :from
    order by id
    limit ${SEARCHED}
  ) w
  cross join audit_log a on a.id = w.id
  where substr(a.act, 1, length(:act)) = :act and substr(a.actor, 1, length(:actor)) = :actor
  limit :limit`)

export interface Act {
  act: string
  actor: Actor
  subject: string | null
  where: Where
}

/** @returns the statement that writes the row, and the row */
export function planAct(env: Env, { act, actor, subject, where }: Act, now: number): Bound<never> {
  const row = { id: freshId('aud', now), act, ...describeActor(actor), created_at: now, ...where }
  return INSERT(env, { ...row, subject: subject == null ? null : cut(subject, SUBJECT_MAX) })
}

/**
 * Lists acts, newest first. A filter reads at most 500 rows, so a page may be empty although older rows match.
 * @param before an id of the log, or undefined for the newest acts
 * @returns the acts, and the cursor with which the list goes on, or null at the end
 */
export async function listActs(
  env: Env,
  filter: AuditFilter,
  before: string | undefined,
  limit: number
): Promise<{ data: AuditRow[]; next: string | null }> {
  const range = { before: before ?? '~' }
  const found = FIND(env, { ...range, ...filter, limit: limit + 1 })
  const [{ results }, read] = await batch(env, [found, LAST_READ(env, range)])
  const data = results.slice(0, limit)
  if (results.length > limit) return { data, next: data.at(-1)?.id ?? null }
  const [end] = read.results
  return { data, next: end && end.found >= SEARCHED ? end.last_id : null }
}

/**
 * @param from the cursor of a page
 * @returns the cursor of the page before it; `''` for the first page
 */
export async function findNewer(env: Env, filter: AuditFilter, from: string, limit: number): Promise<string> {
  const rows = await all(FIND_NEWER(env, { from, ...filter, limit: limit + 1 }))
  return rows.length > limit ? (rows.at(-1)?.id ?? '') : ''
}

export const removeOldActs = keeping(auditLog, {
  at: 'id',
  prefix: 'aud',
  kept: 'audit_days',
  limit: { free: 10, paid: 500 },
})
