import type { Child } from '#jsx'
import { wholeNumber } from '../http/form'

/*
 * The controls of a form. Each shows its inputs with a label and a hint, and reads what was entered. A form is shown from
 * what its inputs contain, so a form that was rejected keeps everything that was entered.
 */

/** Controls a value of type `T`. `name` is the name of the field, and of its input unless it has several. */
export interface Control<T, Entered = unknown> {
  /** @returns what the inputs contain, by their names. A box that is not checked is missing */
  fill: (value: T, name: string) => Record<string, string>
  /** @returns what was entered, which a schema must check */
  read: (form: URLSearchParams, name: string) => Entered
  /** @param form what the inputs contain */
  show: (form: URLSearchParams, name: string) => Child
}

/** What a field does, as text with `code`. A function if it needs more, such as a link or a number of now. */
type Hint = string | (() => Child)

interface Options {
  hint?: Hint
  /** The page counts the characters. */
  max?: number
  placeholder?: string
  required?: true
}

/** One line of text. */
export function text(label: string, { placeholder, required, ...options }: Options): Control<string, string> {
  return labelled(label, options, (attributes, value) => (
    <input {...attributes} value={value} placeholder={placeholder} required={required} />
  ))
}

/** One line of text. An empty field means null. */
export function optionalText(label: string, options: Options): Control<string | null> {
  const control = text(label, options)
  return converted(
    control,
    (value) => value ?? '',
    (entered) => entered || null
  )
}

/** Several lines of text. */
export function block(label: string, options: Options): Control<string, string> {
  return labelled(label, options, (attributes, value) => (
    <textarea {...attributes} rows={4} spellcheck={false}>{`\n${value}`}</textarea>
  ))
}

/** A list of texts, one a line. */
export function lines(label: string, hint: Hint): Control<string[], string[]> {
  const linesOf = (entered: string) => entered.split('\n').map((line) => line.trim())
  return converted(
    block(label, { hint }),
    (items: string[]) => items.join('\n'),
    (entered) => linesOf(entered).filter(Boolean)
  )
}

/** A whole number from 0. */
export function count(label: string, max: number, hint: Hint): Control<number> {
  const control = labelled(label, { hint }, (attributes, value) => (
    <input {...attributes} type="number" required min={0} max={max} value={value} />
  ))
  return converted(control, String, wholeNumber)
}

/** A box that is checked or not. */
export function check(label: string, hint?: Hint): Control<boolean, boolean> {
  return {
    fill: (isOn, name): Record<string, string> => (isOn ? { [name]: 'on' } : {}),
    read: (form, name) => form.has(name),
    show: (form, name) => (
      <>
        <label class="check">
          <input type="checkbox" id={name} name={name} checked={form.has(name)} {...describedBy(name, { hint })} />{' '}
          {label}
        </label>
        <HintText name={name} hint={hint} />
      </>
    ),
  }
}

/** @param options what can be chosen, with labels */
export function choice<T extends string>(label: string, options: Record<T, string>, hint: Hint): Control<T, string> {
  return labelled(label, { hint }, (attributes, value) => (
    <select {...attributes}>
      {Object.entries<string>(options).map(([option, shown]) => (
        <option value={option} selected={option === value}>
          {shown}
        </option>
      ))}
    </select>
  ))
}

/** @returns the same inputs for another type */
export function converted<T, Value, Entered, Read>(
  control: Control<Value, Entered>,
  fill: (value: T) => Value,
  read: (entered: Entered) => Read
): Control<T, Read> {
  return {
    fill: (value, name) => control.fill(fill(value), name),
    read: (form, name) => read(control.read(form, name)),
    show: control.show,
  }
}

/** A control with one input, below its label. Forms end lines with two characters, which would count as such. */
function labelled<T extends string>(
  label: string,
  options: HintProps,
  input: (attributes: object, value: string) => Child
): Control<T, string> {
  const read = (form: URLSearchParams, name: string) => form.get(name)?.trim().replaceAll('\r\n', '\n') ?? ''
  return {
    fill: (value, name) => ({ [name]: value }),
    read,
    show: (form, name) => (
      <>
        <label for={name}>{label}</label>
        {input({ id: name, name, ...describedBy(name, options) }, read(form, name))}
        <HintText name={name} {...options} />
      </>
    ),
  }
}

interface HintProps {
  hint?: Hint | undefined
  max?: number | undefined
}

/** Links an input to its hint. With a maximum, dashboard.js counts the characters. */
function describedBy(name: string, { hint, max }: HintProps) {
  const hasHint = hint !== undefined || max !== undefined
  const counted = max !== undefined && { maxlength: max, 'data-counted': '' }
  return { ...counted, ...(hasHint && { 'aria-describedby': `${name}-hint` }) }
}

function HintText({ name, hint, max }: HintProps & { name: string }) {
  if (hint === undefined && max === undefined) return null
  return (
    <p class="hint" id={`${name}-hint`}>
      {typeof hint === 'function' ? hint() : hint?.split('`').map(withCode)}{' '}
      {max !== undefined && `Up to ${max.toLocaleString('en')} characters.`}
    </p>
  )
}

function withCode(part: string, index: number): Child {
  return index % 2 === 0 ? part : <code>{part}</code>
}
