import { recognizeOwner } from '../../../access/owner-auth'
import { readBook } from '../../../guestbook/books/cache'
import { bookOut, bookSettingsOut, toBookOut, toBookSettings } from '../../../guestbook/books/schemas'
import { OWNER } from '../../../kit/http/openapi'
import { action, json } from '../../../kit/operation'

const getBookOut = bookSettingsOut.or(bookOut)

export const getBook = action({
  call: 'GET /api/books/{slug}',
  may: ['read', 'moderate'],
  guard: recognizeOwner,
  security: [{}, ...OWNER],
  summary: 'Get a book',
  noTool: 'rare',
  gives: { 200: json(getBookOut, 'The book.') },
  run: ({ env, now, params }) => readBook(env, params.slug, now),
  show: (row, { env, actor, linkOrigin }) => (actor ? toBookSettings : toBookOut)(env, row, linkOrigin()),
})
