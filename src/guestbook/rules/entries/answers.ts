import { err, ok, type Result } from '../../../kit/lib/result'
import { hashOf } from '../../../kit/lib/text/hash'
import type { Translator } from '../languages'
import { readAlike } from './fold'
import { explainTextFault, isBlank, oneLine, readText } from './text'

/* The questions that an owner asks in the form, and what guests answer. */

export const MAX_QUESTIONS = 3
/**
 * An entry keeps its answers to questions that the book no longer asks, so it can have more answers than the book
 * questions.
 */
export const MAX_ANSWERS = 30
/** Lengths in code points. */
export const QUESTION_MAX = 120
export const ANSWER_MAX = 200

export const QUESTION_ID_MAX = 20

export interface Question {
  text: string
  is_required: boolean
  /** The answer that shows that the guest is a person, or null. Case and spaces do not matter. It is never shown. */
  expected: string | null
}

/** @returns the id of each question, which stays while the owner moves, adds or removes other questions */
export function questionIds(questions: Pick<Question, 'text'>[]): string[] {
  const hashes = questions.map(({ text }) => String(hashOf(text)))
  // Two questions can have the same text.
  return hashes.map((hash, i) => hash + '_'.repeat(hashes.slice(0, i).filter((one) => one === hash).length))
}

/** @returns the names of the fields in a form */
export const answerFields = (questions: Pick<Question, 'text'>[]): string[] =>
  questionIds(questions).map((id) => `answer_${id}`)

/** No guest could give a blank answer. @returns null for one */
export const expectedOf = (given: string | null): string | null => (isBlank(given ?? '') ? null : given)

/** A question with an expected answer must be answered, whatever else is set. */
export function mustAnswer({ is_required, expected }: Pick<Question, 'is_required' | 'expected'>): boolean {
  return is_required || expected !== null
}

export type EntryAnswer = { question: string; answer: string }
/** An answer as it is stored. */
export type KeptAnswer = { question_id: string } & EntryAnswer
/** What somebody answers to the question at the same position, or to the one that is named. */
export type GivenAnswer = string | { question_id: string; answer: string }
/** The path has the id of the question if the answers have ids, otherwise its position. */
export type AnswerFault = { path: `answers.${string}`; message: string }

/** @param stored the column `answers` of an entry */
export function readAnswers(stored: string): KeptAnswer[] {
  const answers: (EntryAnswer & { question_id?: string })[] = JSON.parse(stored)
  // Earlier versions stored no ids.
  const ids = questionIds(answers.map(({ question }) => ({ text: question })))
  return answers.map(({ question_id, ...one }, i) => ({ question_id: question_id ?? ids[i] ?? '', ...one }))
}

/** @returns what was answered to each question; undefined if it was left out. Answers to other questions are ignored */
function answersTo(ids: string[], given: GivenAnswer[]): (string | undefined)[] {
  return ids.map((id, i) => {
    const [named] = given.flatMap((one) => (typeof one !== 'string' && one.question_id === id ? [one.answer] : []))
    const placed = given[i]
    return named ?? (typeof placed === 'string' ? placed : undefined)
  })
}

interface Asked {
  /** Whether required questions must be answered. */
  required: boolean
  /** Whether the guest must prove to be a person. */
  proof: boolean
  /** The answers of an entry that is edited, which stay if no other answer is given. */
  stored?: KeptAnswer[]
}

/** @returns the answers to show, without empty ones and without those that only prove that the guest is a person */
export function judgeAnswers(
  questions: Question[],
  given: GivenAnswer[],
  translate: Translator,
  { required, proof, stored = [] }: Asked
): Result<KeptAnswer[], AnswerFault[]> {
  const ids = questionIds(questions)
  const keptOf = (id: string | undefined) => stored.find(({ question_id }) => question_id === id)?.answer ?? ''
  const texts = answersTo(ids, given).map((text, i) => text ?? keptOf(ids[i]))
  const isNamed = given.some((one) => typeof one !== 'string')
  const judged = questions.map((question, i) => {
    if (question.expected !== null && !proof) return ok(null)
    return judgeAnswer({ ...question, is_required: question.is_required && required }, texts[i] ?? '', translate)
  })
  const faults = judged.flatMap((one, i): AnswerFault[] =>
    one.ok ? [] : [{ path: `answers.${isNamed ? ids[i] : i}`, message: one.error }]
  )
  if (faults.length > 0) return err(faults)
  return ok(judged.flatMap((one, i) => (one.ok && one.value ? [{ question_id: ids[i] ?? '', ...one.value }] : [])))
}

/** @returns the answer to show, or null if there is none; or what is wrong */
function judgeAnswer(question: Question, given: string, translate: Translator): Result<EntryAnswer | null, string> {
  const { text, expected } = question
  if (given.trim() === '' && !mustAnswer(question)) return ok(null)
  const answer = readText(given, oneLine, ANSWER_MAX)
  if (!answer.ok) return err(explainTextFault(translate, translate.text('your_answer'), answer.error))
  if (expected === null) return ok({ question: text, answer: answer.value })
  return readAlike(answer.value, expected) ? ok(null) : err(translate.text('fault_wrong_answer'))
}
