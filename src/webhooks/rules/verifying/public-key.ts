import { type Bytes, fromBase64Url, fromHex } from '../../../kit/lib/bytes'

/* Recognizes public keys among HMAC secrets: anyone can know them. A bare Ed25519 key looks like any other secret. */

/** The prefix of a public key in Standard Webhooks, the lines around PEM (RFC 7468), and the types of OpenSSH keys. */
const MARKED =
  /^whpk_|----BEGIN [A-Z0-9 ]*(PUBLIC KEY|CERTIFICATE)|---- BEGIN SSH2 PUBLIC KEY|(^|\s)(ssh|ecdsa-sha2|sk-ssh|sk-ecdsa)-\S+\s/i

/** @returns whether a text is certainly a public key: marked as one, a JWK, or DER in base64 or hex */
export function isPublicKey(text: string): boolean {
  const trimmed = text.trim()
  if (MARKED.test(trimmed) || isJwk(trimmed)) return true
  const compact = trimmed.replace(/\s+|^0x/g, '')
  const isKey = (bytes: Bytes | null) => bytes !== null && (isDer(bytes) || isPoint(bytes) || isSshKey(bytes))
  return [fromHex(compact), fromBase64Url(compact)].some(isKey)
}

/** RFC 7517. A symmetric key has the type `oct`. */
const isJwk = (text: string): boolean => /^[{[]/.test(text) && /"kty"\s*:\s*"(EC|OKP|RSA)"/.test(text)

const SEQUENCE = 0x30
const INTEGER = 0x02
const BIT_STRING = 0x03

/** What the outermost sequence of each kind of key contains. */
const KINDS = [
  // SubjectPublicKeyInfo (RFC 5280 section 4.1)
  [SEQUENCE, BIT_STRING],
  // RSAPublicKey (RFC 8017 appendix A.1.1)
  [INTEGER, INTEGER],
  // Certificate (RFC 5280 section 4.1)
  [SEQUENCE, SEQUENCE, BIT_STRING],
].map(String)

function isDer(bytes: Bytes): boolean {
  const outer = readValue(bytes, 0)
  if (outer?.tag !== SEQUENCE || outer.end !== bytes.length) return false
  const tags: number[] = []
  for (let at = outer.start; at < outer.end; ) {
    const inner = readValue(bytes, at)
    if (!inner || inner.end > outer.end) return false
    tags.push(inner.tag)
    at = inner.end
  }
  return KINDS.includes(String(tags))
}

/** Reads the tag and the length of a DER value (X.690 section 8.1). */
function readValue(bytes: Bytes, at: number): { tag: number; start: number; end: number } | null {
  const [tag, first] = bytes.subarray(at)
  if (tag === undefined || first === undefined) return null
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first }
  const start = at + 2 + (first & 0x7f)
  const length = bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0)
  return { tag, start, end: start + length }
}

/** An uncompressed point on the curve P-256 (SEC 1 section 2.3.3). */
const isPoint = (bytes: Bytes): boolean => bytes.length === 65 && bytes[0] === 0x04

/** The blob in an OpenSSH key starts with the length of its type and the type (RFC 4253 section 6.6). */
function isSshKey(bytes: Bytes): boolean {
  const [a, b, c, length = 0] = bytes
  const type = String.fromCharCode(...bytes.subarray(4, 4 + length))
  return a === 0 && b === 0 && c === 0 && /^(ssh|ecdsa-sha2|sk-ssh|sk-ecdsa)-/.test(type)
}
