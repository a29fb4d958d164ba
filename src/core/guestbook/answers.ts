import type { Translator } from '../languages'
import { err, ok, type Result } from '../lib/result'
import { explainFault, oneLine, readText } from './text'

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

export interface Answer {
  question: string
  answer: string
}

export interface AnswerFault {
  path: `answers.${number}`
  message: string
}

/**
 * Checks the answers to a book's questions.
 * @param given the answers, in the order of the questions
 * @returns the answers to show, without empty ones and without those that only prove that the guest is a person
 */
export function judgeAnswers(
  questions: Question[],
  given: string[],
  translate: Translator
): Result<Answer[], AnswerFault[]> {
  const judged = questions.map((question, i) => judgeAnswer(question, given[i] ?? '', translate))
  const faults = judged.flatMap((one, i): AnswerFault[] =>
    one.ok ? [] : [{ path: `answers.${i}`, message: one.error }]
  )
  if (faults.length > 0) return err(faults)
  return ok(judged.flatMap((one) => (one.ok && one.value ? [one.value] : [])))
}

/** @returns the answer to show, or null if there is none; or what is wrong */
function judgeAnswer(
  { text, is_required, expected }: Question,
  given: string,
  translate: Translator
): Result<Answer | null, string> {
  if (given.trim() === '' && !is_required && expected === null) return ok(null)
  const answer = readText(given, oneLine, ANSWER_MAX)
  if (!answer.ok) return err(explainFault(translate, translate.text('your_answer'), answer.error))
  if (expected === null) return ok({ question: text, answer: answer.value })
  return fold(answer.value) === fold(expected) ? ok(null) : err(translate.text('fault_wrong_answer'))
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
}
