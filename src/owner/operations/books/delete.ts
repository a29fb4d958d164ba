import * as z from 'zod'
import { deleteBook as remove } from '../../../guestbook/books/manage'
import { showBook } from '../../../guestbook/books/pages'
import { RESTORABLE_MS } from '../../../guestbook/books/store'
import { aSpanOf } from '../../../kit/lib/time'
import { action } from '../../../kit/operation'

export const deleteBook = action({
  call: 'DELETE /api/books/{slug}',
  may: 'write',
  act: 'book.deleted',
  summary: 'Delete a book and its entries',
  description: `The book disappears immediately. You can restore it within ${aSpanOf(RESTORABLE_MS)}. The main book cannot be deleted.`,
  refusals: [409],
  noTool: 'setup',
  query: z.object({
    confirm: z
      .string()
      .max(100)
      .optional()
      .describe('The slug again, as confirmation. Required if the book has entries.'),
  }),
  gives: { 204: { description: 'Deleted.' } },
  run: ({ env, now, params, query: { confirm }, linkOrigin }) =>
    remove(env, params.slug, { confirm, origin: linkOrigin() }, now),
  form: {
    at: '/books/:slug/delete',
    readQuery: (form) => ({ confirm: form.get('confirm')?.trim() }),
    next: () => '/admin/books?done=deleted',
    refused: (c, refusal) => showBook(c, refusal),
  },
})
