import { readPairs, wholeNumber } from '../../kit/http/form'
import { seenIn } from '../../kit/http/forms/seen'
import { invalid } from '../../kit/http/problem'
import type { Provider } from '../../webhooks/rules/verifying/scheme'
import { DAILY_QUOTA_MB, fieldsOf, RETENTION_DAYS, templateOf } from '../../webhooks/sources/schemas'
import type { SourceRow } from '../../webhooks/sources/store'
import { OPTION_NAMES, type OptionName } from './option-inputs'

/** The values typed into a source's form. If they are invalid, the form shows them again with the error. */
export type SourceFields = Record<(typeof NAMES)[number] | OptionName, string>

const NAMES = [
  'name',
  'secret',
  'act',
  'strict',
  'template_name',
  'template_body',
  'template_website',
  'template_when',
  'template_book',
  'fields',
  'retention_days',
  'body_retention_days',
  'daily_quota_mb',
  'seen',
] as const

export function readSourceFields(form: URLSearchParams): SourceFields {
  const typed = [...NAMES, ...OPTION_NAMES].map((name) => [name, form.get(name) ?? ''])
  return Object.fromEntries(typed)
}

/** @returns the initial fields for a new source */
export function newFields({ name, strict }: Provider, secret: string): SourceFields {
  return {
    ...readSourceFields(new URLSearchParams()),
    name,
    secret,
    act: 'keep',
    strict: strict ? 'on' : '',
    retention_days: String(RETENTION_DAYS),
    daily_quota_mb: String(DAILY_QUOTA_MB),
  }
}

/** @returns the fields of an existing source. The secret has its own form */
export function fieldsFrom(row: SourceRow): SourceFields {
  const template = templateOf(row)
  const options = Object.entries(JSON.parse(row.options) as Record<string, string | number>)
  const filled = {
    ...readSourceFields(new URLSearchParams()),
    ...Object.fromEntries(options.map(([name, value]) => [name, String(value)])),
    name: row.name,
    act: row.act,
    strict: row.strict ? 'on' : '',
    template_name: template?.name ?? '',
    template_body: template?.body ?? '',
    template_website: template?.website ?? '',
    template_when: template?.when ?? '',
    template_book: template?.book ?? '',
    fields: fieldsOf(row)
      .map(({ name, path }) => `${name}: ${path}`)
      .join('\n'),
    retention_days: String(row.retention_days),
    body_retention_days: String(row.body_retention_days ?? ''),
    daily_quota_mb: String(row.daily_quota_mb),
  }
  return { ...filled, seen: seenIn(filled) }
}

/** @returns the fields of a new source as the API takes them, not yet checked. @throws Refusal 422 */
export function newSourceFrom(fields: SourceFields, provider: string) {
  const secret = fields.secret.trim()
  return { provider, ...inputFrom(fields), ...(secret && { secret }) }
}

/** @returns the fields as the API takes them, not yet checked. @throws Refusal 422 */
export function inputFrom(fields: SourceFields) {
  return {
    name: fields.name,
    act: fields.act,
    strict: fields.strict === 'on',
    options: optionsFrom(fields),
    fields: readPairs(fields.fields, 'fields', explainField).map(([name, path]) => ({ name, path })),
    template: templateFrom(fields),
    retention_days: wholeNumber(fields.retention_days),
    body_retention_days: fields.body_retention_days ? wholeNumber(fields.body_retention_days) : null,
    daily_quota_mb: fields.daily_quota_mb ? wholeNumber(fields.daily_quota_mb) : undefined,
  }
}

/** The API says how a whole template looks. The form has a field for each part. @throws Refusal 422 */
function templateFrom(fields: SourceFields) {
  const { template_name: name, template_body: body, template_website: website, template_when: when } = fields
  const missing = (['name', 'body'] as const).filter((part) => !fields[`template_${part}`].trim())
  if (fields.act === 'sign' && missing.length > 0)
    throw invalid(missing.map((part) => ({ path: `template.${part}`, message: 'Required to sign the guestbook.' })))
  if (missing.length === 2) return null
  const book = fields.template_book.trim()
  return { name, body, ...(website.trim() && { website }), ...(when.trim() && { when }), ...(book && { book }) }
}

function optionsFrom(fields: SourceFields): Record<string, string | number> {
  // Spaces and line breaks are a part of the signed text.
  const textOf = (name: (typeof OPTION_NAMES)[number]) => (name === 'signed' ? fields.signed : fields[name].trim())
  const given = OPTION_NAMES.map((name) => [name, textOf(name)] as const)
  return Object.fromEntries(
    given
      .filter(([, text]) => text !== '')
      .map(([name, text]) => [name, name === 'tolerance_seconds' ? Number(text) : text])
  )
}

const explainField = (line: string): string => `"${line}" is not a field. Write one field per line, as "name: path".`
