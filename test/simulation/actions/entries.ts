import fc from 'fast-check'
import type { World } from '../../support/world'
import { BLOCKED, bookSettingsIn } from '../books'
import { HOUR } from '../clock'
import { isKnown } from '../guests'
import type { KnownEntry } from '../known'
import { type Answer, OWNER, type Simulation } from '../simulation'
import { kind, which } from './kind'

/** An Idempotency-Key holds for a day. Shortly before that, nobody relies on it. */
const KEY_HOLDS_MS = 23 * HOUR

interface Signing {
  by: 'guest' | 'owner'
  hasKey: boolean
  hasLinks: boolean
  /** Chooses a book. */
  book?: number
  isPrivate?: boolean
  isBlocked?: boolean
}

export const ENTRIES = {
  sign: kind<Signing>(
    10,
    {
      by: fc.constantFrom('guest', 'owner'),
      hasKey: fc.boolean(),
      hasLinks: fc.constantFrom(false, false, false, true),
      book: which,
      isPrivate: fc.constantFrom(false, false, false, false, true),
      isBlocked: fc.constantFrom(false, false, false, false, false, true),
    },
    async (simulation, isolate, { by, hasKey, hasLinks, book = 0, isPrivate = false, isBlocked = false }) => {
      const entry = newEntry(simulation, by)
      const links = hasLinks ? ' http://a.example http://b.example http://c.example' : ''
      entry.body.body += links + (isBlocked && hasBooks(simulation) ? ` ${BLOCKED}` : '')
      Object.assign(entry.body, inBook(simulation, book), hasBooks(simulation) && isPrivate && { is_private: true })
      entry.key = hasKey ? `key-of-${entry.word}` : null
      await postEntry(simulation, isolate, entry)
    }
  ),

  /** The owner publishes an entry of a guest who may return. */
  approve: kind<{ which: number }>(6, { which }, async (simulation, isolate, { which }) => {
    const id = simulation.pick(regulars(simulation), which)?.id
    if (id == null || simulation.history.tables.comments.seen.get(id)?.gone !== null) return
    await simulation.ask(isolate, 'PATCH', `/api/comments/${id}`, { headers: OWNER, body: { status: 'published' } })
  }),

  /** A guest who has signed before sends the token of that entry. The first guest has none. */
  signAgain: kind<{ which: number }>(6, { which }, async (simulation, isolate, { which }) => {
    const earlier = simulation.pick(regulars(simulation), which)
    const entry = newEntry(simulation, 'guest')
    entry.proof = earlier?.token ?? null
    if (earlier?.body.book) entry.body.book = earlier.body.book
    await postEntry(simulation, isolate, entry)
  }),

  /** The client repeats a request, or uses its key for another one by mistake. */
  repeat: kind<{ which: number; isChanged: boolean }>(
    4,
    { which, isChanged: fc.constantFrom(false, false, true) },
    async (simulation, isolate, { which, isChanged }) => {
      const entry = simulation.pick(repeatable(simulation), which)
      if (!entry) return
      if (!isChanged) return postEntry(simulation, isolate, entry)
      // Nothing may contain this word, unless the first request never arrived.
      const body = { ...entry.body, body: `Changed ${entry.word} by mistake` }
      if (entry.isAnswered) await postEntry(simulation, isolate, { ...entry, body }, [409, 410])
    }
  ),

  moderate: kind<{ which: number; status: string }>(
    4,
    { which, status: fc.constantFrom('published', 'hidden', 'held', 'spam') },
    (simulation, isolate, { which, status }) => changeEntry(simulation, isolate, which, 'PATCH', '', { status })
  ),

  edit: kind<{ which: number }>(2, { which }, (simulation, isolate, { which }) =>
    changeEntry(simulation, isolate, which, 'PATCH', '', { body: `Edited ${simulation.nextWord()}` })
  ),

  reply: kind<{ which: number; isRemoved: boolean }>(
    2,
    { which, isRemoved: fc.constantFrom(false, false, true) },
    (simulation, isolate, { which, isRemoved }) => {
      const body = { body: `Thank you, ${simulation.nextWord()}` }
      return isRemoved
        ? changeEntry(simulation, isolate, which, 'DELETE', '/reply')
        : changeEntry(simulation, isolate, which, 'PUT', '/reply', body)
    }
  ),

  /** A guest can edit the own entry for 15 minutes. Several edits soon after each other become one event. */
  editOwn: kind<{ which: number; times: number }>(
    3,
    { which, times: fc.constantFrom(1, 1, 2, 3) },
    async (simulation, isolate, { which, times }) => {
      for (let i = 0; i < times; i++) {
        const body = { body: `Edited by its guest ${simulation.nextWord()}` }
        await asAuthor(simulation, isolate, which, 'PATCH', body)
      }
    }
  ),

  eraseOwn: kind<{ which: number }>(1, { which }, async (simulation, isolate, { which }) => {
    await asAuthor(simulation, isolate, which, 'DELETE')
  }),

  erase: kind<{ which: number }>(3, { which }, (simulation, isolate, { which }) =>
    changeEntry(simulation, isolate, which, 'DELETE')
  ),
}

/** @returns the last entries of guests. Only these guests return, so that they sign several times */
export const regulars = ({ entries }: Simulation): KnownEntry[] =>
  entries.filter(({ token }) => token !== null).slice(-3)

/** Whether the run has several books, whose settings the model knows. */
export const hasBooks = ({ books }: Simulation): boolean => books.length > 0

/** @returns what a request says about its book */
export function inBook(simulation: Simulation, which: number): { book?: string } {
  const book = simulation.pick(simulation.books, which)?.slug
  return book === undefined || book === 'main' ? {} : { book }
}

export function newEntry(simulation: Simulation, by: KnownEntry['by']): KnownEntry {
  const word = simulation.nextWord()
  const entry: KnownEntry = {
    word,
    by,
    body: { name: `Guest ${word}`, body: `Hello ${word}` },
    proof: null,
    key: null,
    sentAt: simulation.clock.now,
    id: null,
    token: null,
    isAnswered: false,
    isRefused: false,
  }
  simulation.entries.push(entry)
  return entry
}

/** @returns the entries whose request can be repeated without creating a second one */
export function repeatable({ entries, clock }: Simulation): KnownEntry[] {
  return entries.filter(
    ({ key, sentAt, isRefused }) => key !== null && !isRefused && clock.latest < sentAt + KEY_HOLDS_MS
  )
}

/** @param expected the statuses that are right; 410 is right only after the entry has been erased */
export async function postEntry(
  simulation: Simulation,
  isolate: World,
  entry: KnownEntry,
  expected = [201, 410]
): Promise<void> {
  const headers = {
    ...(entry.by === 'owner' ? OWNER : { 'CF-Connecting-IP': nextAddress(simulation) }),
    ...(entry.proof !== null && { Authorization: `Bearer ${entry.proof}` }),
    ...(entry.key !== null && { 'Idempotency-Key': entry.key }),
  }
  const known = entry.proof === null ? false : isKnownBy(simulation, entry.proof)
  const answer = await simulation.ask(isolate, 'POST', '/api/comments', { headers, body: entry.body })
  if (!answer) return
  if (mayRefuse(simulation, entry, answer)) {
    entry.isRefused ||= !entry.isAnswered
    return
  }
  const isErased = simulation.words.erasedBefore(simulation.step + 1).includes(entry.word)
  if (!expected.includes(answer.status) || (answer.status === 410 && !isErased && !mayErase(simulation, entry)))
    throw new Error(`Signing was answered with ${answer.status}: ${answer.text}`)
  const isFirst = !entry.isAnswered
  entry.isAnswered = true
  if (answer.status !== 201) return
  if (entry.id !== null && entry.id !== answer.body.id) throw new Error(`${entry.key} has created two entries.`)
  entry.id = answer.body.id
  entry.token = String(answer.body.edit_token ?? '') || null
  if (!isFirst) return
  simulation.afterStep.push(async () => {
    // The owner may decide about an earlier entry at the same time.
    const isCertain = entry.proof === null || isKnownBy(simulation, entry.proof) === known
    judgeNew(simulation, entry, isCertain ? known : null)
  })
}

/** A book that was deleted takes no entries, and one without private entries takes none. */
function mayRefuse(simulation: Simulation, { body }: KnownEntry, { status }: Answer): boolean {
  const settings = bookSettingsIn(simulation, String(body.book ?? 'main'))
  if (status === 404) return settings.some(({ state }) => state !== 'present')
  return status === 422 && body.is_private === true && settings.some((one) => !one.allows_private)
}

function isKnownBy(simulation: Simulation, proof: string): boolean | null {
  const earlier = simulation.entries.find(({ token }) => token === proof)
  return earlier ? isKnown(simulation, earlier) : null
}

/** The rules of the book have decided about a new entry. @param known whether its guest is known, if that is certain */
function judgeNew(simulation: Simulation, entry: KnownEntry, known: boolean | null): void {
  const { id, body, by } = entry
  const seen = simulation.history.tables.comments.seen.get(id ?? '')
  const slug = String(body.book ?? 'main')
  const settings = bookSettingsIn(simulation, slug)
  if (!seen || seen.since !== simulation.step || settings.length === 0) return
  const expected = new Set(settings.flatMap((one) => statusesFor(one, entry, known)))
  if (!expected.has(seen.initial.status))
    throw new Error(
      `A new entry in ${slug} is ${seen.initial.status}, not ${[...expected].join(' or ')}: ${by} ${body.body}`
    )
  if (body.is_private === true && settings.every(({ allows_private }) => !allows_private))
    throw new Error(`A private entry was accepted by ${slug}, which takes none.`)
}

type Settings = ReturnType<typeof bookSettingsIn>[number]

function statusesFor({ moderation }: Settings, { body, by }: KnownEntry, known: boolean | null): string[] {
  if (by === 'guest' && body.body.includes(BLOCKED)) return ['spam']
  if (body.is_private === true) return ['hidden']
  if (body.body.includes('http://c.example')) return ['held']
  if (by === 'owner' || moderation === 'none') return ['published']
  if (moderation === 'first' && known !== false) return known ? ['published'] : ['published', 'held']
  return ['held']
}

/** No limit for one address applies. */
export function nextAddress(simulation: Simulation): string {
  const number = simulation.next()
  return `10.0.${Math.floor(number / 250)}.${number % 250}`
}

/** Whether another action of the same step may be erasing the entry. */
function mayErase({ deleting, step }: Simulation, { id }: KnownEntry): boolean {
  return id !== null && deleting.get(id) === step
}

/** Guests change their own entries with the token that they got. */
async function asAuthor(
  simulation: Simulation,
  isolate: World,
  which: number,
  method: 'PATCH' | 'DELETE',
  body?: object
) {
  const entry = simulation.pick(
    simulation.entries.filter(
      ({ id, token }) => token !== null && simulation.history.tables.comments.seen.has(id ?? '')
    ),
    which
  )
  if (!entry) return
  if (method === 'DELETE') simulation.deleting.set(entry.id ?? '', simulation.step)
  const headers = { Authorization: `Bearer ${entry.token}`, 'CF-Connecting-IP': nextAddress(simulation) }
  await simulation.ask(isolate, method, `/api/comments/${entry.id}`, { headers, body })
}

async function changeEntry(
  simulation: Simulation,
  isolate: World,
  which: number,
  method: 'PATCH' | 'PUT' | 'DELETE',
  path = '',
  body?: object
): Promise<Answer | null> {
  const comment = simulation.pick(simulation.history.tables.comments.present(), which)
  if (!comment) return null
  if (method === 'DELETE' && path === '') simulation.deleting.set(comment.id, simulation.step)
  return simulation.ask(isolate, method, `/api/comments/${comment.id}${path}`, { headers: OWNER, body })
}
