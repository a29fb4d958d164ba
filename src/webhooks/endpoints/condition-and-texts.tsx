import * as z from 'zod'
import { Input, TextArea } from '../../kit/html/parts/fields'
import { type FieldProblem, invalidField } from '../../kit/http/problem'
import { cut } from '../../kit/lib/text/shorten'
import { typeName } from '../event-types/schemas'
import { EVENT_TYPE, MAX_EVENT_TYPE_LENGTH } from '../rules/events/filter'
import { checkText, TEXT_MAX, TEXTS_MAX } from '../rules/events/own-text'
import { parseWhen, WHEN_MAX } from '../rules/events/when'
import { useTypes } from './inputs'

/* The condition of an endpoint, and the owner's own texts: templates by event type. See rules/events/own-text.ts. */

export const when = z
  .string()
  .max(WHEN_MAX)
  .transform((text) => text.trim() || null)
  .nullable()
  .superRefine((text, context) => {
    const parsed = text === null ? null : parseWhen(text)
    if (parsed && !parsed.ok) context.addIssue({ code: 'custom', message: parsed.error })
  })
  .meta({
    type: ['string', 'null'],
    maxLength: WHEN_MAX,
    description:
      'Only messages that meet this condition are sent, replayed and pulled. ' +
      'Paths start at the message, for example `data.comment.book`. The operators are `==`, `!=`, `contains`, `<`, `>`, `and`, `or` and `not`.',
    example: 'type == "comment.held" or data.comment.body contains "?"',
  })

const ownText = z
  .string()
  .max(TEXT_MAX)
  .superRefine((text, context) => {
    const checked = checkText(text)
    if (!checked.ok) context.addIssue({ code: 'custom', message: checked.error })
  })

export const texts = z
  .record(z.string(), ownText.meta({ type: 'string', maxLength: TEXT_MAX }))
  .superRefine((given, context) => {
    for (const type of Object.keys(given).filter((name) => !typeName.safeParse(name).success)) {
      const message = `"${cut(type, 60)}" is not an event type. Use one such as "comment.published".`
      context.addIssue({ code: 'custom', path: [type], message })
    }
  })
  .refine((given) => Object.keys(given).length <= TEXTS_MAX, `An endpoint can have at most ${TEXTS_MAX} texts.`)
  .meta({
    maxProperties: TEXTS_MAX,
    description:
      'Templates of your own text, keyed by event type. In formats that people read, your text replaces the default text. If it has several lines, the first one is the title. ' +
      'In `standard`, your text is added to the message as `text`. Not allowed for `cloudevents` and `build-hook`.',
    example: { 'comment.published': '{{data.comment.name}} wrote: {{data.comment.body | truncate: 200}}' },
  })

/** The column: a JSON object of templates by event type, or null. */
type Column = string | null

export const ownTextsIn = (column: Column): Record<string, string> => (column === null ? {} : JSON.parse(column))

/** @returns the template for an event type, or null */
export function findText(column: Column, type: string): string | null {
  const all = ownTextsIn(column)
  return Object.hasOwn(all, type) ? (all[type] ?? null) : null
}

/** @returns SQL for the template of the endpoint `e` for an event type. Names of event types have no quotes */
export const textFor = (type: string): string => `e.texts ->> ('$."' || ${type} || '"')`

/** A text in the form, as the owner typed it. */
type Typed = { type: string; text: string }

/** The form repeats these two inputs for each text. */
function readTyped(form: URLSearchParams): Typed[] {
  const types = form.getAll('text_type')
  const typed = form.getAll('text')
  return types
    .map((type, i) => ({ type: type.trim(), text: typed[i] ?? '' }))
    .filter(({ type, text }) => type + text.trim())
}

/** @returns the texts in a form without the empty ones. @throws Refusal 422 without an event type, or with one twice */
export function textsFrom(form: URLSearchParams): Record<string, string> {
  const typed = readTyped(form)
  const filled = typed.filter(({ text }) => text.trim() !== '')
  const seen = new Set<string>()
  for (const { type } of filled) {
    const path = `text_type[${typed.findLastIndex((one) => one.type === type)}]`
    if (type === '') throw invalidField(path, 'Enter the event type of this text.')
    if (seen.has(type)) throw invalidField(path, `"${type}" has two texts. Remove one of them.`)
    seen.add(type)
  }
  return Object.fromEntries(filled.map(({ type, text }) => [type, text]))
}

/** @returns the error of a text with the path of its input in the form, which repeats the inputs for each text */
export function atTextInput(problem: FieldProblem, form: URLSearchParams): FieldProblem {
  if (problem.path === 'texts') return { ...problem, path: 'text[0]' }
  const type = problem.path.startsWith('texts.') ? problem.path.slice('texts.'.length) : null
  const i = readTyped(form).findIndex((one) => one.type === type)
  if (type === null || i < 0) return problem
  return { ...problem, path: `${EVENT_TYPE.test(type) ? 'text' : 'text_type'}[${i}]` }
}

/** There is always one empty text, to add another one. */
export function TextInputs({ form }: { form: URLSearchParams }) {
  const typed = readTyped(form)
  const types = useTypes().map(({ name }) => name)
  const rows = typed.length < TEXTS_MAX ? [...typed, { type: '', text: '' }] : typed
  return (
    <>
      {rows.map((row, i) => (
        <TextInput row={row} i={i} types={types} />
      ))}
      <p class="hint" id="texts-hint">
        In chat messages and e-mails, your text replaces the default text. Its first line is the title. In Standard
        Webhooks, your text is added as <code>text</code>. <code>{'{{data.comment.name}}'}</code> inserts a value, and{' '}
        <code>{'{{$title}}'}</code>, <code>{'{{$text}}'}</code> and <code>{'{{$url}}'}</code> insert the default title,
        text and link. To remove your own text, clear its field.
      </p>
    </>
  )
}

/** The first field has the suggestions for all. */
function TextInput({ row: { type, text }, i, types }: { row: Typed; i: number; types: string[] }) {
  return (
    <fieldset>
      <legend>{type === '' ? 'Your own text for an event type' : `Your own text for ${type}`}</legend>
      <Input
        id={`text-type-${i}`}
        name="text_type"
        nth={i}
        label="Event type"
        maxlength={MAX_EVENT_TYPE_LENGTH}
        value={type}
        list="text-types"
        {...(i === 0 && { suggestions: types })}
      />
      <TextArea
        id={`text-${i}`}
        name="text"
        nth={i}
        label="Text"
        rows={3}
        maxlength={TEXT_MAX}
        class="code"
        value={text}
        aria-describedby="texts-hint"
      />
    </fieldset>
  )
}
