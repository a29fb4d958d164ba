import type { Child } from '#jsx'
import { wholeNumber } from '../http/form'
import { Check, Input, Select, TextArea } from './parts/fields'

/*
 * The controls of a form. Each shows its inputs with a label and a hint, and reads what was entered. A form is shown
 * from what its inputs contain, so a form that was rejected keeps everything that was entered.
 */

/** What inputs contain, by their names. Inputs with the same name have a list. So has a box: it is empty if not checked. */
export type Filled = Record<string, string | string[]>

/** @returns a form with what its inputs contain */
export function filledForm(filled: Filled): URLSearchParams {
  const pairs = Object.entries(filled).flatMap(([name, values]) => [values].flat().map((value) => [name, value]))
  return new URLSearchParams(pairs)
}

/** Controls a value of type `T`. `name` is the name of the field, and of its input unless it has several. */
export interface Control<T, Entered = unknown> {
  /** @returns what the inputs contain */
  fill: (value: T, name: string) => Filled
  /** @returns what was entered, which a schema must check */
  read: (form: URLSearchParams, name: string) => Entered
  /** @param form what the inputs contain */
  show: (form: URLSearchParams, name: string) => Child
  /** What can be chosen, with labels. */
  options?: Record<string, string>
}

/** What a field does. */
type Hint = Child | (() => Child)

/** Shows a field with its value, and everything else that is known about it. */
type Show = (field: { label: string; name: string; hint: Child | undefined }, value: string) => Child

interface Options {
  hint?: Hint
  /** The page counts the characters. */
  max?: number
  placeholder?: string
  required?: true
}

/** One line of text. */
export function text(label: string, { hint, max, ...input }: Options): Control<string, string> {
  return labelled(label, hint, (field, value) => <Input {...field} {...input} counted={max} value={value} />)
}

/** One line of text. An empty field means null. */
export function optionalText(label: string, options: Options): Control<string | null, string | null> {
  const control = text(label, options)
  return converted(
    control,
    (value) => value ?? '',
    (entered) => entered || null
  )
}

/** Several lines of text. */
export function block(label: string, { hint, max }: Options): Control<string, string> {
  return labelled(label, hint, (field, value) => (
    <TextArea {...field} counted={max} rows={4} spellcheck={false} value={value} />
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
  const control = labelled(label, hint, (field, value) => (
    <Input {...field} type="number" required min={0} max={max} value={value} />
  ))
  return converted(control, String, wholeNumber)
}

/** A box that is checked or not. */
export function check(label: string, hint?: Hint): Control<boolean, boolean> {
  return {
    fill: (isOn, name) => ({ [name]: isOn ? ['on'] : [] }),
    read: (form, name) => form.has(name),
    show: (form, name) => <Check id={name} name={name} label={label} checked={form.has(name)} hint={shown(hint)} />,
  }
}

/** @param options what can be chosen, with labels */
export function choice<T extends string>(label: string, options: Record<T, string>, hint: Hint): Control<T, string> {
  return { ...labelled(label, hint, (field, value) => <Select {...field} choices={options} value={value} />), options }
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

/** A control with one input, below its label. */
function labelled<T extends string>(label: string, hint: Hint | undefined, show: Show): Control<T, string> {
  const read = (form: URLSearchParams, name: string) => form.get(name)?.trim() ?? ''
  return {
    fill: (value, name) => ({ [name]: value }),
    read,
    show: (form, name) => show({ label, name, hint: shown(hint) }, read(form, name)),
  }
}

const shown = (hint: Hint): Child => (typeof hint === 'function' ? hint() : hint)
