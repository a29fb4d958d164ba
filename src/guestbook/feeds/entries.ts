import { fittingIn, toPage } from '../../kit/http/pagination'
import { isolated } from '../../kit/lib/text/bidi'
import { type Book, bookPath, ownLanguage, textFormatOf, toBook, welcomeWords } from '../books/book'
import { translator } from '../reading/languages'
import { drawingSvg } from '../rules/entries/drawing'
import type { Feed, FeedEntry } from '../rules/feeds/feed'
import { fileOf } from '../rules/feeds/head-links'
import type { Translator } from '../rules/languages'
import { type ListedComment, listPublished } from '../store'

const PAGE_SIZE = 20
/** Long texts end a page early, because formatting costs up to a microsecond of CPU time for each character. */
export const PAGE_CHARACTERS = 20_000

export interface FeedPage {
  file: 'feed.atom' | 'feed.json'
  /** The id of an entry. The page has entries that are older than this one. */
  before: string | undefined
  origin: string
}

/** Reads a page of a feed, in one round trip. @returns the row of the book and the page; null if there is no book */
export async function readFeed(env: Env, slug: string, page: FeedPage) {
  const { row, comments } = await listPublished(env, slug, page.before, PAGE_SIZE + 1)
  if (!row) return null
  const book = toBook(row)
  // Feed readers do not say which language they prefer.
  const translate = await translator(env, ownLanguage(book))
  return { row, feed: describeFeed(book, translate, row.created_at, comments, page) }
}

function describeFeed(
  book: Book,
  translate: Translator,
  created_at: number,
  comments: ListedComment[],
  { file, before, origin }: FeedPage
): Feed {
  const path = bookPath(book.slug)
  const first = origin + fileOf(path, file)
  // To format a text costs CPU time. A drawing costs little.
  const texts = comments.map((comment) => ({ ...comment, drawing: null }))
  const { data, next } = toPage(comments, fittingIn(texts, PAGE_SIZE, PAGE_CHARACTERS))
  const entries = data.map((comment) => describeEntry(comment, translate, origin))
  return {
    id: origin + path,
    title: book.title,
    subtitle: welcomeWords(book, translate),
    language: translate.language,
    home: origin + path,
    icon: `${origin}/favicon.svg`,
    self: before === undefined ? first : `${first}?before=${before}`,
    first,
    next: next && `${first}?before=${next}`,
    updated: Math.max(created_at, ...entries.map(({ updated }) => updated)),
    options: textFormatOf(book),
    entries,
  }
}

function describeEntry(comment: ListedComment, { text }: Translator, origin: string): FeedEntry {
  const { id, name, website, body, pre, answers, reply, created_at, edited_at, replied_at } = comment
  return {
    url: `${origin}/comments/${id}`,
    title: text('title_in_feed', { name: isolated(name) }),
    author: { name, url: website },
    body,
    pre: pre === 1,
    drawing: drawingSvg(comment.drawing, text('a_drawing')),
    answers: JSON.parse(answers),
    reply: reply === null ? null : { heading: text('reply_heading'), text: reply },
    published: created_at,
    updated: Math.max(created_at, edited_at ?? 0, replied_at ?? 0),
  }
}
