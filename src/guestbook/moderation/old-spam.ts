import { firstIdAt } from '../../kit/lib/ids'
import type { Budget } from '../../kit/sweep/subrequest-budget'
import { SPAM_KEPT_MS } from '../rules/entries/decide'
import { listOldSpam } from '../store'
import { DELETION_STATEMENTS, deleteComments, MAX_AT_ONCE } from './moderate'

/** Removes spam that is older than 30 days, one page per sweep. @returns how many entries were removed */
export async function removeOldSpam(env: Env, now: number, budget: Budget): Promise<number> {
  if (!budget.take(1)) return 0
  const [first, ...others] = await listOldSpam(env, firstIdAt('cmt', now - SPAM_KEPT_MS), MAX_AT_ONCE)
  if (!first || !budget.take(DELETION_STATEMENTS + 1)) return 0
  // The deletion loads each book, so one sweep stays with one book.
  const comments = [first, ...others.filter(({ book }) => book === first.book)]
  // Spam is on no page, so no event reports its removal, and no link needs the origin.
  return deleteComments({ env, now, linkOrigin: () => 'https://guestbook.invalid' }, comments)
}
