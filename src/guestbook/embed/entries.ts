import * as z from 'zod'
import { iso } from '../../kit/http/pagination'
import { hostOf } from '../../kit/lib/url'
import { type Book, textFormatOf } from '../books/book'
import { detailsOf, editedOf } from '../reading/entry-details'
import { readAnswers } from '../rules/entries/answers'
import { frameOf, isDrawing } from '../rules/entries/drawing'
import type { Translator } from '../rules/languages'
import { excerptOf } from '../rules/looks/excerpt'
import { facePath, isFace } from '../rules/looks/faces'
import { formatEntry, type TextBlock } from '../rules/looks/formatting'
import { identiconOf } from '../rules/looks/identicon'
import { type CommentRow, extraOf } from '../store'

/* Entries as the page of their book shows them, for scripts that make nodes of them. */

const text = z.string()

const part = z.object({
  type: z.enum(['text', 'code', 'link', 'smiley', 'em', 'strong', 'break']),
  text: text.optional(),
  url: text.optional().describe('Only for `link`.'),
  emoji: text.optional().describe('Only for `smiley`.'),
  inline: z
    .array(z.object({ type: text }))
    .optional()
    .describe('Only for `em` and `strong`: the parts of the emphasized text.'),
})

const words = z.array(z.object({ type: z.enum(['paragraph', 'quote', 'pre']), inline: z.array(part) }))

export const embeddedEntry = z
  .object({
    id: text,
    number: text.nullable().describe('The number of the entry, such as `No. 7`. Null if the book shows no numbers.'),
    name: text,
    website: text.nullable(),
    words: words.describe(
      'The text, with links, smileys and markup as the book allows them. A `link` has a `url` and a `text`, a `smiley` has an `emoji` and a `text`, and `em` and `strong` have `inline`.'
    ),
    is_cut: z.boolean().describe('Whether this is only the beginning of a long text.'),
    answers: z.array(z.object({ question_id: text, question: text, answer: text })),
    details: z.array(text).describe('The mood and the place of the guest, each as a short sentence.'),
    mention: z.object({ url: text, text }).nullable().describe('The page that mentions the book.'),
    reply: words.nullable(),
    face: text.nullable().describe('The address of the picture (face) that the guest has chosen.'),
    identicon: z
      .object({ color: text, squares: text })
      .nullable()
      .describe(
        'A picture generated from the name. `color` fills a tile of 48 × 48 units. `squares` is the SVG path data of the white squares on the tile. Null if the book shows no pictures.'
      ),
    drawing: text.nullable().describe('SVG path data for the `viewBox` `0 0 400 200`.'),
    drawing_frame: text.nullable().describe('The part of it with the strokes, as a `viewBox`.'),
    url: text,
    created_at: text,
    edited_at: text.nullable(),
    edited: text
      .nullable()
      .describe('Says who has edited the entry, such as `edited by the owner`. Null if nobody has.'),
  })
  .meta({ id: 'EmbeddedEntry' })

type Shown = { book: Book; translate: Translator; origin: string }

/** @param rank which of the published entries it is; the oldest is 1. Null if that is not known */
export function toEmbeddedEntry(row: CommentRow, rank: number | null, shown: Shown): z.infer<typeof embeddedEntry> {
  const { book, translate, origin } = shown
  const { id, name, website, drawing, edited_at } = row
  const excerpt = excerptOf(row.body)
  const isDrawn = drawing !== null && isDrawing(drawing)
  return {
    id,
    number: book.show_numbers && rank !== null ? translate.text('entry_number', { number: rank }) : null,
    name,
    website,
    words: wordsOf(excerpt ?? row.body, book, row.pre === 1),
    is_cut: excerpt !== null,
    answers: readAnswers(row.answers),
    details: detailsOf(row, translate),
    mention: mentionOf(row, translate),
    reply: row.reply === null ? null : wordsOf(row.reply, book),
    ...pictureOf(row, book, origin),
    drawing: isDrawn ? drawing : null,
    drawing_frame: isDrawn ? frameOf(drawing) : null,
    url: `${origin}/comments/${id}`,
    created_at: iso(row.created_at),
    edited_at: iso(edited_at),
    edited: editedOf(row, translate),
  }
}

type Words = { type: TextBlock['type'] | 'pre'; inline: TextBlock['inline'] }

function wordsOf(text: string, book: Book, isPre = false): Words[] {
  return isPre ? [{ type: 'pre', inline: [{ type: 'text', text }] }] : formatEntry(text, textFormatOf(book))
}

function mentionOf(row: CommentRow, { text }: Translator) {
  const { mention } = extraOf(row)
  return mention === undefined ? null : { url: mention, text: text('mentioned_on', { site: hostOf(mention) }) }
}

function pictureOf(row: CommentRow, { avatars }: Book, origin: string) {
  if (avatars === 'none') return { face: null, identicon: null }
  const { avatar = '' } = extraOf(row)
  const face = avatars === 'face' && isFace(avatar) ? origin + facePath(avatar) : null
  return { face, identicon: identiconOf(row.name) }
}
