import * as z from 'zod'
import { type Book, type BookRow, bookPath, toBook, welcomeWords } from '../books/book'
import { ANSWER_MAX, mustAnswer, questionIds } from '../rules/entries/answers'
import { DETAIL_MAX, DETAILS } from '../rules/entries/details'
import { BODY_MAX, GUEST_NAME_MAX, WEBSITE_MAX } from '../rules/entries/entry-content'
import { LANGUAGE_CODES, type Translator } from '../rules/languages'
import type { TextKey } from '../rules/languages/en'
import { facePath, listFaces } from '../rules/looks/faces'
import { listMoods } from '../rules/looks/moods'
import { NOTICES } from '../signing/notices'

/** The texts that public/embed.js shows. */
const TEXTS = [
  'sign_heading',
  'closed',
  'your_name',
  'your_website',
  'your_message',
  'optional',
  'private_entry',
  'your_mood',
  'your_place',
  'optional_detail',
  'more_fields',
  'no_mood',
  'own_mood',
  'choose_face',
  'your_face',
  'no_face',
  'your_drawing',
  'drawing_undo',
  'drawing_clear',
  'drawing_left',
  'keep_lines',
  'sign',
  'thanks_published',
  'thanks_held',
  'thanks_private',
  'edit',
  'edit_heading',
  'save',
  'delete_entry',
  'thanks_edited',
  'thanks_edited_held',
  'thanks_deleted',
  'a_drawing',
  'read_on',
  'not_sent',
  'entries',
  'no_entries',
  'news',
  'reply_heading',
  'to_older',
  'only_you',
] satisfies TextKey[]

const count = z.int()

/** What a script needs to show a book on another page. It never contains the expected answer to a question. */
export const embeddedBook = z
  .object({
    slug: z.string(),
    title: z.string(),
    welcome: z.string(),
    language: z.enum(LANGUAGE_CODES),
    direction: z.enum(['ltr', 'rtl']),
    is_open: z.boolean(),
    comment_count: count.describe('How many published entries the book has.'),
    url: z.string(),
    allows_private: z.boolean(),
    asks_for: z.array(z.enum(DETAILS)).describe('The details that the form asks for besides the text.'),
    moods: z.array(z.string()).describe('The moods that guests can choose from, if the form asks for a mood.'),
    faces: z
      .array(z.object({ avatar: z.string(), name: z.string(), url: z.string() }))
      .describe('The faces that guests can choose. Empty if the book does not show faces.'),
    drawings: z.boolean().describe('Whether guests can draw.'),
    questions: z.array(z.object({ question_id: z.string(), text: z.string(), is_required: z.boolean() })),
    limits: z
      .object({ name: count, website: count, body: count, answer: count, detail: count })
      .describe('The maximum lengths in characters (code points).'),
    colors: z
      .record(z.string(), z.string())
      .describe('The colors of the theme and the accent of the book, as CSS values.'),
    texts: z.record(z.string(), z.string()).describe('The texts of the form, in `language`.'),
    notices: z
      .record(z.string(), z.string())
      .describe('The messages for guests whose entry was not accepted, keyed by the `code` of the problem.'),
  })
  .meta({ id: 'EmbeddedBook' })

export function toEmbeddedBook(
  row: BookRow,
  translate: Translator,
  origin: string,
  colors: Record<string, string>
): z.infer<typeof embeddedBook> {
  const book = toBook(row)
  const { slug, title, is_open, allows_private, asks_for } = book
  const { language, direction, text } = translate
  return {
    slug,
    title,
    welcome: welcomeWords(book, translate),
    language,
    direction,
    is_open,
    comment_count: row.published_count,
    url: origin + bookPath(slug),
    allows_private,
    asks_for,
    moods: asks_for.includes('mood') ? listMoods(text('moods')).map(({ value }) => value) : [],
    faces: book.avatars === 'face' ? facesOf(text('faces'), origin) : [],
    drawings: book.drawings !== 'off',
    questions: questionsOf(book),
    limits: { name: GUEST_NAME_MAX, website: WEBSITE_MAX, body: BODY_MAX, answer: ANSWER_MAX, detail: DETAIL_MAX },
    colors,
    texts: textsOf(book, text),
    notices: Object.fromEntries(Object.entries(NOTICES).map(([code, key]) => [code, text(key)])),
  }
}

/** Adds the hints of the form of the page. Nobody can solve a puzzle here, so with one, every entry waits: see doors.ts. */
function textsOf({ markup, moderation, proof_of_work, turnstile }: Book, text: Translator['text']) {
  const waits = proof_of_work || turnstile ? 'all' : moderation
  return {
    ...Object.fromEntries(TEXTS.map((key) => [key, text(key)])),
    ...(markup && { your_message: `${text('your_message')} (${text('markup_hint')})` }),
    ...(waits !== 'none' && { waits: text(`waits_${waits}`) }),
  }
}

function facesOf(names: string, origin: string) {
  return listFaces(names).map(({ slug, name }) => ({ avatar: slug, name, url: origin + facePath(slug) }))
}

/** An expected answer makes a question required. */
function questionsOf({ questions }: Book) {
  const ids = questionIds(questions)
  return questions.map((question, i) => ({
    question_id: ids[i] ?? '',
    text: question.text,
    is_required: mustAnswer(question),
  }))
}
