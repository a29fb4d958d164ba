import { type Bytes, decodeUtf8 } from '../lib/bytes'
import { parseForReading, parseForWriting } from '../lib/json'

/** A request as it came in. The body is its bytes: what is signed is never what was parsed. */
export interface InboundRequest {
  method: string
  /** The address that the sender was given, without a query: some schemes sign it. */
  address: string
  /** As it stands in the request, without the question mark. */
  query: string
  /** Names in lower case, in the order the platform gives them. */
  headers: readonly (readonly [string, string])[]
  body: Bytes
}

/** What was sent, read once: JSON, the fields of a form, or null when it is neither. */
export type Content = unknown

/** Where something stands in a request: `header:x-github-event`, `body:data.id`, `query:token`. `key:message` is that name, where the body has it. */
export type Place = `header:${string}` | `body:${string}` | `query:${string}` | `key:${string}`
export const PLACE = /^(header|body|query|key):[^\s{}|]{1,200}$/

/** @returns the value of a header; several of one name are joined, as HTTP has it */
export function headerOf(request: Pick<InboundRequest, 'headers'>, name: string): string | null {
  const values = request.headers.filter(([known]) => known === name.toLowerCase())
  return values.length === 0 ? null : values.map(([, value]) => value).join(', ')
}

const FORM = /^application\/x-www-form-urlencoded\b/i

export function isForm(request: Pick<InboundRequest, 'headers'>): boolean {
  return FORM.test(headerOf(request, 'content-type') ?? '')
}

/** What is called a form may be JSON all the same, as `curl -d` sends it; a form never begins like that. */
export function holdsForm(request: InboundRequest): boolean {
  const [first] = request.body.subarray(0, 100).filter((byte) => byte > 0x20)
  return isForm(request) && first !== 0x7b && first !== 0x5b
}

/** What is longer is kept and verified like any other, but not read for its parts: as values it takes many times its size. */
export const READ_MAX = 1_024 * 1_024
/** A form of more fields is none that anybody means. */
const MAX_FIELDS = 1_000

/**
 * Reads a body of up to 1 MB for its parts. A form becomes an object of its fields, a list where a name repeats; a field that holds JSON (`payload`, as Slack and
 * GitHub can send it) is read too. Whatever the type says, a body that is JSON is taken for it: senders name it in many ways.
 */
export function readContent(request: InboundRequest): Content {
  if (request.body.length > READ_MAX) return null
  const text = textOf(request)
  if (text === '') return null
  return holdsForm(request) ? readForm(text) : (parseForReading(text) ?? null)
}

/** A body that is JSON, to be written into other JSON: no number changes. @returns undefined when it is none */
export function readJson(request: InboundRequest): unknown {
  return holdsForm(request) ? undefined : parseForWriting(textOf(request))
}

function textOf({ body }: InboundRequest): string {
  return decodeUtf8(body)?.replace(/^\uFEFF/, '') ?? ''
}

function readForm(text: string): Content {
  const fields = new Map<string, unknown[]>()
  for (const [name, value] of [...new URLSearchParams(text)].slice(0, MAX_FIELDS)) {
    const values = fields.get(name) ?? []
    values.push(name === 'payload' ? nested(value) : value)
    fields.set(name, values)
  }
  const form = Object.fromEntries(
    [...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values])
  )
  // What GitHub and Slack wrap in a field is what they speak of.
  return typeof form.payload === 'object' ? { ...form.payload, ...form } : form
}

function nested(value: string): unknown {
  const parsed = parseForReading(value)
  return typeof parsed === 'object' && parsed !== null ? parsed : value
}

const MAX_STEPS = 32

/**
 * Follows a path of own properties and list positions: `data.items.0.id`. `*` stands for every item of a list.
 * @returns what is there: one value, many for a `*`, none when there is nothing
 */
export function valuesAt(content: Content, path: string): unknown[] {
  let found: unknown[] = [content]
  for (const step of path.split('.').slice(0, MAX_STEPS)) found = found.flatMap(stepInto(step))
  return found
}

function stepInto(step: string): (value: unknown) => unknown[] {
  return (value) => {
    if (typeof value !== 'object' || value === null) return []
    if (step === '*') return Array.isArray(value) ? value : []
    return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : []
  }
}

/** What a place holds, as text. A number is written as JSON writes it; what is no text, number or truth value is not there. */
export function textsAt(request: InboundRequest, content: Content, place: Place): string[] {
  const [kind, name] = splitPlace(place)
  if (kind === 'body') return valuesAt(content, name).flatMap(toText)
  if (kind === 'key') return valuesAt(content, name).length > 0 ? [name] : []
  if (kind === 'query') return new URLSearchParams(request.query).getAll(name)
  if (name.endsWith('*')) return headersLike(request, name.slice(0, -1))
  const value = headerOf(request, name)
  return value === null ? [] : [value]
}

/** The first of several places that holds something. */
export function firstTextAt(
  request: InboundRequest,
  content: Content,
  places: readonly Place[]
): string | null {
  for (const place of places) {
    const [text] = textsAt(request, content, place)
    if (text !== undefined && text !== '') return text
  }
  return null
}

export function splitPlace(place: Place): ['header' | 'body' | 'query' | 'key', string] {
  const at = place.indexOf(':')
  return [place.slice(0, at) as 'header' | 'body' | 'query' | 'key', place.slice(at + 1)]
}

function headersLike(request: InboundRequest, prefix: string): string[] {
  return request.headers.filter(([name]) => name.startsWith(prefix)).map(([, value]) => value)
}

function toText(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
}
