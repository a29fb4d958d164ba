import { type FieldProblem, invalidField } from '../../../kit/http/problem'
import { EVENT_TYPE } from '../../rules/events/filter'
import type { EndpointRow } from '../store'
import { readTexts } from './column'

/** A text in the endpoint form, as the owner typed it. */
export type TextField = { type: string; text: string }

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

/** Drops empty texts, and the CR of line breaks. @throws Refusal 422 without an event type, or with one twice */
export function textsFrom(fields: TextField[]): Record<string, string> {
  const filled = fields.filter(({ text }) => text.trim() !== '')
  const seen = new Set<string>()
  for (const { type } of filled) {
    const path = `text_type[${fields.findLastIndex((field) => field.type === type)}]`
    if (type === '') throw invalidField(path, 'Enter the event type of this text.')
    if (seen.has(type)) throw invalidField(path, `"${type}" has two texts. Remove one of them.`)
    seen.add(type)
  }
  return Object.fromEntries(filled.map(({ type, text }) => [type, text]))
}

/** @returns the error of a text with the path of its field in the form, which repeats the fields for each text */
export function atTextField(problem: FieldProblem, fields: TextField[]): FieldProblem {
  if (problem.path === 'texts') return { ...problem, path: 'text[0]' }
  const type = problem.path.startsWith('texts.') ? problem.path.slice('texts.'.length) : null
  const i = fields.findIndex((field) => field.type === type)
  if (type === null || i < 0) return problem
  return { ...problem, path: `${EVENT_TYPE.test(type) ? 'text' : 'text_type'}[${i}]` }
}
