import { parseForReading } from '../../../kit/lib/json'
import { err, ok, type Result } from '../../../kit/lib/result'
import { parseTemplate, renderTemplate } from '../templates/template'
import type { TemplateScope } from '../templates/values'
import { parsePayload } from './catalogue'
import { summarize } from './summary'

/* The owner's own text for a type: `{{data.comment.name}}`. Our words are `{{$title}}`, `{{$text}}` and `{{$url}}`. */

/** The maximum length of one template, and the number of templates of one endpoint. */
export const TEXT_MAX = 2_000
export const TEXTS_MAX = 20

/** @returns the template unchanged, or what is wrong with it */
export function checkText(template: string): Result<string, string> {
  if (template.length > TEXT_MAX) return err(`A text can have at most ${TEXT_MAX} characters.`)
  const parsed = parseTemplate(template)
  return parsed.ok ? ok(template) : parsed
}

/** Never throws. @returns at most 20,000 characters; null if the template is not valid */
export function renderOwnText(template: string, payload: string, origin: string | null): string | null {
  const parsed = parseTemplate(template)
  return parsed.ok ? renderTemplate(parsed.value, scopeOf(payload, origin)) : null
}

function scopeOf(payload: string, origin: string | null): TemplateScope {
  const { title, text, url } = summarize(parsePayload(payload), origin)
  return { content: parseForReading(payload), known: { title, text, url } }
}
