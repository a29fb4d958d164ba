import { doc } from '#doc'
import { first } from '../../kit/db/statements'
import { type JsonText, json, problems } from '../../kit/http/openapi'
import { publicOrigin } from '../../kit/http/origin'
import { ApiRouter, createRoute } from '../../kit/http/router'
import * as z from '../../zod'
import { toBook } from '../books/book'
import { FIND_BOOK } from '../books/store'
import { translator } from '../reading/languages'
import { chooseLanguage, isLanguage, type Language } from '../rules/languages'
import { serveVersioned } from '../versioned'
import { embeddedBook, toEmbeddedBook } from './schemas'

/** `/api/books/{slug}/embed`: what public/embed.js needs to show a book on any page. */
export const embedApi = new ApiRouter()

const HEADERS = { 'Content-Type': 'application/json', Vary: 'Accept-Language' }

embedApi.openapi(
  createRoute({
    method: 'get',
    path: '/{slug}/embed',
    request: {
      params: z.object({ slug: z.string().max(100) }),
      query: z.object({
        language: z
          .string()
          .max(100)
          .optional()
          .openapi(
            doc({
              example: 'de',
              description:
                'The language of the page, such as `de-AT`. If we do not have it, the language of the book counts, then `Accept-Language`.',
            })
          ),
      }),
    },
    ...doc(() => ({
      tags: ['Books'],
      summary: 'Get what a script needs to embed a book',
      description: 'This response has an `ETag`, like the list of comments.',
      responses: {
        200: json(embeddedBook, 'The book, and the texts of its form.'),
        304: { description: 'Nothing has changed.' },
        ...problems([404, 422]),
      },
    })),
  }),
  async (c) => {
    const { slug } = c.req.valid('param')
    const wanted = readLanguage(c.req.valid('query').language)
    const accepted = chooseLanguage(c.req.header('Accept-Language'))
    const origin = publicOrigin(c)
    const render = async () => {
      const row = await first(FIND_BOOK(c.env, { slug }))
      if (!row) return null
      const { language } = toBook(row)
      const chosen = wanted ?? (language === 'auto' ? accepted : language)
      return { row, body: JSON.stringify(toEmbeddedBook(row, await translator(c.env, chosen), origin)) }
    }
    const variant = wanted ?? accepted
    const view = { name: `embed ${origin} ${wanted ?? `auto ${accepted}`}`, variant }
    return (await serveVersioned(c, slug, view, render, HEADERS)) as JsonText
  }
)

/** @param tag a language tag such as `de-AT`. @returns null if we do not have this language */
function readLanguage(tag = ''): Language | null {
  const code = tag.toLowerCase().split('-')[0] ?? ''
  return isLanguage(code) ? code : null
}
