import { type Book, type BookRow, ownLanguage, toBook } from '../books/book'
import type { Translator } from '../rules/languages'
import type { CommentRow } from '../store'
import { translator } from './languages'

/** An entry, with the settings and the language of its book. */
export type Seen = { comment: CommentRow; book: Book; translate: Translator }

/** @param book null if it was deleted: then its entries are shown as in a new book */
export async function seeEntry(env: Env, comment: CommentRow, book: Book | null): Promise<Seen> {
  const shown = book ?? toBook({ slug: comment.book, title: comment.book, settings: '{}' })
  return { comment, book: shown, translate: await translator(env, ownLanguage(shown)) }
}

/** @param rows all books. Only the settings of those that the entries are in are read */
export async function seeEntries(env: Env, comments: CommentRow[], rows: BookRow[]): Promise<Seen[]> {
  const bySlug = new Map(rows.map((row) => [row.slug, row]))
  const seen: Seen[] = []
  for (const comment of comments) {
    const row = bySlug.get(comment.book)
    seen.push(await seeEntry(env, comment, row ? toBook(row) : null))
  }
  return seen
}
