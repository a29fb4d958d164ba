import { recognizeOwner } from '../../../access/owner-auth'
import { readBook } from '../../../guestbook/books/cache'
import { bookOut, bookSettingsOut, toBookOut, toBookSettings } from '../../../guestbook/books/schemas'
import { action, doc, documented, json } from '../../../kit/operation'

export const getBook = action({
  call: 'GET /api/books/{slug}',
  guard: recognizeOwner,
  security: [],
  ...doc({ tag: 'Books', summary: 'Get a book', refusals: [401, 404], noTool: 'rare' }),
  gives: {
    200: json(
      documented(null, () => bookSettingsOut.or(bookOut)),
      doc('The book.')
    ),
  },
  run: ({ env, now, params }) => readBook(env, params.slug, now),
  show: (row, { env, actor, linkOrigin }) => (actor ? toBookSettings : toBookOut)(env, row, linkOrigin()),
})
