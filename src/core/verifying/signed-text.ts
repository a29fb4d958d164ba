import { type Bytes, concat, decodeUtf8, utf8 } from '../lib/bytes'
import {
  type Content,
  firstTextAt,
  type InboundRequest,
  isForm,
  PLACE,
  type Place,
} from './request'

/** What the parts of a template are taken from. */
export interface SignedText {
  request: InboundRequest
  content: Content
  /** As it stands in the request. */
  timestamp: string
}

const PARTS = /\{([^{}]+)\}/

/** @param template see core/providers/provider.ts. @returns the bytes that are signed: those of the body as they came */
export function signedBytes(template: string, text: SignedText): Bytes {
  // Splitting by a group gives literals and names in turn.
  const pieces = template.split(PARTS).map((piece, i) => (i % 2 ? part(piece, text) : utf8(piece)))
  return join(pieces)
}

/** Whether a template names only what there is. */
export function isTemplate(template: string): boolean {
  return template
    .split(PARTS)
    .every((piece, i) =>
      i % 2 ? Object.hasOwn(NAMED, piece) || PLACE.test(piece) : !/[{}]/.test(piece)
    )
}

/** The headers that a template signs. */
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
  form: ({ request }) => utf8(isForm(request) ? sortedFields(request.body) : ''),
}

function part(name: string, text: SignedText): Bytes {
  const named = NAMED[name]
  if (named) return named(text)
  return utf8(firstTextAt(text.request, text.content, [name as Place]) ?? '')
}

export function fullUrl({ address, query }: Pick<InboundRequest, 'address' | 'query'>): string {
  return query === '' ? address : `${address}?${query}`
}

const PORT = /^(https?:\/\/[^/:]+):\d+/

function withPort(url: string): string {
  if (PORT.test(url)) return url
  return url.replace(/^(https?):\/\/([^/]+)/, (_, scheme, host) =>
    scheme === 'https' ? `https://${host}:443` : `http://${host}:80`
  )
}

/** The escapes that HubSpot decodes before it signs, and no others: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation */
const DECODED = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

function decodeSome(url: string): string {
  return url.replace(DECODED, (escaped) => decodeURIComponent(escaped))
}

/** Twilio: each name with its value, sorted by name; a name that repeats gives each value once. */
function sortedFields(body: Bytes): string {
  const fields = new Map<string, Set<string>>()
  for (const [name, value] of new URLSearchParams(decodeUtf8(body) ?? '')) {
    const values = fields.get(name) ?? new Set()
    fields.set(name, values.add(value))
  }
  return [...fields.keys()]
    .toSorted(byCodeUnit)
    .flatMap((name) =>
      [...(fields.get(name) ?? [])].toSorted(byCodeUnit).map((value) => name + value)
    )
    .join('')
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** A body that stands alone is not copied: it may be 8 MB. */
function join(all: Bytes[]): Bytes {
  const pieces = all.filter((piece) => piece.length > 0)
  const [only] = pieces
  return only && pieces.length === 1 ? only : concat(pieces)
}
