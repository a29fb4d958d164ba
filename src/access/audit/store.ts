import { type Actor, describeActor } from '../../kit/actor'
import { freshId } from '../../kit/db/ids'
import { columnsOf } from '../../kit/db/rows'
import { scanned } from '../../kit/db/scanned'
import type { Bound } from '../../kit/db/statements'
import { cut } from '../../kit/lib/text/shorten'
import { keeping } from '../../kit/sweep/retention'
import type { Client } from '../client'
import { auditLog } from '../tables'

/* The rows of the audit log: what the owner did. */

export type AuditRow = typeof auditLog.$inferSelect

/** In UTF-16 code units: 20 ids, and longer than any slug or name. */
const SUBJECT_MAX = 700
/** In UTF-16 code units: longer than what can change in a book. */
const CHANGES_MAX = 4_000

const ACT = columnsOf(auditLog)
const INSERT = ACT.insert<AuditRow>({})

export type AuditFilter = {
  /** How the name of the act starts. Empty for all acts. */
  act: string
  /** How the actor starts. Empty for everybody. */
  actor: string
}

/** Lists acts, newest first. `logins`: 0 leaves out logins and logouts. */
export const listActs = scanned<AuditFilter & { logins: 0 | 1 }, AuditRow>({
  from: 'audit_log',
  read: ACT.of(),
  where: `substr(w.act, 1, length(:act)) = :act and substr(w.actor, 1, length(:actor)) = :actor
    and (:logins or w.act not in ('session.opened', 'session.closed'))`,
  show: ACT.of('w'),
})

/** @returns what changed, one line for each change */
export const changesOf = ({ changes }: Pick<AuditRow, 'changes'>): string[] => changes?.split('\n') ?? []

export interface AuditEntry {
  act: string
  actor: Actor
  subject: string | null
  /** What changed, one line for each change. */
  details?: string[]
  client: Client
}

/** @returns the statement that writes the row, and the row */
export function planAuditEntry(
  env: Env,
  { act, actor, subject, details = [], client }: AuditEntry,
  now: number
): Bound<never> {
  const row = { id: freshId('aud', now), act, ...describeActor(actor), created_at: now, ...client }
  const changes = cut(details.join('\n'), CHANGES_MAX) || null
  return INSERT(env, { ...row, subject: subject == null ? null : cut(subject, SUBJECT_MAX), changes })
}

export const removeOldActs = keeping(auditLog, {
  at: 'id',
  prefix: 'aud',
  kept: 'audit_days',
  limit: { free: 10, paid: 500 },
})
