import { settingsPath } from '../../../guestbook/books/form'
import { planBook, refuseIfTaken } from '../../../guestbook/books/manage'
import { readNewBook, showBooks } from '../../../guestbook/books/pages'
import { bookIn, bookSettingsOut, toBookSettings } from '../../../guestbook/books/schemas'
import { creation, json } from '../../../kit/operation'

export const createBook = creation({
  call: 'POST /api/books',
  may: 'write',
  act: 'book.created',
  summary: 'Create a book',
  refusals: [409],
  noTool: 'setup',
  takes: bookIn,
  gives: { 201: json(bookSettingsOut, 'The book.') },
  once: 'books',
  plan: async ({ env, now }, input) => {
    const { row, statement } = planBook(env, input, now)
    return { result: row, statements: [statement], write: (batch) => refuseIfTaken(row.slug, batch) }
  },
  show: (row, { env, linkOrigin }) => toBookSettings(env, row, linkOrigin()),
  subject: ({ slug }) => slug,
  form: {
    at: '/books',
    read: (form) => readNewBook(form),
    next: ({ slug }) => `${settingsPath(slug)}?done=created`,
    refused: showBooks,
  },
})
