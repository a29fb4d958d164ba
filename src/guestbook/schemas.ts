import { z } from '@hono/zod-openapi'
import { type Book, bookPath } from '../books/book'
import { iso } from '../http/pagination'
import { COMMENT_STATUSES, type ListedComment } from './store'

/** core/guestbook/comment-policy.ts checks lengths and characters, with messages that guests can understand. */
export const commentIn = z
  .strictObject({
    name: z.string().openapi({ example: 'Ada', description: 'Up to 80 characters.' }),
    body: z.string().openapi({ example: 'What a lovely corner of the web!', description: 'Up to 4,000 characters.' }),
    website: z.string().nullish().openapi({ example: 'https://example.com/' }),
    book: z.string().max(100).optional().openapi({ description: 'The slug of a book. Defaults to `main`.' }),
  })
  .openapi('CommentIn')

export const commentChange = z
  .strictObject({ status: z.enum(COMMENT_STATUSES).optional(), body: z.string().optional() })
  .openapi('CommentChange')

export const commentOut = z
  .object({
    id: z.string(),
    book: z.string(),
    name: z.string(),
    website: z.string().nullable(),
    body: z.string(),
    status: z.enum(COMMENT_STATUSES),
    url: z.string().openapi({ description: 'The permalink of the comment.' }),
    created_at: z.string(),
    edited_at: z.string().nullable(),
    reply: z
      .object({ body: z.string(), created_at: z.string() })
      .nullable()
      .openapi({ description: "The owner's reply." }),
  })
  .openapi('Comment')

export const replyIn = z
  .strictObject({ body: z.string().openapi({ description: 'Up to 4,000 characters.' }) })
  .openapi('ReplyIn')

export type CommentOut = z.infer<typeof commentOut>

/** @returns a comment in the shape that the API and every event use */
export function toComment(row: ListedComment, origin: string): CommentOut {
  const { id, book, name, website, body, status } = row
  const times = { created_at: iso(row.created_at), edited_at: iso(row.edited_at) }
  const reply = row.reply === null ? null : { body: row.reply, created_at: iso(row.replied_at ?? row.created_at) }
  return { id, book, name, website, body, status, url: `${origin}/comments/${id}`, ...times, reply }
}

/** @returns what a `comment.removed` event says about the comment: not its name, website or text */
function withoutText({ name: _name, website: _website, body: _body, reply: _reply, ...comment }: CommentOut) {
  return comment
}

/** @returns the `data` of a comment event. The data is complete, so receivers do not have to call the API. */
export function commentEvent(type: string, comment: CommentOut, book: Book, origin: string) {
  const shown = type === 'comment.removed' ? withoutText(comment) : comment
  return { comment: shown, book: { slug: book.slug, title: book.title, url: origin + bookPath(book.slug) } }
}
