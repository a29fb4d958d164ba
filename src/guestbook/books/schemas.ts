import * as z from 'zod'
import { changeOf } from '../../kit/body-schema'
import { schemasOf } from '../../kit/field-rows'
import { iso } from '../../kit/http/pagination'
import { translator } from '../reading/languages'
import { questionIds } from '../rules/entries/answers'
import { type BookRow, bookPath, ownLanguage, toBook, welcomeOf } from './book'
import { BOOK_SETTINGS, FIELDS, PUBLIC_SETTINGS } from './settings'

export const bookChange = changeOf('BookChange', schemasOf(FIELDS))

export const bookIn = bookChange
  .required({ title: true })
  .extend({
    slug: z
      .string()
      .meta({ example: 'summer-party', description: 'Part of the address of the book. It cannot be changed later.' }),
  })
  .meta({ id: 'BookIn' })

export const bookOut = z
  .object({
    slug: z.string(),
    title: z.string(),
    welcome: z.string(),
    ...schemasOf(PUBLIC_SETTINGS),
    comment_count: z.int().describe('How many published entries the book has.'),
    url: z.string(),
  })
  .meta({ id: 'Book' })

/** What only the owner sees. */
export const bookSettingsOut = bookOut
  .omit({ welcome: true })
  .extend({
    ...schemasOf(BOOK_SETTINGS),
    is_demo: z.boolean().describe('Whether this is the demo guestbook, which sends no events.'),
    deleted_at: z.string().nullable(),
  })
  .meta({ id: 'BookSettings' })

/** Leaves out what is not public. */
export async function toBookOut(env: Env, row: BookRow, origin: string): Promise<z.infer<typeof bookOut>> {
  const book = toBook(row)
  const welcome = welcomeOf(book, await translator(env, ownLanguage(book)))
  return bookOut.parse({ ...book, welcome, comment_count: row.published_count, url: origin + bookPath(row.slug) })
}

export async function toBookSettings(env: Env, row: BookRow, origin: string): Promise<z.infer<typeof bookSettingsOut>> {
  const { deleted_from: _, bans: _bans, pictures: _pictures, title: _title, slug: _slug, ...settings } = toBook(row)
  const ids = questionIds(settings.questions)
  const questions = settings.questions.map((one, i) => ({ ...one, question_id: ids[i] }))
  return { ...(await toBookOut(env, row, origin)), ...settings, questions, deleted_at: iso(row.deleted_at) }
}
