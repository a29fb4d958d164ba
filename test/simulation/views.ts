import type { World } from '../support/world'
import type { Rows } from './history'
import { wordsIn } from './history'
import type { Answer, Simulation } from './simulation'

/*
 * What anybody can see of a book. All of these views show the same entries, newest first.
 */

type Comment = Rows['comments']

interface View {
  path: (slug: string) => string
  /** @returns what names each entry that is shown, in order */
  read: (answer: Answer) => string[]
  /** What names an entry there. By default, its id. */
  nameOf?: (comment: Comment) => string
  /** How many entries it shows at most. */
  most: number
  /** @returns the number of entries that it says the book has */
  count?: (answer: Answer) => number
}

type Items = { id: string }[]

const idsIn = (text: string): string[] => text.match(/cmt_\w{26}/g) ?? []
const dataOf = ({ body }: Answer): string[] => (body.data as Items).map(({ id }) => id)
const under = (slug: string, path: string): string => (slug === 'main' ? path : `/b/${slug}${path}`)
/** @returns the first word of an entry, which no other entry has */
export const firstWordOf = ({ name, body }: Comment): string => wordsIn(`${name} ${body}`)[0] ?? ''

const articles = (html: string): string[] => html.match(/<article.*?<\/article>/gs) ?? []

export const VIEWS = {
  list: { path: (slug) => `/api/comments?limit=100&book=${slug}`, read: dataOf, most: 100 },
  page: {
    path: (slug) => (slug === 'main' ? '/' : `/b/${slug}`),
    read: ({ text }) => articles(text).map((one) => / id="(cmt_\w+)"/.exec(one)?.[1] ?? ''),
    most: 20,
    count: ({ text }) => Number(/<p class="counter">.*?<\/span>/s.exec(text)?.[0].replace(/\D/g, '')),
  },
  atom: {
    path: (slug) => under(slug, '/feed.atom'),
    read: ({ text }) => (text.match(/<entry>\s*<id>[^<]*/g) ?? []).flatMap(idsIn),
    most: 20,
  },
  feed: {
    path: (slug) => under(slug, '/feed.json'),
    read: ({ body }) => (body.items as Items).flatMap(({ id }) => idsIn(id)),
    most: 20,
  },
  embed: { path: (slug) => `/api/books/${slug}/embed/entries?limit=100`, read: dataOf, most: 100 },
  export: {
    path: (slug) => under(slug, '/export.html'),
    read: ({ text }) => articles(text).map((one) => wordsIn(one)[0] ?? ''),
    nameOf: firstWordOf,
    most: 200,
  },
  search: {
    path: (slug) => `${slug === 'main' ? '/' : `/b/${slug}`}?q=word`,
    read: ({ text }) => articles(text).map((one) => / id="(cmt_\w+)"/.exec(one)?.[1] ?? ''),
    most: 20,
  },
} satisfies Record<string, View>
export type ViewName = keyof typeof VIEWS
export const VIEW_NAMES = Object.keys(VIEWS) as ViewName[]

/** @returns the published entries of a book, newest first, as the table has them */
export function publishedIn({ history }: Simulation, slug: string): Comment[] {
  return history.tables.comments
    .present()
    .filter(({ book, status }) => book === slug && status === 'published')
    .toSorted((one, other) => (one.id < other.id ? 1 : -1))
}

/** Asks for a view. @returns null if there is no answer */
export async function look(
  simulation: Simulation,
  isolate: World,
  slug: string,
  name: ViewName,
  headers: Record<string, string> = {}
): Promise<Answer | null> {
  const language = { 'Accept-Language': 'en' }
  return simulation.ask(isolate, 'GET', VIEWS[name].path(slug), { headers: { ...language, ...headers } })
}

/** @returns what is wrong with a view of a book that exists, or null */
export function wrongIn(simulation: Simulation, slug: string, name: ViewName, answer: Answer): string | null {
  const view: View = VIEWS[name]
  if (answer.status !== 200) return `the view ${name} of ${slug} answers ${answer.status}`
  const expected = publishedIn(simulation, slug)
  const names = expected.map((one) => (view.nameOf ?? (({ id }) => id))(one)).slice(0, view.most)
  const shown = view.read(answer)
  if (shown.join() !== names.join()) return `the view ${name} of ${slug} shows [${shown}] instead of [${names}]`
  const count = view.count?.(answer) ?? expected.length
  if (count !== expected.length)
    return `the view ${name} of ${slug} counts ${count} entries instead of ${expected.length}`
  return foreignWord(simulation, slug, answer.text, name)
}

/**
 * Nothing of an entry that is not published, or in another book, is anywhere in a view. A webhook that comes again after
 * its request was erased makes a second entry with the same words, and one of the two may be published.
 */
function foreignWord(simulation: Simulation, slug: string, text: string, name: ViewName): string | null {
  const own = new Set(publishedIn(simulation, slug).map(firstWordOf))
  const shown = new Set(wordsIn(text).filter((word) => !own.has(word)))
  const foreign = simulation.history.tables.comments
    .present()
    .filter(({ book, status }) => book !== slug || status !== 'published')
    .find((comment) => shown.has(firstWordOf(comment)))
  return foreign ? `the view ${name} of ${slug} contains words of ${foreign.id}, which is ${foreign.status}` : null
}
