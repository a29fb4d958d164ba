import type { Context } from 'hono'
import type { HonoEnv } from '../env'

/* What a handler tells the audit log about the request. src/access/audit/record.ts writes it. */

/** How many ids one row names. */
const MAX_SUBJECTS = 20

/** Names what is changed, unless the path does. @param subjects never a secret, an address or the text of an entry */
export function noteSubject(c: Context<HonoEnv>, ...subjects: string[]): void {
  c.set('subject', subjectOf(subjects))
}

export function subjectOf(subjects: string[]): string {
  const more = subjects.length - MAX_SUBJECTS
  return subjects.slice(0, MAX_SUBJECTS).join(' ') + (more > 0 ? ` and ${more} more` : '')
}

/** Says that the request changes nothing, such as a dry run, so that the audit log does not list it. */
export function noteNoChange(c: Context<HonoEnv>): void {
  c.set('changesNothing', true)
}
