import type * as z from 'zod'
import { invalid } from '../../kit/http/problem'
import { err, ok, type Result } from '../../kit/lib/result'
import type { Book } from '../books/book'
import {
  type AnswerFault,
  judgeAnswers,
  type KeptAnswer,
  MAX_ANSWERS,
  questionIds,
  readAnswers,
} from '../rules/entries/answers'
import { DETAILS, type DetailFault, judgeDetails } from '../rules/entries/details'
import { type Drawings, judgeDrawing } from '../rules/entries/drawing'
import { type FieldError, judgeButton, judgeComment } from '../rules/entries/entry-content'
import { english, type Translator } from '../rules/languages'
import { isFace } from '../rules/looks/faces'
import type { commentChange } from '../schemas'
import { type CommentRow, extraOf } from '../store'
import { type Says, saysTheSame } from './plan-events'

/** What an edit can change. What is left out stays. */
export type Edit = Omit<z.infer<typeof commentChange>, 'status'>

const PARTS = [
  'name',
  'body',
  'website',
  'answers',
  'mood',
  'place',
  'pre',
  'drawing',
  'avatar',
  'button_url',
] satisfies (keyof Edit)[]

interface About {
  translate?: Translator | undefined
  /** Its questions and details can be answered. Null if only the status changes. */
  book?: Pick<Book, 'questions' | 'asks_for' | 'drawings' | 'has_wall'> | null
}

/** @returns the columns that change. Each edit sets a later `edited_at`: see versions.ts. @throws Refusal 422 */
export function edit(
  before: CommentRow,
  change: Edit,
  edited_by: 'owner' | 'guest',
  now: number,
  about: About = {}
): Partial<CommentRow> {
  if (PARTS.every((part) => change[part] === undefined)) return {}
  const after = judgeEdit(before, change, about, edited_by === 'guest')
  if (saysTheSame(before, after)) return {}
  return { ...after, edited_at: Math.max(now, (before.edited_at ?? 0) + 1), edited_by }
}

function judgeEdit(before: CommentRow, change: Edit, { translate = english(), book }: About, isGuest: boolean): Says {
  const { name = before.name, body = before.body, website = before.website, pre = before.pre === 1 } = change
  const text = judgeComment({ name, body, website, pre }, translate)
  const answers = editAnswers(before, change, book?.questions ?? [], translate, isGuest)
  const extra = editExtra(before, change, book, translate)
  const drawing = editDrawing(before, change, book?.drawings ?? 'off', translate)
  if (text.ok && answers.ok && extra.ok && drawing.ok) {
    return { ...text.value, pre: Number(pre), answers: answers.value, extra: extra.value, drawing: drawing.value }
  }
  throw invalid([text, answers, extra, drawing].flatMap((one) => (one.ok ? [] : [...one.error])))
}

/**
 * A question that only proves that the guest is a person is not asked again. Answers to questions that are not asked
 * stay. The owner need not answer, as in a new entry.
 */
function editAnswers(
  before: CommentRow,
  { answers: given }: Edit,
  questions: Book['questions'],
  translate: Translator,
  required: boolean
): Result<string, AnswerFault[]> {
  if (given === undefined) return ok(before.answers)
  const stored = readAnswers(before.answers)
  const judged = judgeAnswers(questions, given, translate, { required, proof: false, stored })
  if (!judged.ok) return judged
  const asked = questionIds(questions).filter((_, i) => questions[i]?.expected === null)
  const others = stored.filter(({ question_id }) => !asked.includes(question_id))
  const after = [...judged.value, ...others].slice(0, MAX_ANSWERS)
  const isStored = (one: KeptAnswer) =>
    stored.some(({ question_id, answer }) => question_id === one.question_id && answer === one.answer)
  const isSame = after.length === stored.length && after.every(isStored)
  return ok(isSame ? before.answers : JSON.stringify(after))
}

/** If the book no longer allows drawings, a drawing stays as it is. */
function editDrawing(before: CommentRow, { drawing }: Edit, drawings: Drawings, translate: Translator) {
  return drawing === undefined || drawings === 'off' ? ok(before.drawing) : judgeDrawing(drawings, drawing, translate)
}

function editExtra(
  before: CommentRow,
  { avatar, button_url, ...change }: Edit,
  book: About['book'],
  translate: Translator
): Result<string, (DetailFault | FieldError)[]> {
  const asked = book?.asks_for ?? []
  const changed = DETAILS.filter((detail) => change[detail] !== undefined && asked.includes(detail))
  const given = Object.fromEntries(changed.map((detail) => [detail, change[detail] ?? '']))
  const judged = judgeDetails(changed, given, translate)
  if (!judged.ok) return err(judged.error)
  const isAsked = button_url !== undefined && book?.has_wall === true
  const button = judgeButton(isAsked, button_url, translate)
  if (!button.ok) return button
  const cleared = Object.fromEntries(changed.map((detail) => [detail, undefined]))
  const face = avatar !== undefined && { avatar: isFace(avatar) ? avatar : undefined }
  return ok(
    JSON.stringify({
      ...extraOf(before),
      ...cleared,
      ...judged.value,
      ...face,
      ...(isAsked && { button: button.value ?? undefined }),
    })
  )
}
