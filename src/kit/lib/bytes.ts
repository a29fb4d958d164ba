import { catching } from './result'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export type Bytes = Uint8Array<ArrayBuffer>

export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes

/** @returns the text, or null if the bytes are not valid UTF-8. Invalid bytes are never silently replaced. */
export function decodeUtf8(bytes: Uint8Array | ArrayBuffer): string | null {
  return catching(TypeError, () => decoder.decode(bytes)) ?? null
}

/*
 * Workers and newer browsers convert base64 natively. Converting or checking a body of several megabytes character by
 * character would be too slow. Node 24, which runs some of the tests, does not have these methods yet.
 */

/** @returns standard base64 with padding (RFC 4648 section 4), as used by Standard Webhooks */
export function toBase64(bytes: Uint8Array & { toBase64?(): string }): string {
  const native = bytes.toBase64?.()
  if (native !== undefined) return native
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Spare bits before the padding must be zero (RFC 4648 section 3.5), so that the same bytes have only one encoding. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/

const { fromBase64: native } = Uint8Array as {
  fromBase64?(text: string, options: { lastChunkHandling: 'strict' }): Bytes
}

/** @returns the bytes, or null if the text is not strict base64. `atob` is more lenient. */
export function fromBase64(text: string): Bytes | null {
  if (native) return decodeNatively(native, text)
  return BASE64.test(text) ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : null
}

/** Even in strict mode, the native function ignores white space. */
function decodeNatively(decode: NonNullable<typeof native>, text: string): Bytes | null {
  if (/\s/.test(text)) return null
  return catching(SyntaxError, () => decode(text, { lastChunkHandling: 'strict' })) ?? null
}

/** @returns base64url without padding (RFC 4648 section 5) */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** @returns the bytes, or null if the text is not base64url. The standard alphabet and padding are accepted too. */
export function fromBase64Url(text: string): Bytes | null {
  return fromBase64(padBase64(text.replaceAll('-', '+').replaceAll('_', '/')))
}

/** Adds the padding if it is missing. */
export const padBase64 = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=')

/** @returns two lower-case digits per byte */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** @returns the bytes, or null if the text is not hexadecimal. Upper and lower case are accepted. */
export function fromHex(text: string): Bytes | null {
  if (!/^([0-9a-f]{2})*$/i.test(text)) return null
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Compares in constant time. Only the lengths can leak. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

export function concat(pieces: Uint8Array[]): Bytes {
  const all = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/**
 * Reads a stream, such as a body after decompression. It does not iterate over the stream, because Safari cannot.
 * @returns null as soon as it is longer than `maxBytes`
 */
export async function readAll(stream: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Bytes | null> {
  const reader = (stream ?? new Blob().stream()).getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length
    if (size > maxBytes) {
      await reader.cancel()
      return null
    }
    chunks.push(next.value)
  }
  return concat(chunks)
}
