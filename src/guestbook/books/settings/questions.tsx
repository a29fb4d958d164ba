import * as z from 'zod'
import { bodyOf } from '../../../kit/body-schema'
import { type Control, check, type Filled, filledForm, optionalText, text } from '../../../kit/html/controls'
import { Fold, Submit } from '../../../kit/html/parts/form'
import { ok, type Result } from '../../../kit/lib/result'
import { ANSWER_MAX, expectedOf, MAX_QUESTIONS, QUESTION_MAX, type Question } from '../../rules/entries/answers'
import { judgeLine } from '../../rules/entries/book-texts'
import { setting } from './setting'

const question = bodyOf('Question', {
  question_id: z
    .string()
    .optional()
    .describe(
      'Identifies the question in answers, wherever it is in the list. A question with another text has another ID. Ignored in requests.'
    ),
  text: z
    .string()
    .min(1)
    .meta({ example: 'How did you find me?', description: `Up to ${QUESTION_MAX} characters.` }),
  is_required: z.boolean().default(false),
  expected: z
    .string()
    .max(ANSWER_MAX)
    .nullable()
    .default(null)
    .describe(
      'The answer that shows that the guest is a person. Case and spaces do not matter. Null accepts any answer.'
    ),
})

/** The setting for the questions in the form. */
export const QUESTIONS = setting({
  title: 'Questions',
  schema: z.array(question).max(MAX_QUESTIONS),
  about: 'The questions that the form asks.',
  initial: [],
  judge: judgeQuestions,
  control: questionInputs(),
})

function judgeQuestions(questions: Question[]): Result<Question[], string> {
  const judged: Question[] = []
  for (const { text, is_required, expected } of questions) {
    const line = judgeLine('A question', text, QUESTION_MAX)
    if (!line.ok) return line
    const wanted = expectedOf(expected)
    const answer = wanted === null ? ok(null) : judgeLine('An answer', wanted, ANSWER_MAX)
    if (!answer.ok) return answer
    judged.push({ text: line.value, is_required, expected: answer.value })
  }
  return ok(judged)
}

const ASKED = text('Question', {
  max: QUESTION_MAX,
  hint: 'The form shows the question below the text field. The entry shows the answer.',
})
const IS_REQUIRED = check('Must be answered')
const EXPECTED = optionalText('Expected answer', {
  max: ANSWER_MAX,
  hint: 'If you enter an answer, only guests who know it can sign. The answer is never shown.',
})
const NUMBERS = Array.from({ length: MAX_QUESTIONS }, (_, i) => i)

/** The questions, and inputs for one more. The buttons of a question save the form with it moved or removed. */
function questionInputs(): Control<Question[]> {
  const fill = (questions: Question[], name: string): Filled =>
    Object.assign({}, ...questions.map((one, i) => fillQuestion(one, `${name}_${i}`)))
  const read = (form: URLSearchParams, name: string) => {
    const entered = NUMBERS.map((i) => readQuestion(form, `${name}_${i}`))
    return rearranged(entered, form.get(`${name}_act`) ?? '').filter(({ text, expected }) => text || expected)
  }
  return {
    fill,
    read,
    show: (entered, name) => {
      const questions = read(entered, name)
      // The errors of a refused form have the numbers of what was read.
      const form = filledForm(fill(questions, name))
      const count = questions.length
      return (
        <>
          <h2>Questions</h2>
          {questions.map((_, i) => (
            <ShownQuestion form={form} name={name} nth={i} isLast={i === count - 1} />
          ))}
          {count < MAX_QUESTIONS && (
            <Fold summary="Add a question">
              <QuestionInputs form={form} name={`${name}_${count}`} />
            </Fold>
          )}
        </>
      )
    },
  }
}

function fillQuestion({ text, is_required, expected }: Question, name: string) {
  return {
    ...ASKED.fill(text, `${name}_text`),
    ...IS_REQUIRED.fill(is_required, `${name}_is_required`),
    ...EXPECTED.fill(expected, `${name}_expected`),
  }
}

function readQuestion(form: URLSearchParams, name: string) {
  return {
    text: ASKED.read(form, `${name}_text`),
    is_required: IS_REQUIRED.read(form, `${name}_is_required`),
    expected: EXPECTED.read(form, `${name}_expected`),
  }
}

/** @param act the value of the button that was pressed, such as `remove 0` */
function rearranged<T>(questions: T[], act: string): T[] {
  const [verb, given] = act.split(' ')
  const at = Number(given)
  const rest = questions.toSpliced(at, 1)
  if (verb === 'remove') return rest
  if (verb !== 'up' && verb !== 'down') return questions
  return rest.toSpliced(verb === 'up' ? at - 1 : at + 1, 0, ...questions.slice(at, at + 1))
}

type ShownProps = { form: URLSearchParams; name: string; nth: number; isLast: boolean }

function ShownQuestion({ form, name, nth, isLast }: ShownProps) {
  const act = (verb: string, label: string) => (
    <Submit name={`${name}_act`} value={`${verb} ${nth}`} label={label} aria-label={`${label}: question ${nth + 1}`} />
  )
  return (
    <fieldset>
      <legend>Question {nth + 1}</legend>
      <QuestionInputs form={form} name={`${name}_${nth}`} />
      {nth > 0 && act('up', 'Move up')}
      {!isLast && act('down', 'Move down')}
      {act('remove', 'Remove')}
    </fieldset>
  )
}

function QuestionInputs({ form, name }: Pick<ShownProps, 'form' | 'name'>) {
  return (
    <>
      {ASKED.show(form, `${name}_text`)}
      {IS_REQUIRED.show(form, `${name}_is_required`)}
      {EXPECTED.show(form, `${name}_expected`)}
    </>
  )
}
