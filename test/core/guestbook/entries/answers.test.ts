import { describe, expect, it } from 'vitest'
import { ANSWER_MAX, judgeAnswers, type Question } from '../../../../src/guestbook/rules/entries/answers'
import { english } from '../../../../src/guestbook/rules/languages'

const OPTIONAL: Question = { text: 'How did you find me?', is_required: false, expected: null }
const REQUIRED: Question = { text: 'Where are you from?', is_required: true, expected: null }
const CHALLENGE: Question = { text: 'Which color is the sky?', is_required: true, expected: 'Light blue' }

const judge = (questions: Question[], ...given: string[]) =>
  judgeAnswers(questions, given, english(), { required: true, proof: true })

describe('answers to the questions of a book', () => {
  it('are shown with their questions, without empty ones and without the challenge', () => {
    expect(judge([OPTIONAL, REQUIRED, CHALLENGE], '  ', ' the\tmoon ', 'light  BLUE')).toEqual({
      ok: true,
      value: [{ question_id: expect.any(String), question: REQUIRED.text, answer: 'the moon' }],
    })
  })

  it.each<[string, Question[], string[], string, string]>([
    ['missing', [REQUIRED], [], 'answers.0', 'empty'],
    ['wrong', [OPTIONAL, CHALLENGE], ['', 'green'], 'answers.1', english().text('fault_wrong_answer')],
    ['missing, for a challenge', [CHALLENGE], [''], 'answers.0', 'empty'],
    ['too long', [OPTIONAL], ['x'.repeat(ANSWER_MAX + 1)], 'answers.0', `${ANSWER_MAX + 1} characters`],
    ['hostile', [OPTIONAL], ['a\u202eb'], 'answers.0', 'text direction'],
  ])('are refused if one is %s', (_, questions, given, path, words) => {
    const judged = judge(questions, ...given)
    expect(judged.ok ? [] : judged.error).toEqual([{ path, message: expect.stringContaining(words) }])
  })

  it('are ignored if the book asks nothing', () => {
    expect(judge([], 'x', 'y')).toEqual({ ok: true, value: [] })
  })
})
