import type { Child, JSX } from '#jsx'
import { UserText } from '../user-text'
import { type FieldName, takeErrors } from './refused'

/* A field: a label, an input, an error and a hint, which screen readers read. A refused one keeps what was entered. */

type Attributes<Tag extends 'input' | 'select' | 'textarea'> = Omit<JSX.IntrinsicElements[Tag], 'children' | 'list'>

interface FieldProps extends FieldName {
  label: Child
  /** Defaults to the name. */
  id?: string | undefined
  hint?: Child | undefined
  /**
   * The most code points that fit. The hint says it, and dashboard.js counts them there. The server refuses more: a
   * `maxlength` counts most emoji as two, and cuts what is pasted.
   */
  counted?: number | undefined
}

type InputProps = FieldProps & Attributes<'input'> & { suggestions?: readonly string[]; list?: string }

/** One line. @param list the id of the list of suggestions */
export function Input({ suggestions, list, ...props }: InputProps) {
  return labelled(props, (attributes) => (
    <>
      <input {...attributes} list={list} />
      {suggestions && (
        <datalist id={list}>
          {suggestions.map((value) => (
            <option value={value} />
          ))}
        </datalist>
      )}
    </>
  ))
}

/** Several lines. Browsers drop a first line break, which may be one of the text. */
export function TextArea({ value, ...props }: FieldProps & Omit<Attributes<'textarea'>, 'value'> & { value: string }) {
  return labelled(props, (attributes) => <textarea {...attributes}>{`\n${value}`}</textarea>)
}

/** Values with their labels, in the order in which they are offered. */
type Choices = Record<string, Child> | readonly (readonly [value: string | number, label: Child])[]

type SelectProps = FieldProps & Omit<Attributes<'select'>, 'value'> & { choices: Choices; value?: string | undefined }

export function Select({ choices, value, ...props }: SelectProps) {
  const pairs = Array.isArray(choices) ? choices : Object.entries(choices)
  return labelled(props, (attributes) => (
    <select {...attributes}>
      {pairs.map(([choice, label]) => (
        <option value={choice} selected={String(choice) === value}>
          {label}
        </option>
      ))}
    </select>
  ))
}

/** A box, or one of several radio buttons, before its label. */
export function Check({ label, hint, path, nth, ...props }: FieldProps & Attributes<'input'>) {
  const { id, name, type = 'checkbox', ...input } = props
  const { marks, error, hintText } = describeField({ id, name, path, nth, hint })
  return (
    <>
      <label class="check">
        <input type={type} id={id} name={name} {...input} {...marks} /> {label}
      </label>
      {error}
      {hintText}
    </>
  )
}

type Labelled = FieldProps & { 'aria-describedby'?: string | undefined }

/** A field with its label above it. */
function labelled(props: Labelled, show: (attributes: object) => Child) {
  const { label, hint, counted, path, nth, ...input } = props
  const { id = input.name, name, 'aria-describedby': given } = input
  const { marks, error, hintText } = describeField({ id, name, path, nth, hint, counted, 'aria-describedby': given })
  const limit = counted !== undefined && { 'data-counted': counted }
  return (
    <>
      <label for={id}>{label}</label>
      {show({ id, ...input, ...limit, ...marks })}
      {error}
      {hintText}
    </>
  )
}

/** @returns the error and the hint of a field, and the attributes that link it to them */
function describeField({ id, hint, counted, 'aria-describedby': given, ...field }: Omit<Labelled, 'label'>) {
  const { name, nth = 0 } = field
  const errors = takeErrors(field)
  const errorId = nth === 0 ? `${name}-error` : `${name}-error-${nth}`
  const hasHint = hint !== undefined || counted !== undefined
  const hintId = `${id ?? name}-hint`
  const ids = [errors && errorId, given, hasHint && hintId].filter(Boolean).join(' ')
  const described = { 'aria-describedby': ids || undefined }
  return {
    marks: errors ? { 'aria-invalid': true, ...described, autofocus: errors.hasFocus } : described,
    error: errors && (
      <div class="error" id={errorId}>
        <UserText text={errors.message} />
      </div>
    ),
    hintText: hasHint && (
      <p class="hint" id={hintId}>
        {hint} {counted !== undefined && <span>Up to {counted.toLocaleString('en')} characters.</span>}
      </p>
    ),
  }
}
