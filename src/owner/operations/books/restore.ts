import { restoreBook as restore } from '../../../guestbook/books/manage'
import { bookSettingsOut, toBookSettings } from '../../../guestbook/books/schemas'
import { action, json } from '../../../kit/operation'

export const restoreBook = action({
  call: 'POST /api/books/{slug}/restore',
  may: 'write',
  act: 'book.restored',
  summary: 'Restore a deleted book',
  description:
    'A day after the deletion, the entries of the book are removed for good. From then on, this call responds with 410.',
  refusals: [410],
  noTool: 'setup',
  gives: { 200: json(bookSettingsOut, 'The book.') },
  run: ({ env, now, params }) => restore(env, params.slug, now),
  show: (row, { env, linkOrigin }) => toBookSettings(env, row, linkOrigin()),
  form: { at: '/books/:slug/restore', next: () => '/admin/books?done=restored' },
})
