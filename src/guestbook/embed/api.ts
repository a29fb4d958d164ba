import type { Context } from 'hono'
import * as z from 'zod'
import type { HonoEnv } from '../../env'
import { first } from '../../kit/db/statements'
import { type JsonText, json, problems } from '../../kit/http/openapi'
import { publicOrigin } from '../../kit/http/origin'
import { fittingIn, listQuery, pageOf, readCursor, toPage } from '../../kit/http/pagination'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { LIST_CHARACTERS } from '../api'
import { type Book, toBook } from '../books/book'
import { FIND_BOOK } from '../books/store'
import { readBookPage, readRank } from '../reading/book-page'
import { translator } from '../reading/languages'
import { serveVersioned } from '../reading/versioned'
import { chooseLanguage, isLanguage, type Language } from '../rules/languages'
import { colorsOf } from './colors'
import { embeddedEntry, toEmbeddedEntry } from './entries'
import { embeddedBook, toEmbeddedBook } from './schemas'

/** `/api/books/{slug}/embed`: what public/embed.js needs to show a book and its entries on any page. */
export const embedApi = new ApiRouter()

const HEADERS = { 'Content-Type': 'application/json', Vary: 'Accept-Language' }
const params = z.object({ slug: z.string().max(100) })

const languageQuery = z.object({
  language: z.string().max(100).optional().meta({
    example: 'de',
    description:
      "The language of the page that embeds the book, such as `de-AT`. If it is omitted or not supported, the language of the book applies. If the book's language is `auto`, `Accept-Language` decides.",
  }),
})

embedApi.openapi(
  createRoute({
    method: 'get',
    path: '/{slug}/embed',
    request: { params, query: languageQuery },
    tags: ['Books'],
    summary: 'Get what a script needs to embed a book',
    description: 'This response has an `ETag`, like the list of entries.',
    responses: {
      200: json(embeddedBook, 'The book, and the texts of its form.'),
      304: { description: 'Nothing has changed.' },
      ...problems([404, 422]),
    },
  }),
  async (c) => {
    const { slug } = c.req.valid('param')
    const origin = publicOrigin(c)
    const { name, variant, languageOf } = languageFor(c, c.req.valid('query').language)
    const render = async () => {
      const row = await first(FIND_BOOK(c.env, { slug }))
      if (!row) return null
      const book = toBook(row)
      const [translate, colors] = await Promise.all([languageOf(book), colorsOf(c.env, book)])
      return { row, body: JSON.stringify(toEmbeddedBook(row, translate, origin, colors)) }
    }
    const view = { name: `embed ${origin} ${name}`, variant }
    return (await serveVersioned(c, slug, view, render, HEADERS)) as JsonText
  }
)

embedApi.openapi(
  createRoute({
    method: 'get',
    path: '/{slug}/embed/entries',
    tags: ['Books'],
    summary: 'List entries as the page of a book shows them, newest first',
    description: 'For scripts that embed a book. This list has an `ETag`, like the list of entries.',
    request: { params, query: listQuery.extend(languageQuery.shape) },
    responses: {
      200: json(pageOf(embeddedEntry, 'EmbeddedEntryPage'), 'A page of entries.'),
      304: { description: 'Nothing has changed.' },
      ...problems([400, 404, 422]),
    },
  }),
  async (c) => {
    const { slug } = c.req.valid('param')
    const { limit, cursor, language } = c.req.valid('query')
    const { before, rank } = readPlace(cursor)
    const origin = publicOrigin(c)
    const { name, variant, languageOf } = languageFor(c, language)
    const render = async () => {
      const { book: row, comments } = await readBookPage(c.env, slug, before, limit + 1)
      if (!row) return null
      const shown = { book: toBook(row), translate: await languageOf(toBook(row)), origin }
      const { data, next } = toPage(comments, fittingIn(comments, limit, LIST_CHARACTERS))
      const top = rank ?? row.published_count
      const entries = data.map((one, nth) => toEmbeddedEntry(one, top > nth ? top - nth : null, shown))
      return { row, body: JSON.stringify({ data: entries, next: next && `${next}.${top - data.length}` }) }
    }
    const view = { name: `embedded entries ${origin} ${name} ${limit} ${cursor ?? ''}`, variant }
    return (await serveVersioned(c, slug, view, render, HEADERS)) as JsonText
  }
)

/** @param cursor the last id of the page before this one, and the number of the entry after it */
function readPlace(cursor: string | undefined): { before: string | undefined; rank: number | null } {
  const [id, rank] = cursor?.split('.') ?? []
  return { before: readCursor('cmt', id), rank: readRank(rank) }
}

/** How a response is chosen by the language of the page, that of the book, and that of the browser, in this order. */
function languageFor(c: Context<HonoEnv>, tag: string | undefined) {
  const wanted = readLanguage(tag)
  const accepted = chooseLanguage(c.req.header('Accept-Language'))
  return {
    name: wanted ?? `auto ${accepted}`,
    variant: wanted ?? accepted,
    languageOf: ({ language }: Book) => translator(c.env, wanted ?? (language === 'auto' ? accepted : language)),
  }
}

/** @param tag a language tag such as `de-AT`. @returns null if we do not have this language */
function readLanguage(tag = ''): Language | null {
  const code = tag.toLowerCase().split('-')[0] ?? ''
  return isLanguage(code) ? code : null
}
