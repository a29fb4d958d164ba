import { described, doc } from '#doc'
import { type Control, check, optionalText, text } from '../../../kit/html/controls'
import { err, ok, type Result } from '../../../kit/lib/result'
import * as z from '../../../zod'
import { ANSWER_MAX, MAX_QUESTIONS, QUESTION_MAX, type Question } from '../../rules/entries/answers'
import { judgeLine } from '../../rules/entries/book-policy'
import { setting } from './setting'

const question = z
  .strictObject({
    text: z
      .string()
      .openapi({ example: 'How did you find me?', description: doc(`Up to ${QUESTION_MAX} characters.`) }),
    is_required: z.boolean().default(false),
    expected: z
      .string()
      .max(ANSWER_MAX)
      .nullable()
      .default(null)
      .openapi(
        described(
          'The answer that shows that the guest is a person. Case and spaces do not matter. Null for any answer.'
        )
      ),
  })
  .openapi('Question')

/** The setting for the questions in the form. */
export const QUESTIONS = setting({
  schema: z.array(question).max(MAX_QUESTIONS),
  about: doc('Questions in the form.'),
  initial: [],
  judge: judgeQuestions,
  control: questionInputs(),
})

function judgeQuestions(questions: Question[]): Result<Question[], string> {
  const judged = questions.map((one) => ({ ...one, text: judgeLine('A question', one.text, QUESTION_MAX) }))
  const faults = judged.flatMap(({ text }) => (text.ok ? [] : [text.error]))
  if (faults[0] !== undefined) return err(faults[0])
  return ok(judged.map((one) => ({ ...one, text: one.text.ok ? one.text.value : '' })))
}

/** Inputs for as many questions as there can be. A question without a text is not asked. */
function questionInputs(): Control<Question[]> {
  const numbers = Array.from({ length: MAX_QUESTIONS }, (_, i) => i)
  const asked = text('Question', {
    max: QUESTION_MAX,
    hint: 'The form asks it below the text. The answer stands beside the entry. If the field is empty, nothing is asked.',
  })
  const isRequired = check('Must be answered')
  const expected = optionalText('Expected answer', {
    max: ANSWER_MAX,
    hint: 'If you enter one, only guests who know it can sign. It is never shown.',
  })
  return {
    fill: (questions, name) =>
      Object.assign(
        {},
        ...questions.map((one, i) => ({
          ...asked.fill(one.text, `${name}_${i}_text`),
          ...isRequired.fill(one.is_required, `${name}_${i}_is_required`),
          ...expected.fill(one.expected, `${name}_${i}_expected`),
        }))
      ),
    read: (form, name) =>
      numbers
        .map((i) => ({
          text: asked.read(form, `${name}_${i}_text`),
          is_required: isRequired.read(form, `${name}_${i}_is_required`),
          expected: expected.read(form, `${name}_${i}_expected`),
        }))
        .filter((one) => one.text !== ''),
    show: (form, name) =>
      numbers.map((i) => (
        <fieldset>
          <legend>Question {i + 1}</legend>
          {asked.show(form, `${name}_${i}_text`)}
          {isRequired.show(form, `${name}_${i}_is_required`)}
          {expected.show(form, `${name}_${i}_expected`)}
        </fieldset>
      )),
  }
}
