import fc from 'fast-check'
import type { World } from '../../support/world'
import { BLOCKED, REMEMBERED_MS } from '../books'
import { OWNER, type Simulation } from '../simulation'
import { kind, which } from './kind'

/* What the owner does to books. The main book cannot be deleted. */

export const BOOKS = {
  changeBook: kind<{ book: number; moderation: string; allows_private: boolean }>(
    4,
    {
      book: which,
      moderation: fc.constantFrom('none', 'first', 'first', 'all'),
      allows_private: fc.constantFrom(true, true, false),
    },
    (simulation, isolate, { book, ...settings }) =>
      ask(simulation, isolate, simulation.pick(simulation.books, book)?.slug, 'PATCH', '', settings)
  ),

  /** The questions change places, or the last one is no longer asked. */
  moveQuestions: kind<{ book: number; isShorter: boolean }>(
    4,
    { book: which, isShorter: fc.constantFrom(false, false, true) },
    (simulation, isolate, { book, isShorter }) => {
      const { slug, versions } = simulation.pick(simulation.books, book) ?? {}
      const before = versions?.at(-1)?.settings.questions ?? []
      const all = versions?.[0]?.settings.questions ?? []
      const moved = before.length < all.length ? all : before.toReversed()
      const questions = (isShorter ? before.slice(0, -1) : moved).map((text) => ({ text }))
      return ask(simulation, isolate, slug, 'PATCH', '', { questions })
    }
  ),

  deleteBook: kind<{ book: number }>(3, { book: which }, (simulation, isolate, { book }) => {
    const slug = simulation.pick(simulation.books.slice(1), book)?.slug
    return ask(simulation, isolate, slug, 'DELETE', `?confirm=${slug}`)
  }),

  restoreBook: kind<{ book: number }>(4, { book: which }, (simulation, isolate, { book }) => {
    const slug = simulation.pick(simulation.books.slice(1), book)?.slug
    return ask(simulation, isolate, slug, 'POST', '/restore')
  }),
}

const QUESTIONS = [{ text: 'Which color do you like?' }, { text: 'Where do you live?' }]

/** What the books are set to at first. Two questions can have the same text. */
export const NEW_BOOKS = {
  main: { moderation: 'first', has_search: true, blocked_words: [BLOCKED], questions: QUESTIONS },
  second: { moderation: 'none', has_search: true, blocked_words: [BLOCKED], questions: QUESTIONS },
  third: { has_search: true, blocked_words: [BLOCKED], questions: [{ text: 'Your idea?' }, { text: 'Your idea?' }] },
}

async function ask(
  simulation: Simulation,
  isolate: World,
  slug: string | undefined,
  method: string,
  path: string,
  body?: object
): Promise<void> {
  if (slug === undefined) return
  simulation.mayHaveChanged.books = true
  await simulation.ask(isolate, method, `/api/books/${slug}${path}`, { headers: OWNER, body })
  // Until then, an isolate may still have the earlier settings.
  simulation.afterStep.push(async () => simulation.clock.tick(REMEMBERED_MS))
}
