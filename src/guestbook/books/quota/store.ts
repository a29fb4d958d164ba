import { columnsOf } from '../../../kit/db/rows'
import { all, run, statement } from '../../../kit/db/statements'
import { oldestDay, removeOldVisitorKeys } from '../../../kit/http/visitor'
import type { Chore } from '../../../kit/sweep/subrequest-budget'
import { quotaBytes, type Shares, sharesOf } from '../../rules/entries/quota'
import { books } from '../../tables'
import { type Book, toBook } from '../book'
import { IF_CHANGED } from '../store'
import { FORMS_NOTED, type FormOfEntry, NOTE_FORM } from './sent-forms'

/*
 * What strangers store on one day, counted in the row of a book, which each new entry writes anyway. A network is known
 * by a hash that says nothing once the key of its day has been deleted: see kit/http/visitor.ts.
 */

/** What is stored. `network` is empty if the owner stores it. `quota` is 0 for no limit: then it is not counted. */
export type QuotaUse = Shares & { day: number; network: string; bytes: number; quota: number }

const USED = 'iif(quota_day = :day, quota_bytes, 0)'
const SHARES = "iif(quota_day = :day, shares, '{}')"
/** What a network has stored in all books. */
const OF_NETWORK = `coalesce((
      select sum(b.shares ->> :network) from books b where b.slug > '' and b.quota_day = :day), 0)`
const IS_OVER = `(:quota > 0 and (
      ${USED} + :bytes > :quota
      or ${OF_NETWORK} + :bytes > iif(${USED} * 2 < :quota, :share, :late_share)))`

/** A book remembers the shares of about 2,000 networks. If there are more, it starts over. */
const MAX_SHARES_LENGTH = 40_000

const NEW_SHARES = `json_patch(
      iif(length(shares) > ${MAX_SHARES_LENGTH}, '{}', ${SHARES}),
      json_object(:network, coalesce(${SHARES} ->> :network, 0) + cast(:bytes as integer)))`

/** Counts what is stored. Beyond the quota or the share, `quota_bytes` becomes NULL, and the statement fails. */
const COUNT_USE = `quota_day = :day,
    quota_bytes = iif(${IS_OVER}, null, ${USED} + iif(:quota > 0, :bytes, 0)),
    shares = iif(:quota > 0, ${NEW_SHARES}, ${SHARES})`

type NewNumber = QuotaUse & FormOfEntry & { id: string; book: string; published: number; if_changed: number }

/**
 * Gives a new entry the next number of its book. Beyond the quota, the statement sets `quota_bytes` to NULL and fails:
 * see `refuseIfNull` in kit/http/problem.ts. If the form was sent before, it sets `sent_forms` to NULL and fails as
 * well.
 * @param published 1 if the entry appears on the page, otherwise 0
 */
export const TAKE_NUMBER = statement<NewNumber>(`
  update books
  set comment_count = comment_count + 1,
    published_count = published_count + :published,
    version = version + :published,
    ${COUNT_USE},
    ${NOTE_FORM}
  where slug = :book and ${IF_CHANGED}`)

/** Does the same for what a stranger stores without a new entry. */
export const CHARGE = statement<QuotaUse & { book: string }>(`
  update books
  set ${COUNT_USE}
  where slug = :book and changes() > 0`)

type NetworkUse = Pick<QuotaUse, 'day' | 'network' | 'bytes'>

export const FIND_SHARE = statement<Omit<NetworkUse, 'bytes'>, { used: number }>(`
  select ${OF_NETWORK} as used`)

/** Counts what a network has stored outside of a book. */
export const ADD_SHARE = statement<NetworkUse & { book: string }>(`
  update books
  set quota_day = :day, quota_bytes = ${USED}, shares = ${NEW_SHARES}
  where slug = :book`)

/** A book keeps this many spam entries a day. Further spam is only counted, so that a flood costs little. */
const MAX_SPAM_PER_DAY = 500

/** How many bytes of spam a book keeps of one day. */
const MAX_SPAM_BYTES = 1_000_000

/** A count of the day, or 0 if the last spam came on another day. */
const ofToday = (path: string) => `coalesce(iif(spam ->> 'day' = :day, spam ->> ${path}, 0), 0)`

const IS_ROOM = `${ofToday("'kept'")} < ${MAX_SPAM_PER_DAY} and ${ofToday("'bytes'")} + :bytes <= ${MAX_SPAM_BYTES}`

/**
 * Counts a spam entry, and takes the next number of the book for it if it is kept. It fails like `TAKE_NUMBER`, so that
 * a bot learns nothing from a refusal.
 */
export const COUNT_SPAM = statement<Omit<NewNumber, 'published'> & { reason: string }>(`
  update books
  set comment_count = comment_count + is_room,
    quota_day = :day,
    quota_bytes = iif(${IS_OVER}, null, ${USED} + iif(:quota > 0 and is_room, :bytes, 0)),
    shares = iif(:quota > 0 and is_room, ${NEW_SHARES}, ${SHARES}),
    sent_forms = iif(is_room, ${FORMS_NOTED}, sent_forms),
    spam = json_patch(
      iif(spam ->> 'day' = :day, spam, json_object('day', :day)),
      json_object(
        'total', ${ofToday("'total'")} + 1,
        'bytes', ${ofToday("'bytes'")} + iif(is_room, :bytes, 0),
        'kept', ${ofToday("'kept'")} + is_room,
        'keeps_last', is_room,
        'reasons', json_object(:reason, ${ofToday("('$.reasons.' || :reason)")} + 1)))
  from (select ${IS_ROOM} as is_room from books where slug = :book) r
  where slug = :book and ${IF_CHANGED}`)

/** Whether a book keeps the entry that `COUNT_SPAM` has just counted. */
export const KEEPS_SPAM = "spam ->> 'keeps_last' = 1"

/** The counts of the last day with spam. `day` is in days since 1970; `bytes` is the size of what is kept. */
export interface SpamCount {
  day: number
  total: number
  bytes: number
  kept?: number
  reasons: Record<string, number>
}

const FIND_SPAM = columnsOf(books, 'spam').from<{ from: string; to: string }>(`
  books where slug >= :from and slug <= :to and slug > '' and deleted_at is null`)

/** @param slug null for all books, of which there are few @returns the spam of a day, or null if there was none */
export async function readSpamCount(env: Env, slug: string | null, day: number): Promise<SpamCount | null> {
  const rows = await all(FIND_SPAM(env, { from: slug ?? '', to: slug ?? '~' }))
  const counts = rows.map(({ spam }): SpamCount => JSON.parse(spam)).filter((one) => one.day === day)
  return counts.length === 0 ? null : counts.reduce(addSpam)
}

function addSpam(sum: SpamCount, one: SpamCount): SpamCount {
  const reasons = { ...sum.reasons }
  for (const [reason, count] of Object.entries(one.reasons ?? {})) reasons[reason] = (reasons[reason] ?? 0) + count
  const kept = (sum.kept ?? sum.total) + (one.kept ?? one.total)
  return { ...sum, total: sum.total + one.total, bytes: sum.bytes + one.bytes, kept, reasons }
}

/** How many webmentions a book accepts on one day. They are counted beside its spam, and are no part of its total. */
const MAX_MENTIONS_PER_DAY = 500

/** Counts a webmention, and what it stores. Beyond the limit, the statement sets `spam` to NULL and fails. */
export const COUNT_MENTION = statement<QuotaUse & { book: string }>(`
  update books
  set spam = iif(${ofToday("'mentions'")} >= ${MAX_MENTIONS_PER_DAY}, null, json_patch(
      iif(spam ->> 'day' = :day, spam, json_object('day', :day, 'total', 0, 'bytes', 0)),
      json_object('mentions', ${ofToday("'mentions'")} + 1))),
    ${COUNT_USE}
  where slug = :book`)

const FORGET_SHARES = statement<{ day: number }>(`
  update books
  set shares = '{}'
  where slug > '' and quota_day < :day and shares <> '{}'`)

/** Forgets the networks of a day together with its key. @returns how many books and keys were changed */
export const forgetNetworks: Chore = async (env, now, budget) => {
  if (!budget.take(2)) return 0
  return (await run(FORGET_SHARES(env, { day: oldestDay(now) }))) + (await removeOldVisitorKeys(env, now))
}

/** What strangers have stored in a book today. `most` came from one network. */
type UseRow = { slug: string; title: string; settings: string; used: number; networks: number; most: number }

/** Reads all books, of which there are few. */
export const LIST_USE = statement<{ day: number }, UseRow>(`
  select slug, title, settings, quota_bytes as used,
    (select count(*) from json_each(shares)) as networks,
    (select coalesce(max(value), 0) from json_each(shares)) as most
  from books
  where slug > '' and deleted_at is null and quota_day = :day and shares <> '{}'`)

export type BookUse = Pick<UseRow, 'used' | 'networks' | 'most'> & { book: Book; quota: number }

/** @returns the books in which strangers store so much that the owner should look */
export function findBusy(rows: UseRow[]): BookUse[] {
  return rows
    .map(({ used, networks, most, ...row }) => {
      const book = toBook(row)
      return { book, used, networks, most, quota: quotaBytes(book) }
    })
    .filter(({ used, most, quota }) => quota > 0 && (used * 2 >= quota || most * 2 >= sharesOf(quota).share))
}
