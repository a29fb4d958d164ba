import type { Context, Next } from 'hono'
import type { HonoEnv } from '../../env'
import { subjectIn } from '../../kit/acts'
import { watchWrites } from '../../kit/db/size'
import { type Bound, batch } from '../../kit/db/statements'
import { subjectOf } from '../../kit/note-act'
import { logFault } from '../../log'
import { actOf, COMMENT_ACTS } from '../acts'
import { clientOf } from '../client'
import { routeOf } from '../route'
import { planAuditEntry } from './store'

/** Names the act more exactly than its route does: what happened to an entry. */
export function noteAct(c: Context<HonoEnv>, what: keyof typeof COMMENT_ACTS): void {
  c.set('act', COMMENT_ACTS[what])
}

/** Names an act that was done together with that of the route. It gets a row of its own. */
export function noteAlso(c: Context<HonoEnv>, act: string, ...subjects: string[]): void {
  c.set('also', [...(c.get('also') ?? []), { act, subject: subjectOf(subjects) }])
}

/** Runs the handlers of a request, then records what the owner did. The owner must have been identified before. */
export async function audited(c: Context<HonoEnv>, next: Next): Promise<void> {
  const mayHaveActed = watchWrites(c.env.DB)
  await next()
  await recordAct(c, c.get('isUnsure') ?? mayHaveActed(c.res.status))
}

/**
 * Writes what the owner did to the audit log, before the response is sent. The act itself is already stored, so a
 * failure to write the rows is only logged, and undoes nothing.
 * @param isUnsure whether nobody knows if the request has acted: then the log says so, because a row could be wrong
 */
async function recordAct(c: Context<HonoEnv>, isUnsure: boolean): Promise<void> {
  const rows = isUnsure || c.res.status < 400 ? planAuditRecords(c) : []
  if (rows.length === 0) return
  const note = (cause: unknown) => logFault('audit.fault', cause, { act: nameOf(c), actor: c.get('actor')?.kind })
  if (isUnsure) return note(c.error ?? c.res.status)
  await batch(c.env, rows).catch(note)
}

/**
 * Plans the rows of the audit log. A route that is not behind `audited` runs them in the batch of its own change.
 * @returns none if the request is not the owner's or changes nothing
 */
export function planAuditRecords(c: Context<HonoEnv>): Bound<never>[] {
  const actor = c.get('actor')
  // First, because a guest's request costs nothing more.
  if (!actor || c.get('changesNothing')) return []
  const route = routeOf(c)
  const act = nameOf(c)
  if (!route || act === null) return []
  const subject = c.get('subject') ?? subjectIn(route.path, c.req.path)
  const acts = [{ act, subject, details: c.get('details') ?? [] }, ...(c.get('also') ?? [])]
  return acts.map((one) => planAuditEntry(c.env, { ...one, actor, client: clientOf(c) }, c.get('now')))
}

/** @returns the name of the act, or null if the route changes nothing */
function nameOf(c: Context<HonoEnv>): string | null {
  const route = routeOf(c)
  if (!route || route.method === 'GET') return null
  const act = c.get('act') ?? actOf(route.method, route.path)
  // A test makes sure that the table lists every route.
  return act === undefined ? 'other' : act
}
