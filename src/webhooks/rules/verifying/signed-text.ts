import { type Bytes, concat, decodeUtf8, utf8 } from '../../../kit/lib/bytes'
import { hasTooManyFields } from '../../../kit/lib/form'
import {
  type Content,
  firstTextAt,
  type InboundRequest,
  isForm,
  MAX_PARSED_BODY_BYTES,
  PLACE,
  type ValuePlace,
} from './request'

/** The values that fill in a template. */
interface SignedText {
  request: InboundRequest
  content: Content
  /** As received. */
  timestamp: string
  /** The return value of `signedForm`. */
  form: () => string | null
}

const PARTS = /\{([^{}]+)\}/

/** @param template see `signed` in scheme.ts. @returns what the signature covers, with the body's bytes unchanged */
export function signedBytes(template: string, text: SignedText): Bytes {
  // `split` with a group returns constants and names alternately.
  const pieces = template.split(PARTS).map((piece, i) => (i % 2 ? part(piece, text) : utf8(piece)))
  return join(pieces)
}

/** @returns whether every name in a template is valid */
export function isTemplate(template: string): boolean {
  return template
    .split(PARTS)
    .every((piece, i) => (i % 2 ? Object.hasOwn(NAMED, piece) || PLACE.test(piece) : !/[{}]/.test(piece)))
}

/** @returns the names of the headers in a template */
export function headersIn(template: string): string[] {
  return [...template.matchAll(/\{header:([^{}]+)\}/g)].map(([, name = '']) => name)
}

const NAMED: Record<string, (text: SignedText) => Bytes> = {
  body: ({ request }) => request.body,
  timestamp: ({ timestamp }) => utf8(timestamp),
  method: ({ request }) => utf8(request.method.toUpperCase()),
  url: ({ request }) => utf8(fullUrl(request)),
  'url-port': ({ request }) => utf8(fullUrl(request).replace(PORT, '$1')),
  'url+port': ({ request }) => utf8(withPort(fullUrl(request))),
  uri: ({ request }) => utf8(decodeSome(fullUrl(request))),
  form: ({ form }) => utf8(form() ?? ''),
}

function part(name: string, text: SignedText): Bytes {
  const named = NAMED[name]
  if (named) return named(text)
  return utf8(firstTextAt(text.request, text.content, [name as ValuePlace]) ?? '')
}

const fullUrl = ({ address, query }: InboundRequest): string => (query === '' ? address : `${address}?${query}`)
const PORT = /^(https?:\/\/[^/:]+):\d+/

function withPort(url: string): string {
  if (PORT.test(url)) return url
  return url.replace(/^(https?):\/\/([^/]+)/, (_, scheme, host) =>
    scheme === 'https' ? `https://${host}:443` : `http://${host}:80`
  )
}

/**
 * HubSpot decodes only these escapes before it signs.
 * Source: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
const DECODED = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

const decodeSome = (url: string): string => url.replace(DECODED, (escaped) => decodeURIComponent(escaped))

/** Twilio signs names with their distinct values, sorted by name. @returns '' for other bodies; null if too large */
export function signedForm(request: InboundRequest): string | null {
  if (!isForm(request)) return ''
  if (request.body.length > MAX_PARSED_BODY_BYTES) return null
  const text = decodeUtf8(request.body) ?? ''
  return hasTooManyFields(text) ? null : sortedFields(text)
}

function sortedFields(text: string): string {
  const fields = new Map<string, Set<string>>()
  for (const [name, value] of new URLSearchParams(text)) {
    const values = fields.get(name) ?? new Set()
    fields.set(name, values.add(value))
  }
  return [...fields.keys()]
    .toSorted(byCodeUnit)
    .flatMap((name) => [...(fields.get(name) ?? [])].toSorted(byCodeUnit).map((value) => name + value))
    .join('')
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/** A single piece is not copied, because a body may be several megabytes long. */
function join(all: Bytes[]): Bytes {
  const pieces = all.filter((piece) => piece.length > 0)
  const [only] = pieces
  return only && pieces.length === 1 ? only : concat(pieces)
}
