import * as z from 'zod'
import { bodyOf } from '../../kit/body-schema'
import { freshId } from '../../kit/db/ids'
import { all, batch, first, run } from '../../kit/db/statements'
import { eraseAnswers } from '../../kit/http/act-once'
import { fittingIn, iso } from '../../kit/http/pagination'
import { invalid, notFound, Refusal, refuseIfNull } from '../../kit/http/problem'
import { findNetwork } from '../../kit/http/visitor'
import { DAY_MS } from '../../kit/lib/time'
import type { Chore } from '../../kit/sweep/subrequest-budget'
import { toBook } from '../books/book'
import { forgetBook, readBook, requireBook } from '../books/cache'
import { ADD_BAN, REMOVE_BAN, REMOVE_ENDED_BANS } from '../books/store'
import { judgeLine } from '../rules/entries/book-texts'
import {
  BAN_KINDS,
  BAN_MAX,
  type Ban,
  hostIn,
  isActive,
  isBannedText,
  isSameBan,
  MAX_BANS,
} from '../rules/entries/match-bans'
import { saidIn } from '../signing/judge'
import { type CommentRow, FIND_AUTHOR, LAST, LIST_OF_BOOK } from '../store'

/** Addresses are assigned to other people over time, so a ban by network lasts at most this long. */
export const MAX_VISITOR_DAYS = 30
const MAX_DAYS = 3_650

export const banIn = bodyOf('BanIn', {
  by: z.enum(BAN_KINDS).meta({
    description:
      '`visitor`: the network of the guest, only if the entry is from today or yesterday. `name`: the whole name. `website`: the host of the website. `word`: a word or phrase anywhere in the entry.',
    example: 'website',
  }),
  comment_id: z
    .string()
    .max(100)
    .optional()
    .describe("The ID of one of the guest's entries. Required with `visitor`. A ban by `word` has its own `value`."),
  value: z.string().optional().meta({
    description: 'The name, host or text to ban. Omit this field if you send `comment_id`.',
    example: 'casino.example',
  }),
  days: z
    .int()
    .min(1)
    .max(MAX_DAYS)
    .nullable()
    .default(30)
    .describe(
      `How many days the ban lasts; null means forever. A ban by \`visitor\` can last at most ${MAX_VISITOR_DAYS} days.`
    ),
})

export const banOut = z
  .object({
    id: z.string(),
    by: z.enum(BAN_KINDS),
    value: z
      .string()
      .nullable()
      .describe('The banned name, host or text. Null for a ban by `visitor`: no IP address is stored.'),
    expires_at: z.string().nullable(),
  })
  .meta({ id: 'Ban' })

type NewBan = z.infer<typeof banIn>
type Added = Ban & { isNew: boolean; hasChanged: boolean }

/** @returns a ban without the key of its hash */
export function toBan({ id, by, value, until }: Ban): z.infer<typeof banOut> {
  return { id, by, value: by === 'visitor' ? null : value, expires_at: iso(until) }
}

/** @returns the bans of a book that have not ended. @throws Refusal 404 */
export async function listBans(env: Env, slug: string, now: number): Promise<Ban[]> {
  return toBook(await readBook(env, slug, now)).bans.filter((ban) => isActive(ban, now))
}

/**
 * Bans a guest from a book. Entries that the guest has already written stay as they are. @returns the ban, and whether
 * it is new @throws Refusal 404, 409 if there are too many bans or the network is no longer known, or 422
 */
export async function banGuest(env: Env, slug: string, input: NewBan, now: number): Promise<Added> {
  const { result, statements, write } = await planBan(env, slug, input, now)
  if (statements.length > 0) await write(() => batch(env, statements))
  return result
}

/** See `banGuest`. A ban that is the same, and ends at the same time, stays: there are no statements. */
export async function planBan(env: Env, slug: string, input: NewBan, now: number) {
  const { by, days } = input
  const until = days === null ? null : now + days * DAY_MS
  if (by === 'visitor' && (days === null || days > MAX_VISITOR_DAYS)) {
    throw invalid([{ path: 'days', message: `A network can be banned for at most ${MAX_VISITOR_DAYS} days.` }])
  }
  const bans = await listBans(env, slug, now)
  const ban: Ban = { id: freshId('ban', now), by, until, ...(await whatToBan(env, input)) }
  const same = bans.filter((one) => isSameBan(one, ban))
  const [only] = same
  if (only && same.length === 1 && only.value === ban.value && only.until === until) {
    const result: Added = { ...only, isNew: false, hasChanged: false }
    return { result, statements: [], erasedWith: only.id, write: <T>(run: () => Promise<T>) => run() }
  }
  const replaced = [ban, ...same].map((one) => `${by} ${one.value}`)
  const statements = [
    REMOVE_BAN(env, { slug, id: '', same: JSON.stringify(replaced), now }),
    ADD_BAN(env, { slug, ban: JSON.stringify(ban) }),
  ]
  const write = async <T>(run: () => Promise<T>) => {
    const written = await refuseIfNull({ 'books.settings': tooManyBans }, run)
    forgetBook(env, slug)
    return written
  }
  const result: Added = { ...ban, isNew: same.length === 0, hasChanged: true }
  return { result, statements, erasedWith: ban.id, write }
}

const tooManyBans = () =>
  new Refusal(409, 'too_many_bans', `A book has at most ${MAX_BANS} bans. Remove one that you no longer need.`)

/** A new ban is compared with this many of the latest entries, published or waiting. */
const COMPARED = 300
/** A ban by text is compared with fewer entries if they are long, because each character costs CPU time. */
const COMPARED_CHARACTERS = 50_000

/** A refusal of a ban that also matches published entries. The owner has to confirm it. */
export class WideBan extends Refusal {
  /** @param matches newest first @param compared the number of entries that were compared with the ban */
  constructor(
    readonly matches: CommentRow[],
    readonly compared: number
  ) {
    super(409, 'confirm_ban', 'This ban matches published entries. Confirm it, or change it.')
  }
}

/** Checks whether a ban by text would match published entries, before it takes effect. @throws Refusal 422, WideBan */
export async function refuseWideBan(env: Env, slug: string, input: NewBan, now: number): Promise<void> {
  const { markup } = await requireBook(env, slug, now)
  const page = { book: slug, before: LAST, limit: COMPARED }
  const bans = [{ id: '', by: input.by, until: null, ...(await whatToBan(env, input)) }]
  const list = (status: CommentRow['status']) => all(LIST_OF_BOOK(env, { ...page, status }))
  const [published, held] = await Promise.all([list('published'), list('held')])
  const latest = [...published, ...held].toSorted((a, b) => (a.id < b.id ? 1 : -1))
  const most = input.by === 'word' ? COMPARED_CHARACTERS : Infinity
  const compared = latest.slice(0, fittingIn(latest, COMPARED, most))
  const matches = compared.filter((one) => isBannedText(saidIn(one, markup), bans, now))
  if (matches.some(({ status }) => status === 'published')) throw new WideBan(matches, compared.length)
}

async function whatToBan(env: Env, { by, comment_id, value = '' }: NewBan): Promise<Pick<Ban, 'value' | 'key'>> {
  if (by === 'visitor' && comment_id === undefined) throw invalid([{ path: 'comment_id', message: 'Name an entry.' }])
  const author = comment_id === undefined ? null : await first(FIND_AUTHOR(env, { id: comment_id }))
  if (comment_id !== undefined && !author) throw notFound('entry')
  if (by === 'visitor') return networkOf(env, author)
  const given = author ? { name: author.name, website: author.website ?? '', word: value }[by] : value
  const wanted = by === 'website' ? hostIn(given) : given
  if (wanted === null) throw invalid([{ path: 'value', message: 'Enter a website, such as example.com.' }])
  const text = judgeLine('The name, website or text', wanted, BAN_MAX)
  if (!text.ok) throw invalid([{ path: author ? 'comment_id' : 'value', message: text.error }])
  return { value: text.value }
}

/** The ban has a copy of the key, so that it can recognize the network after the key of the day has been deleted. */
async function networkOf(env: Env, author: { id: string; author_key: string | null; created_at: number } | null) {
  const { author_key = null } = author ?? {}
  const network = author && author_key !== null && (await findNetwork(env, { ...author, author_key }))
  if (network) return network
  const detail =
    'A network can be banned only on the day of the entry and the next day. Ban the name or the website instead.'
  throw new Refusal(409, 'unknown_network', detail)
}

/** @returns whether there was such a ban. @throws Refusal 404 if the book does not exist */
export async function removeBan(env: Env, slug: string, id: string, now: number): Promise<boolean> {
  const bans = await listBans(env, slug, now)
  if (!bans.some((ban) => ban.id === id)) return false
  await batch(env, [eraseAnswers(env, id), REMOVE_BAN(env, { slug, id, same: '[]', now })])
  forgetBook(env, slug)
  return true
}

/** Removes the bans that have ended. @returns how many books had such bans */
export const removeEndedBans: Chore = async (env, now, budget) =>
  budget.take(1) ? run(REMOVE_ENDED_BANS(env, { id: '', same: '[]', now })) : 0
