import { portable } from '../../kit/db/portable'
import { all, type Bound, batch, statement } from '../../kit/db/statements'
import { overQuota, Refusal, refuseIfNull, tooMany } from '../../kit/http/problem'
import { HOUR_MS, MINUTE_MS } from '../../kit/lib/time'
import { claiming } from '../../kit/sweep/oldest-rows'
import { COUNT_MENTION, type QuotaUse } from '../books/quota/store'
import type { CommentRow } from '../store'
import { webmentions } from '../tables'

/* The mentions that other sites have announced, one row for each source and target. */

type Row = typeof webmentions.$inferSelect
export type Claimed = Omit<Row, 'due_at' | 'fetched_at'> & { fetched_at: number }

/** A mention that was claimed, with the entry that shows it, if there is one. */
export type Checked = { mention: Claimed; comment: CommentRow | null }

/** No source is fetched twice within this time. */
export const FETCH_EVERY_MS = HOUR_MS

/** How many pages of ours a source can mention. Verifying all of them takes fewer than 50 queries. */
const MAX_TARGETS = 5
/** How many mentions can wait at the same time, from all senders together. */
export const MAX_WAITING_MENTIONS = 1_000

/**
 * Stores a mention, or makes it due again. If a limit has been reached, the statement sets `received_at` (too many
 * mentions wait) or `book` (too many targets) to NULL and fails: see `refuseIfNull` in kit/http/problem.ts.
 */
const RECEIVE = statement<Pick<Row, 'source' | 'target' | 'book'> & { now: number }, Pick<Row, 'due_at'>>(`
  insert into webmentions (source, target, received_at, book, due_at)
  values (:source, :target,
    iif((select count(*) from (
        select 1 from webmentions indexed by webmentions_due where due_at is not null limit ${MAX_WAITING_MENTIONS}
      )) >= ${MAX_WAITING_MENTIONS}, null, :now),
    iif((
        select count(*) from webmentions
        where source = :source and target <> :target and (due_at is not null or comment_id is not null)
      ) >= ${MAX_TARGETS}, null, :book),
    max(:now, coalesce((select max(fetched_at) from webmentions where source = :source), 0) + ${FETCH_EVERY_MS}))
  on conflict (source, target) do update set
    received_at = excluded.received_at,
    book = excluded.book,
    -- The entry belonged to another book, which had the same slug and was removed.
    comment_id = iif((select created_at from books where slug = :book) > fetched_at, null, comment_id),
    attempts = iif(due_at is null, 0, attempts),
    due_at = coalesce(due_at, excluded.due_at)
  returning due_at`)

/** @param use what the mention and its entry store @returns when the source will be fetched, in epoch milliseconds */
export async function storeMention(
  env: Env,
  mention: Pick<Row, 'source' | 'target' | 'book'>,
  use: QuotaUse,
  now: number
): Promise<number> {
  // The daily limits come first, because they are the cheapest to check.
  const insert = () => batch(env, [COUNT_MENTION(env, { ...mention, ...use }), RECEIVE(env, { ...mention, now })])
  const tooManyToday = () =>
    overQuota('This guestbook accepts no more webmentions today. Send it again tomorrow (UTC).', now)
  const limits = {
    'webmentions.received_at': () => tooMany('Too many webmentions wait to be checked. Send this one again later.'),
    'webmentions.book': tooManyTargets,
    'books.spam': tooManyToday,
    'books.quota_bytes': tooManyToday,
  }
  const [, received] = await refuseIfNull(limits, insert)
  return received.results[0]?.due_at ?? now
}

function tooManyTargets(): Refusal {
  const detail = `A page can mention up to ${MAX_TARGETS} pages of this guestbook. Send fewer webmentions for it.`
  return new Refusal(422, 'too_many_targets', detail)
}

/** A mention whose check crashes every time is given up after this many attempts. */
const MAX_CRASHES = 10

/** Claims the mentions of a source, unless it was fetched within the hour. After a crash, they are due in an hour. */
const CLAIM = statement<{ source: string; now: number }, Claimed>(`
  update webmentions
  set fetched_at = :now, attempts = attempts + 1, due_at = iif(attempts < ${MAX_CRASHES}, :now + ${FETCH_EVERY_MS}, null)
  where source = :source
    and due_at is not null
    and not exists (select 1 from webmentions w where w.source = :source and w.fetched_at > :now - ${FETCH_EVERY_MS})
  returning source, target, book, comment_id, received_at, attempts, reason, fetched_at`)

export async function claimMentions(env: Env, source: string, now: number): Promise<Claimed[]> {
  return all(CLAIM(env, { source, now }))
}

type CheckResult = Pick<Row, 'comment_id' | 'due_at' | 'attempts' | 'reason'>

/** A mention that was received while its source was being fetched is due again after an hour. */
const settling = (comment_id: string) =>
  statement<CheckResult & Pick<Claimed, 'source' | 'target' | 'fetched_at'> & { was: string | null }>(`
  update webmentions
  set comment_id = ${comment_id},
    due_at = iif(received_at > fetched_at, fetched_at + ${FETCH_EVERY_MS}, :due_at),
    attempts = :attempts,
    reason = :reason
  where source = :source and target = :target and fetched_at = :fetched_at and comment_id is :was`)

const SETTLE = settling(':comment_id')

/** What the owner has rejected stays rejected, even if that happened during the fetch. */
const SETTLE_REMOVED = settling(`iif(exists (
      select 1 from comments c where c.id = :was and c.status in ('published', 'held')), null, :was)`)

/** Writes the result, unless another consumer claimed the mention. @param changes what differs from a verified one */
export function settle(env: Env, mention: Claimed, changes: Partial<CheckResult>, write = SETTLE): Bound<never> {
  const { source, target, fetched_at, comment_id } = mention
  const done = { comment_id, due_at: null, attempts: 0, reason: null }
  return write(env, { source, target, fetched_at, was: comment_id, ...done, ...changes })
}

/** Writes that the source no longer mentions the book. Runs before the entry is deleted. */
export const settleRemoved = (env: Env, mention: Claimed, reason: string): Bound<never> =>
  settle(env, mention, { reason }, SETTLE_REMOVED)

/** How long the queue has to check a mention before the sweep wakes it again. */
const LEASE_MS = 5 * MINUTE_MS

const CLAIM_DUE = claiming(webmentions, {
  at: 'due_at',
  index: 'webmentions_due',
  until: `:now + ${LEASE_MS}`,
  returns: ['source'],
})

/** Claims mentions that are due. @returns their sources */
export async function claimDueMentions(env: Env, now: number, limit: number): Promise<string[]> {
  const rows = await all(CLAIM_DUE(env, { now, limit }))
  return [...new Set(rows.map(({ source }) => source))]
}

/** With them, a mention that is sent again after a restore adds no second entry, and a rejected one stays rejected. */
export const PORTABLE_WEBMENTIONS = portable(
  webmentions,
  ['source', 'target', 'book', 'comment_id', 'received_at', 'fetched_at'],
  {
    condition: 'comment_id is not null',
  }
)

/** A rejected mention stays rejected for a year from its deletion. @param ids a JSON list of entries to be deleted */
export const REMEMBER_REJECTED = statement<{ ids: string; now: number }>(`
  update webmentions set received_at = :now
  where source in (
      select c.extra ->> 'mention' from json_each(:ids) j cross join comments c on c.id = j.value)
    and comment_id in (select value from json_each(:ids))`)
