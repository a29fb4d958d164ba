import { invalid } from '../../http/problem'
import type { EndpointRow } from '../store'
import { readTexts } from './column'

/** A text in the endpoint form, as the owner typed it. */
export interface TextField {
  type: string
  text: string
}

/** The size of a form in which every text has its maximum length, in characters that a browser percent-encodes. */
export const MAX_FORM_BYTES = 512 * 1_024

/** The form repeats these two fields for each text. */
export function readTextFields(form: URLSearchParams): TextField[] {
  const types = form.getAll('text_type')
  const texts = form.getAll('text')
  return types
    .map((type, i) => ({ type: type.trim(), text: texts[i] ?? '' }))
    .filter(({ type, text }) => type + text.trim())
}

export function textFieldsOf(texts: EndpointRow['texts']): TextField[] {
  return Object.entries(readTexts(texts)).map(([type, text]) => ({ type, text }))
}

/**
 * An empty text is removed. Browsers send each line break as CRLF.
 * @throws Refusal 422 if two texts have the same event type
 */
export function textsFrom(fields: TextField[]): Record<string, string> {
  const filled = fields.filter(({ text }) => text.trim() !== '')
  const types = filled.map(({ type }) => type)
  const twice = types.find((type, i) => types.indexOf(type) < i)
  if (twice !== undefined) throw invalid([{ path: 'texts', message: `"${twice}" has two texts. Remove one of them.` }])
  return Object.fromEntries(filled.map(({ type, text }) => [type, text.replaceAll('\r\n', '\n')]))
}
