import type { Visitor } from '../../kit/http/visitor'
import { err, ok, type Result } from '../../kit/lib/result'
import type { Book } from '../books/book'
import { type AnswerFault, type EntryAnswer, type GivenAnswer, judgeAnswers } from '../rules/entries/answers'
import { type Decision, decide, type Facts } from '../rules/entries/decide'
import { type DetailFault, detailTexts, type GuestDetails, judgeDetails } from '../rules/entries/details'
import { type DrawingFault, judgeDrawing } from '../rules/entries/drawing'
import {
  type CommentInput,
  type FieldError,
  judgeButton,
  judgeComment,
  judgePrivate,
  type PrivateFault,
} from '../rules/entries/entry-content'
import type { EntryTexts } from '../rules/entries/fold'
import { type Ban, isActive, isBannedText } from '../rules/entries/match-bans'
import { english, type Translator } from '../rules/languages'
import { isFace } from '../rules/looks/faces'
import { unmarkedText } from '../rules/looks/inline'
import { extraOf, type NewComment } from '../store'
import { applies, type Door, rulesAt } from './doors'

/* The parts of judging that new entries share with previews and edits. */

interface EntryInput extends CommentInput, GuestDetails {
  answers?: GivenAnswer[] | undefined
  is_private?: boolean | undefined
  /** The slug of a face. Any other text is ignored. */
  avatar?: string | undefined
  /** Strokes: see guestbook/rules/entries/drawing.ts. */
  drawing?: string | null | undefined
  button_url?: string | null | undefined
}

export type EntryFault = FieldError | AnswerFault | DetailFault | DrawingFault | PrivateFault

/** What somebody wants to write. */
export interface Written {
  door: Door
  input: EntryInput
  book: Book
  /** The language of the error messages; English if it is not given. */
  translate?: Translator
  /** The page that mentions the book, when it was published, and whether it says anything. */
  mention?: { url: string; published_at: number | null; has_text: boolean }
}

type Cleaned = Pick<NewComment, 'name' | 'body' | 'website' | 'answers' | 'extra' | 'pre' | 'drawing'>

/** @returns what an entry says, cleaned; or what is wrong with it */
export function readEntry(written: Written): Result<Cleaned, EntryFault[]> {
  const { door, input, book, translate = english(), mention } = written
  const text = judgeComment(input, translate)
  const isAsked = applies('questions', door)
  const asked = { required: isAsked, proof: isAsked }
  const answers = judgeAnswers(book.questions, input.answers ?? [], translate, asked)
  const details = judgeDetails(book.asks_for, input, translate)
  const drawing = judgeDrawing(book.drawings, input.drawing, translate)
  const button = judgeButton(book.has_wall, input.button_url, translate)
  const privacy = judgePrivate(book.allows_private, input.is_private, translate)
  if (!text.ok || !answers.ok || !details.ok || !drawing.ok || !button.ok || !privacy.ok) {
    return err(
      [text, answers, details, drawing, button, privacy].flatMap((one): EntryFault[] => (one.ok ? [] : one.error))
    )
  }
  const extra = {
    ...details.value,
    ...(isFace(input.avatar ?? '') && { avatar: input.avatar }),
    ...(button.value !== null && { button: button.value }),
    ...(mention && { mention: mention.url, mention_at: mention.published_at }),
  }
  const kept = { answers: JSON.stringify(answers.value), extra: JSON.stringify(extra) }
  return ok({ ...text.value, ...kept, pre: Number(input.pre === true), drawing: drawing.value })
}

/** Who writes, and where. */
export interface Circumstances {
  door: Door
  book: Book
  /** The guest; not the sender of a webmention, who need not have written the page. */
  visitor?: Visitor | null
  now: number
}

/** @returns what becomes of an entry that is new or was changed, by the rules of its book at this door */
export async function decideOn(
  { door, book, visitor, now }: Circumstances,
  entry: Cleaned,
  facts: Omit<Facts, 'isBanned' | 'hasDrawing'>
): Promise<Decision> {
  // Cleaned, so its length and its combining marks are bounded, and comparing it costs little.
  const said = saidIn(entry, book.markup)
  const rules = rulesAt(door, book)
  const isBanned = isBannedText(said, rules.bans, now) || (await isBannedNetwork(visitor, rules.bans, now))
  return decide(said, rules, { ...facts, isBanned, hasDrawing: entry.drawing !== null })
}

/** @param markup whether the book has it @returns all that an entry says */
export function saidIn({ name, body, website, ...row }: Cleaned, markup: boolean): EntryTexts {
  const answers: EntryAnswer[] = JSON.parse(row.answers)
  const extra = extraOf(row)
  const more = [...answers.map(({ answer }) => answer), ...detailTexts(extra)]
  // The address of a button is added without its scheme, so that it does not count as a link in the text.
  if (extra.button) more.push(extra.button.replace(/^https?:\/\/(www\.)?/, ''))
  const shown = markup && !row.pre ? [unmarkedText(body)] : []
  return { name, body, website, more, shown }
}

/** @returns whether the owner of a book has banned the network that a guest comes from */
async function isBannedNetwork(visitor: Visitor | null | undefined, bans: Ban[], now: number): Promise<boolean> {
  const active = bans.filter((ban) => ban.by === 'visitor' && isActive(ban, now))
  if (!visitor || active.length === 0) return false
  // Bans of one day have the same key, so there are few different ones.
  const keys = [...new Set(active.map(({ key = '' }) => key))]
  const hashes = await Promise.all(keys.map(visitor.hashUnder))
  return active.some(({ value }) => hashes.includes(value))
}
