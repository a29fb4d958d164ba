import type * as z from 'zod'
import { expectRefusal, fromPairs, parseFields, readPairs, wholeNumber } from '../../kit/http/form'
import { seenIn } from '../../kit/http/forms/seen'
import { Refusal } from '../../kit/http/problem'
import { DEFAULT_DIGEST_HOUR, DEFAULT_INTERVAL } from '../rules/delivering/pace'
import { FORMATS, formatOf, proposeFormat } from '../rules/events/formats'
import { isAddress } from '../rules/events/formats/lib/mail'
import { DEFAULT_RATE, endpointIn } from './schemas'
import type { EndpointRow } from './store'
import { atTextField, readTextFields, type TextField, textFieldsOf, textsFrom } from './texts/form'

export const BY_URL = 'by_url'

/** The fields of the endpoint form, as the user typed them. They are shown again if the input is rejected. */
export const NO_FIELDS = {
  url: '',
  description: '',
  /** Not what tells about other endpoints, which few receivers want. */
  event_types: 'comment.*',
  books: '',
  /** A format, or `by_url` to choose the format from the URL. */
  format: BY_URL,
  legacy_signature: '',
  /** `on` to leave them out. A box that is not checked is missing from a form, so the usual state is unchecked. */
  no_moderation_links: '',
  /** One `Name: value` per line. */
  headers: '',
  rate_limit: String(DEFAULT_RATE),
  /** Used only if the format is a build hook. */
  min_interval_minutes: String(DEFAULT_INTERVAL),
  digest: 'off',
  digest_hour: String(DEFAULT_DIGEST_HOUR),
  when: '',
  /** What the form was filled with: see kit/http/forms/seen.ts. */
  seen: '',
  texts: [] as TextField[],
}
export type EndpointFields = typeof NO_FIELDS

export function readEndpointFields(form: URLSearchParams): EndpointFields {
  const { texts: _, ...simple } = NO_FIELDS
  // Each checkbox of an event type has a value of its own.
  const typed = Object.entries(simple).map(([name, none]) => [
    name,
    form.has(name) ? form.getAll(name).join(' ') : none,
  ])
  return { ...Object.fromEntries(typed), texts: readTextFields(form) }
}

export function fieldsOf(endpoint: EndpointRow): EndpointFields {
  const headers: Record<string, string> = JSON.parse(endpoint.headers ?? '{}')
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const fields = {
    url: endpoint.url,
    description: endpoint.description,
    event_types: JSON.parse(endpoint.event_types).join(' '),
    books: JSON.parse(endpoint.books ?? '[]').join(' '),
    format: endpoint.format,
    legacy_signature: endpoint.legacy_signature ?? '',
    no_moderation_links: endpoint.moderation_links === 1 ? '' : 'on',
    headers: lines.join('\n'),
    rate_limit: String(endpoint.rate_limit),
    min_interval_minutes: String(endpoint.min_interval_minutes ?? DEFAULT_INTERVAL),
    digest: endpoint.digest_hour === null ? 'off' : 'daily',
    digest_hour: String(endpoint.digest_hour ?? DEFAULT_DIGEST_HOUR),
    when: endpoint.when ?? '',
    texts: textFieldsOf(endpoint.texts),
  }
  return { ...fields, seen: seenIn(fields) }
}

/** @throws Refusal 422 */
export function parseNewEndpoint(fields: EndpointFields): z.infer<typeof endpointIn> {
  return parseFields(endpointIn, inputFrom(fields))
}

/** Returns a refusal whose errors have the names of the form's fields. Rethrows any other error. */
export function expectFormRefusal(cause: unknown, { texts }: EndpointFields): Refusal {
  const { status, code, detail, errors, headers } = expectRefusal(cause)
  return new Refusal(status, code, detail, { errors: errors.map((error) => atTextField(error, texts)), headers })
}

/** @returns the fields as the API takes them, not yet checked. @throws Refusal 422 for a header without a colon */
export function inputFrom(fields: EndpointFields) {
  const typed = fields.url.trim()
  const url = isAddress(typed) ? `mailto:${typed}` : typed
  const format = FORMATS.find((known) => known === fields.format) ?? proposeFormat(url)
  return {
    url,
    description: fields.description.trim(),
    event_types: typesIn(fields.event_types),
    books: booksIn(fields.books),
    format,
    legacy_signature: fields.legacy_signature === 'hub' ? 'hub' : null,
    moderation_links: fields.no_moderation_links === '',
    headers: fromPairs(readPairs(fields.headers, 'headers', explainHeader), 'headers'),
    rate_limit: Number(fields.rate_limit),
    min_interval_minutes: formatOf(format).isPaced ? readInterval(fields.min_interval_minutes) : null,
    ...(fields.digest === 'daily'
      ? { digest: 'daily', digest_hour: wholeNumber(fields.digest_hour) }
      : { digest: 'off' }),
    when: fields.when,
    texts: textsFrom(fields.texts),
  }
}

/** An empty field means the default, not 0. */
const readInterval = (text: string): number | null => (text.trim() === '' ? null : Number(text))

/** @returns what was entered with spaces or commas between */
export const listed = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)

/** @returns null for all books */
export function booksIn(text: string): string[] | null {
  const slugs = listed(text)
  return slugs.length > 0 ? slugs : null
}

/** A box for a group may stay ticked without scripts. It includes each single type of the group. */
export function typesIn(text: string): string[] {
  const types = listed(text)
  if (types.includes('*')) return ['*']
  const groups = types.filter((type) => type.endsWith('.*'))
  return types.filter((type) => !groups.some((group) => type !== group && type.startsWith(group.slice(0, -1))))
}

function explainHeader(line: string): string {
  if (line.startsWith(':')) return `"${line}" needs a name before the colon.`
  const corrected = /\s/.test(line) ? line.replace(/\s+/, ': ') : `${line}: value`
  return `"${line}" needs a colon: \`${corrected}\`.`
}
