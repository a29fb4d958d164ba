import { err, ok, type Result } from '../../../kit/lib/result'
import { hashOf } from '../../../kit/lib/text/hash'
import type { Translator } from '../languages'
import { readAlike } from './fold'
import { explainFault, isBlank, oneLine, readText } from './text'

/* The questions that an owner asks in the form, and what guests answer. */

export const MAX_QUESTIONS = 3
/** Lengths in code points. */
export const QUESTION_MAX = 120
export const ANSWER_MAX = 200

export interface Question {
  text: string
  is_required: boolean
  /** The answer that shows that the guest is a person, or null. Case and spaces do not matter. It is never shown. */
  expected: string | null
}

/** @returns the names of the fields in a form, which stay while the owner moves, adds or removes other questions */
export function answerFields(questions: Pick<Question, 'text'>[]): string[] {
  const texts = questions.map(({ text }) => text)
  // Two questions can have the same text.
  return texts.map(
    (text, i) => `answer_${hashOf(text)}${'_'.repeat(texts.slice(0, i).filter((one) => one === text).length)}`
  )
}

/** No guest could give a blank answer. @returns null for one */
export const expectedOf = (given: string | null): string | null => (isBlank(given ?? '') ? null : given)

/** A question with an expected answer must be answered, whatever else is set. */
export function mustAnswer({ is_required, expected }: Pick<Question, 'is_required' | 'expected'>): boolean {
  return is_required || expected !== null
}

export type Answer = { question: string; answer: string }
export type AnswerFault = { path: `answers.${number}`; message: string }

/** Whether required questions must be answered, and whether the guest must prove to be a person. */
type Asked = { required: boolean; proof: boolean }

/** @returns the answers to show, without empty ones and without those that only prove that the guest is a person */
export function judgeAnswers(
  questions: Question[],
  given: string[],
  translate: Translator,
  { required, proof }: Asked
): Result<Answer[], AnswerFault[]> {
  const judged = questions.map((question, i) => {
    if (question.expected !== null && !proof) return ok(null)
    return judgeAnswer({ ...question, is_required: question.is_required && required }, given[i] ?? '', translate)
  })
  const faults = judged.flatMap((one, i): AnswerFault[] =>
    one.ok ? [] : [{ path: `answers.${i}`, message: one.error }]
  )
  if (faults.length > 0) return err(faults)
  return ok(judged.flatMap((one) => (one.ok && one.value ? [one.value] : [])))
}

/** @returns the answer to show, or null if there is none; or what is wrong */
function judgeAnswer(question: Question, given: string, translate: Translator): Result<Answer | null, string> {
  const { text, expected } = question
  if (given.trim() === '' && !mustAnswer(question)) return ok(null)
  const answer = readText(given, oneLine, ANSWER_MAX)
  if (!answer.ok) return err(explainFault(translate, translate.text('your_answer'), answer.error))
  if (expected === null) return ok({ question: text, answer: answer.value })
  return readAlike(answer.value, expected) ? ok(null) : err(translate.text('fault_wrong_answer'))
}
