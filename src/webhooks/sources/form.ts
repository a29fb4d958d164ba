import { seenIn } from '../../kit/http/forms/seen'
import type { Provider } from '../rules/verifying/scheme'
import { FIELDS, type FieldValues, valuesIn } from './fields'
import type { SourceRow } from './store'

/* The form of a source: its fields, and, for a new source, its secret. */

type Control = (typeof FIELDS)[keyof typeof FIELDS]['control']
const CONTROLS = Object.entries(FIELDS).map(([name, { control }]) => [name, control as Control] as const)

function fill(values: FieldValues): Record<string, string> {
  const filled = CONTROLS.map(([name, { fill }]) => fill(values[name as keyof FieldValues] as never, name))
  return Object.assign({}, ...filled)
}

/** @returns what the form of a new source contains */
export function newForm({ name, strict }: Provider, secret: string): URLSearchParams {
  const initial = Object.fromEntries(Object.entries(FIELDS).map(([field, row]) => [field, row.initial])) as FieldValues
  return new URLSearchParams({ ...fill({ ...initial, name, strict: strict === true }), secret })
}

/** @returns what the form of a source contains. The secret has its own form */
export function formOf(row: SourceRow): URLSearchParams {
  return new URLSearchParams({ ...fill(valuesIn(row)), ...seenOf(row) })
}

/** @returns what tells whether the form was filled with the source as it is */
export const seenOf = (row: SourceRow): { seen: string } => ({ seen: seenIn(fill(valuesIn(row))) })

/** @returns the fields as the API takes them, not yet checked. @throws Refusal 422 */
export function readForm(form: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(CONTROLS.map(([name, { read }]) => [name, read(form, name)]))
}

/** @returns a new source as the API takes it, not yet checked. @throws Refusal 422 */
export function readNewForm(form: URLSearchParams): Record<string, unknown> {
  const secret = form.get('secret')?.trim()
  return { provider: form.get('provider') ?? '', ...readForm(form), ...(secret && { secret }) }
}
