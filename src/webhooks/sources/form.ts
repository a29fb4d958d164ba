import { initialOf } from '../../kit/field-rows'
import { filledForm } from '../../kit/html/controls'
import { seenIn } from '../../kit/http/seen-form'
import type { Provider } from '../rules/verifying/scheme'
import { SOURCE_FIELDS } from './fields'
import type { SourceRow } from './store'

/* The form of a source: its fields, and, for a new source, its secret. */

const { fill, valuesIn, read } = SOURCE_FIELDS

/** @returns what the form of a new source contains */
export function newSourceForm({ name, strict }: Provider, secret: string): URLSearchParams {
  return filledForm({ ...fill({ ...initialOf(SOURCE_FIELDS.rows), name, strict: strict === true }), secret })
}

/** @returns what the form of a source contains. The secret has its own form */
export const formOfSource = (row: SourceRow): URLSearchParams =>
  filledForm({ ...fill(valuesIn(row)), ...seenOfSource(row) })

/** @returns what tells whether the form was filled with the source as it is */
export const seenOfSource = (row: SourceRow): { seen: string } => ({ seen: seenIn(fill(valuesIn(row))) })

/** @returns the fields as the API takes them, not yet checked. @throws Refusal 422 */
export const readSourceForm = read

/** @returns a new source as the API takes it, not yet checked. @throws Refusal 422 */
export function readNewSourceForm(form: URLSearchParams): Record<string, unknown> {
  const secret = form.get('secret')?.trim()
  return { provider: form.get('provider') ?? '', ...read(form), ...(secret && { secret }) }
}
