const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export type Bytes = Uint8Array<ArrayBuffer>

export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes
}

/** UTF-8 to text; null when the bytes are not UTF-8 (they are never replaced silently). */
export function decodeUtf8(bytes: Uint8Array | ArrayBuffer): string | null {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    if (cause instanceof TypeError) return null
    throw cause
  }
}

/** What newer platforms do natively: the megabytes of a body take too long letter by letter. Node 24 does not have it yet. */
interface Native {
  toBase64?(): string
}
interface NativeConstructor {
  fromBase64?(text: string): Bytes
}

/** Standard base64 with padding (RFC 4648 section 4), the alphabet that Standard Webhooks uses. */
export function toBase64(bytes: Uint8Array): string {
  const native = (bytes as Native).toBase64?.()
  if (native !== undefined) return native
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** The last character before padding leaves its spare bits zero (RFC 4648 section 3.5), so that bytes have one spelling. */
const BASE64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/

/** Strict base64 to bytes; null for anything else, also for the lenient spellings that `atob` takes. */
export function fromBase64(text: string): Bytes | null {
  if (!BASE64.test(text)) return null
  const native = (Uint8Array as NativeConstructor).fromBase64?.(text)
  return native ?? Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}

/** Base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Hex of either case to bytes; null for anything else. */
export function fromHex(text: string): Bytes | null {
  if (!/^([0-9a-f]{2})*$/i.test(text)) return null
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Compares in a time that depends on the lengths alone. Lengths are not secret here. */
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
