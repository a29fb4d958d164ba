import { type Bytes, decodeUtf8 } from '../../../kit/lib/bytes'
import { hasTooManyFields } from '../../../kit/lib/form'
import { isObject, isTooComplex, parseForReading, parseForWriting } from '../../../kit/lib/json'

/** A request exactly as it arrived. The body is raw bytes, because signatures cover bytes rather than parsed values. */
export interface InboundRequest {
  method: string
  /** The URL as the provider knows it, without the query. Some schemes include it in the signed text. */
  address: string
  /** As received, without the question mark. */
  query: string
  /** Names are in lower case. The platform determines the order. */
  headers: readonly (readonly [string, string])[]
  body: Bytes
}

/** The parsed body: a JSON value, an object of form fields, or null for anything else. */
export type Content = unknown

/** Where to find a value: `body:data.id`, `query:token`. For `key:message` and `key:!message`, see `keysAt`. */
export type ValuePlace = `header:${string}` | `body:${string}` | `query:${string}` | `key:${string}`
export const PLACE = /^(header|body|query|key):[^\s{}|]{1,200}$/

/** @returns the value of a header, or null; repeated headers are joined with a comma (RFC 9110 section 5.3) */
export function headerOf(request: Pick<InboundRequest, 'headers'>, name: string): string | null {
  const values = request.headers.filter(([known]) => known === name.toLowerCase())
  return values.length === 0 ? null : values.map(([, value]) => value).join(', ')
}

const FORM = /^application\/x-www-form-urlencoded\b/i

/** @returns whether the content type is that of a form */
export function isForm(request: Pick<InboundRequest, 'headers'>): boolean {
  return FORM.test(headerOf(request, 'content-type') ?? '')
}

/** `curl -d` sends JSON with the content type of a form, so the first character of the body counts too. */
export function holdsForm(request: InboundRequest): boolean {
  const [first] = request.body.subarray(0, 100).filter((byte) => byte > 0x20)
  return isForm(request) && first !== 0x7b && first !== 0x5b
}

/** Larger bodies are stored and verified, but not parsed, because parsed values take up many times as much memory. */
export const MAX_PARSED_BODY_BYTES = 1_024 * 1_024

/**
 * Parses a form or JSON of up to 1 MB. Senders use many content types for JSON, so the type does not matter. In forms,
 * a repeated field becomes a list. @returns null for any other body
 */
export function readContent(request: InboundRequest): Content {
  if (request.body.length > MAX_PARSED_BODY_BYTES) return null
  const text = textOf(request)
  if (text === '') return null
  return holdsForm(request) ? readForm(text) : (parseForReading(text) ?? null)
}

/** @returns whether a body has more bytes, form fields, or JSON values than are parsed */
export function isTooLarge(request: InboundRequest): boolean {
  if (request.body.length > MAX_PARSED_BODY_BYTES) return true
  const text = textOf(request)
  return holdsForm(request) ? hasTooManyFields(text) : isTooComplex(text)
}

/** Parses JSON so that it can be serialized again without changing any number. @returns undefined if it is not JSON */
export function readJson(request: InboundRequest): unknown {
  return holdsForm(request) ? undefined : parseForWriting(textOf(request))
}

export const textOf = ({ body }: InboundRequest): string => decodeUtf8(body)?.replace(/^\uFEFF/, '') ?? ''

function readForm(text: string): Content {
  if (hasTooManyFields(text)) return null
  const fields = new Map<string, unknown[]>()
  const sent = [...new URLSearchParams(text)]
  // GitHub and Slack can send JSON in the field `payload`. Ko-fi sends it in `data`, as the only field.
  const holdsJson = (name: string) => name === 'payload' || (name === 'data' && sent.length === 1)
  for (const [name, value] of sent) {
    const values = fields.get(name) ?? []
    values.push(holdsJson(name) ? readPayload(value) : value)
    fields.set(name, values)
  }
  const form = Object.fromEntries([...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
  // The values in `payload` can be read as if they were the body.
  return typeof form.payload === 'object' ? { ...form.payload, ...form } : form
}

function readPayload(value: string): unknown {
  const parsed = parseForReading(value)
  return typeof parsed === 'object' && parsed !== null ? parsed : value
}

const MAX_PATH_STEPS = 32

/**
 * Follows a path such as `data.items.0.id`. `*` matches every item, and `*1` the only one. Only own properties.
 * @returns the values found
 */
export function valuesAt(content: Content, path: string): unknown[] {
  let found: unknown[] = [content]
  for (const step of path.split('.').slice(0, MAX_PATH_STEPS)) found = found.flatMap(stepInto(step))
  return found
}

function stepInto(step: string): (value: unknown) => unknown[] {
  return (value) => {
    if (typeof value !== 'object' || value === null) return []
    if (step === '*' || step === '*1') return Array.isArray(value) && (step === '*' || value.length === 1) ? value : []
    return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : []
  }
}

/** @returns the values at a location, as strings. Objects, lists, and null are left out. */
export function textsAt(request: InboundRequest, content: Content, place: ValuePlace): string[] {
  const [kind, name] = splitPlace(place)
  if (kind === 'body') return valuesAt(content, name).flatMap(toText)
  if (kind === 'key') return keysAt(content, name)
  if (kind === 'query') return new URLSearchParams(request.query).getAll(name)
  if (name.endsWith('*')) return headersWithPrefix(request, name.slice(0, -1))
  const value = headerOf(request, name)
  return value === null ? [] : [value]
}

/** @param name such as `message`, if there is such a key, or `!update_id` for all other keys */
function keysAt(content: Content, name: string): string[] {
  if (!name.startsWith('!')) return valuesAt(content, name).length > 0 ? [name] : []
  return isObject(content) ? Object.keys(content).filter((key) => key !== name.slice(1)) : []
}

/** @returns the first value that is not empty, or null; the locations are tried in order */
export function firstTextAt(request: InboundRequest, content: Content, places: readonly ValuePlace[]): string | null {
  for (const place of places) {
    const [text] = textsAt(request, content, place)
    if (text !== undefined && text !== '') return text
  }
  return null
}

type PlaceKind = 'header' | 'body' | 'query' | 'key'

export function splitPlace(place: ValuePlace): [PlaceKind, string] {
  const at = place.indexOf(':')
  return [place.slice(0, at) as PlaceKind, place.slice(at + 1)]
}

function headersWithPrefix(request: InboundRequest, prefix: string): string[] {
  return request.headers.filter(([name]) => name.startsWith(prefix)).map(([, value]) => value)
}

function toText(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
}
