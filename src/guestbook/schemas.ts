import * as z from 'zod'
import { bodyOf, changeOf } from '../kit/body-schema'
import { iso } from '../kit/http/pagination'
import { originOf } from '../kit/lib/url'
import { type Book, bookPath } from './books/book'
import { MAX_QUESTIONS, readAnswers } from './rules/entries/answers'
import { DETAIL_MAX } from './rules/entries/details'
import { DRAWING_MAX, SHEET } from './rules/entries/drawing'
import { BODY_MAX, GUEST_NAME_MAX } from './rules/entries/entry-content'
import { ENTRY_STATUSES } from './rules/entries/statuses'
import { type CommentRow, extraOf, type ListedComment } from './store'

const DRAWING =
  "The guest's drawing: strokes as SVG path data for the `viewBox` `0 0 400 200`, such as `M10 20l5 3 4 -2M60 60l0 0`. Ignored unless the book allows drawings."

const PRE = 'Whether the page keeps every space and line break of the text, for example for ASCII art.'

const AVATAR =
  'The face that the guest has chosen, such as `cat`. `GET /api/books/{slug}/embed` lists the `faces`. Any other value is ignored.'

const BUTTON_URL =
  "The address of the website's button, a picture of 88 × 31 pixels. The default is `/button.gif` on the website. Ignored unless the book has a wall of buttons."

const ABOUT_ANSWERS =
  "The answers to the book's questions: texts in the order of the questions, or objects with the `question_id` of the question. An answer to a question that the book does not ask is ignored."

const givenAnswers = z
  .array(z.union([z.string(), z.strictObject({ question_id: z.string(), answer: z.string() })]))
  .max(MAX_QUESTIONS)

/** rules/entries/entry-content.ts checks lengths and characters, with messages that guests can understand. */
export const commentIn = bodyOf('CommentIn', {
  name: z.string().meta({ example: 'Ada', description: `Up to ${GUEST_NAME_MAX} characters.` }),
  body: z.string().meta({
    example: 'What a lovely corner of the web!',
    description: `Up to ${BODY_MAX.toLocaleString('en')} characters.`,
  }),
  website: z.string().nullish().meta({ example: 'https://example.com/' }),
  book: z.string().max(100).optional().describe('The slug of a book. Defaults to `main`.'),
  answers: givenAnswers.optional().describe(ABOUT_ANSWERS),
  mood: z.string().optional().describe(`Up to ${DETAIL_MAX} characters. Ignored unless the book asks for it.`),
  place: z.string().optional().describe(`Up to ${DETAIL_MAX} characters. Ignored unless the book asks for it.`),
  is_private: z
    .boolean()
    .optional()
    .describe(
      'If `true`, only the owner can read the entry. Refused with 422 if the book does not allow private entries.'
    ),
  pre: z.boolean().optional().describe(PRE),
  drawing: z.string().max(DRAWING_MAX).nullish().describe(DRAWING),
  avatar: z.string().optional().describe(AVATAR),
  button_url: z.string().nullish().describe(BUTTON_URL),
})

export const commentChange = changeOf('CommentChange', {
  status: z
    .enum(ENTRY_STATUSES)
    .describe('Only the owner can change the status. A private entry can only be `hidden` or `spam`.'),
  name: z.string(),
  body: z.string(),
  website: z.string().nullable(),
  answers: givenAnswers.describe(`${ABOUT_ANSWERS} Answers that you leave out do not change.`),
  mood: z.string().nullable(),
  place: z.string().nullable(),
  pre: z.boolean().describe(PRE),
  drawing: z.string().max(DRAWING_MAX).nullable().describe(DRAWING),
  avatar: z.string().describe(AVATAR),
  button_url: z.string().nullable().describe(BUTTON_URL),
  edited_at: z
    .string()
    .nullable()
    .describe(
      'The `edited_at` of the version that you read. If the entry has been edited since then, the call changes nothing and fails with 409.'
    ),
})

export const commentOut = z
  .object({
    id: z.string(),
    book: z.string(),
    name: z.string(),
    website: z.string().nullable(),
    body: z.string(),
    status: z.enum(ENTRY_STATUSES),
    url: z.string().describe('The permalink of the entry.'),
    created_at: z.string(),
    edited_at: z.string().nullable(),
    answers: z.array(
      z.object({
        question_id: z.string().describe('Identifies the question in the book, wherever the owner moves it.'),
        question: z.string(),
        answer: z.string(),
      })
    ),
    mood: z.string().nullable(),
    place: z.string().nullable(),
    is_private: z.boolean(),
    pre: z.boolean().describe(PRE),
    drawing: z
      .string()
      .nullable()
      .describe(
        `The guest's drawing: strokes as SVG path data on a sheet with the \`viewBox\` \`${SHEET}\`. Null if there is none.`
      ),
    reply: z
      .object({ body: z.string(), created_at: z.string() })
      .nullable()
      .describe("The owner's reply. Null if there is none."),
    mentioned_on: z
      .string()
      .nullable()
      .describe('For a webmention: the page that mentions the book. Null for an entry by a guest.'),
  })
  .meta({ id: 'Comment' })

/** An entry with what only the owner sees. A backup has more columns: see owner/moving/exporting/exported-tables.ts. */
export const moderatedComment = commentOut
  .and(
    z.object({
      reason: z.string().nullable().describe('Why the entry is waiting or is spam, or null.'),
      inbound_id: z.string().nullable().describe('The request that created the entry.'),
    })
  )
  .meta({ id: 'ModeratedComment' })

/** What only the guest who signed gets. */
export const newCommentOut = commentOut
  .and(
    z.object({
      edit_token: z
        .string()
        .optional()
        .describe(
          'A token for changing or deleting this entry until `editable_until`. Only guests get a token. A guest can send the token with a later entry, to prove that the owner has approved this entry, or an earlier one whose token was sent with this entry.'
        ),
      editable_until: z.string().optional(),
    })
  )
  .meta({ id: 'NewComment' })

export const replyIn = bodyOf('ReplyIn', {
  body: z.string().describe(`Up to ${BODY_MAX.toLocaleString('en')} characters.`),
})

export type CommentOut = z.infer<typeof commentOut>

/** @returns a comment in the shape that the API, every event and the export of one person's data use */
export function toComment(row: ListedComment, origin: string): CommentOut {
  const { id, book, name, website, body, status, drawing } = row
  const times = { created_at: iso(row.created_at), edited_at: iso(row.edited_at) }
  const { mood = null, place = null, mention: mentioned_on = null } = extraOf(row)
  const more = { answers: readAnswers(row.answers), mood, place, is_private: row.is_private === 1, pre: row.pre === 1 }
  const reply = row.reply === null ? null : { body: row.reply, created_at: iso(row.replied_at ?? row.created_at) }
  const said = { id, book, name, website, body, status, url: `${origin}/comments/${id}` }
  return { ...said, ...times, ...more, drawing, reply, mentioned_on }
}

export function toModerated(row: CommentRow, origin: string): z.infer<typeof moderatedComment> {
  return { ...toComment(row, origin), reason: row.reason, inbound_id: row.inbound_id }
}

/** @returns what a `comment.removed` event says about the comment: not its name, website or text */
function withoutText({ id, book, status, url, created_at, edited_at }: CommentOut) {
  return { id, book, status, url, created_at, edited_at }
}

/**
 * @returns the `data` of a comment event, which is complete, so that receivers do not have to call the API; null if no
 *   event is due, because the comment is for the owner alone, or belongs to the demo guestbook
 */
export function commentEvent(type: string, comment: CommentOut, book: Book) {
  if (comment.is_private || book.is_demo) return null
  const shown = type === 'comment.removed' ? withoutText(comment) : comment
  const url = originOf(comment.url) + bookPath(book.slug)
  const about = { comment: shown, book: { slug: book.slug, title: book.title, url } }
  // The links are added for each endpoint that may have them: see guestbook/for-webhooks/moderation-links.ts.
  return type === 'comment.held' ? { ...about, moderation: null } : about
}
