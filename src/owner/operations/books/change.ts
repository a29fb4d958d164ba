import { requireOwner } from '../../../access/owner-auth'
import { readBook } from '../../../guestbook/books/cache'
import { readChanges, savedPath } from '../../../guestbook/books/form'
import { changeBook as change, describeChange } from '../../../guestbook/books/manage'
import { showBookAgain } from '../../../guestbook/books/pages'
import { bookChange, bookSettingsOut, toBookSettings } from '../../../guestbook/books/schemas'
import { action, doc, json } from '../../../kit/operation'

export const changeBook = action({
  call: 'PATCH /api/books/{slug}',
  act: 'book.updated',
  guard: requireOwner,
  ...doc({ tag: 'Books', summary: 'Change a book', refusals: [400, 401, 404, 422], noTool: 'setup' }),
  takes: bookChange,
  gives: { 200: json(bookSettingsOut, doc('The book.')) },
  run: ({ env, now, params }, input) => change(env, params.slug, input, now),
  subject: describeChange,
  show: ({ row }, { env, linkOrigin }) => toBookSettings(env, row, linkOrigin()),
  form: [
    {
      at: '/books/:slug',
      read: async (form, { env, now, params }) => readChanges(form, await readBook(env, params.slug, now)),
      next: ({ before }, { body }) => savedPath(before, Object.keys(body)),
      refused: showBookAgain,
    },
    // From a preview, or to undo a choice. The button that was pressed stands after the hidden field.
    {
      at: '/books/:slug/theme',
      read: (form) => ({ theme: form.getAll('theme').at(-1) }),
      next: ({ before }) => savedPath(before, ['theme']),
    },
  ],
})
