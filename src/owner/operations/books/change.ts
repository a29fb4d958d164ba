import { readBook } from '../../../guestbook/books/cache'
import { readChanges, savedPath } from '../../../guestbook/books/form'
import { changeBook as change, describeBookChange } from '../../../guestbook/books/manage'
import { showBook } from '../../../guestbook/books/pages'
import { bookChange, bookSettingsOut, toBookSettings } from '../../../guestbook/books/schemas'
import { action, json } from '../../../kit/operation'

export const changeBook = action({
  call: 'PATCH /api/books/{slug}',
  may: 'write',
  act: 'book.updated',
  summary: 'Change a book',
  noTool: 'setup',
  takes: bookChange,
  gives: { 200: json(bookSettingsOut, 'The book.') },
  run: ({ env, now, params }, input) => change(env, params.slug, input, now),
  details: describeBookChange,
  show: ({ row }, { env, linkOrigin }) => toBookSettings(env, row, linkOrigin()),
  form: [
    {
      at: '/books/:slug',
      read: async (form, { env, now, params }) => readChanges(form, await readBook(env, params.slug, now)),
      next: ({ before }, { body }) => savedPath(before, Object.keys(body)),
      refused: showBook,
    },
    // Preview pages send this form.
    {
      at: '/books/:slug/theme',
      read: (form) => ({ theme: form.get('theme') }),
      next: ({ before }) => savedPath(before, ['theme']),
    },
  ],
})
