import { type Bytes, equalBytes, fromBase64, toBase64, utf8 } from '../lib/bytes'
import { hmacSha256, sha256Hex } from '../lib/hmac'
import { parsePublicKey, verifyEd25519 } from './ed25519'
import { parseSigningSecret } from './secret'
import { listedAs, TOLERANCE_SECONDS } from './standard-webhooks'

/*
 * Why a signature does not verify: every part is looked at by itself, and what people commonly do to one is tried, to see whether it explains it.
 */

export interface Evidence {
  /** `whsec_...`, or `whpk_...`. */
  secret: string
  id: string
  timestamp: string
  signature: string
  body: string
}

export interface Finding {
  part: 'headers' | 'timestamp' | 'secret' | 'signature' | 'body' | 'result'
  verdict: 'good' | 'bad'
  /** What was seen, and what to do. */
  text: string
}

/** @param now seconds since the epoch */
export async function diagnose(evidence: Evidence, now: number): Promise<Finding[]> {
  const findings = [ofHeaders(evidence), ofTimestamp(evidence, now), ofSecret(evidence)]
  const signature = ofSignature(evidence)
  const looked = [...findings, signature].filter((finding) => finding !== null)
  return [...looked, await ofResult(evidence)]
}

function good(part: Finding['part'], text: string): Finding {
  return { part, verdict: 'good', text }
}

function bad(part: Finding['part'], text: string): Finding {
  return { part, verdict: 'bad', text }
}

function ofHeaders({ id, timestamp, signature }: Evidence): Finding {
  const given = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
  const missing = Object.entries(given).flatMap(([name, value]) => (value ? [] : [name]))
  if (missing.length === 0) return good('headers', 'All three headers are there.')
  return bad('headers', `${missing.join(' and ')} is missing. Does a proxy drop it?`)
}

function ofTimestamp({ timestamp }: Evidence, now: number): Finding | null {
  if (!timestamp) return null
  if (/^\d{13}$/.test(timestamp))
    return bad('timestamp', 'That is in milliseconds. The header has seconds.')
  if (!/^[1-9]\d{0,11}$/.test(timestamp))
    return bad('timestamp', 'That is no number of seconds since 1970.')
  const age = now - Number(timestamp)
  const side = age < 0 ? 'ahead' : 'ago'
  const seen = `It was signed ${Math.abs(age)} seconds ${side}`
  if (Math.abs(age) <= TOLERANCE_SECONDS) return good('timestamp', `${seen}, which is in time.`)
  return bad(
    'timestamp',
    `${seen}. Receivers refuse more than ${TOLERANCE_SECONDS}: verify when it arrives, and check the clock.`
  )
}

function ofSecret({ secret }: Evidence): Finding {
  if (secret !== secret.trim())
    return bad('secret', 'There is white space around it. In the receiver, too?')
  if (secret.startsWith('whpk_')) {
    const key = parsePublicKey(secret)
    return key.ok ? good('secret', 'A public key, for v1a signatures.') : bad('secret', key.error)
  }
  const key = parseSigningSecret(secret)
  if (!key.ok) return bad('secret', key.error)
  return good('secret', `A secret of ${key.value.length} bytes, for v1 signatures.`)
}

const LENGTHS: Record<string, number> = { v1: 32, v1a: 64 }

function ofSignature({ signature }: Evidence): Finding | null {
  if (!signature) return null
  const items = signature.trim().split(/\s+/).map(readItem)
  const fault = items.find((item) => item.fault !== null)?.fault
  if (fault) return bad('signature', fault)
  return good('signature', `It lists ${items.map(({ version }) => version).join(', ')}.`)
}

function readItem(item: string): { version: string; fault: string | null } {
  const [version = '', text] = item.split(/,(.*)/s)
  const length = LENGTHS[version]
  if (text === undefined)
    return {
      version,
      fault: `"${item.slice(0, 40)}" is not "version,base64". Was it cut at a comma?`,
    }
  if (length === undefined) return { version, fault: null }
  if (/^[0-9a-f]+$/i.test(text) && text.length === 2 * length)
    return { version, fault: `The ${version} signature is in hexadecimal. It should be base64.` }
  const bytes = fromBase64(text)
  if (bytes?.length === length) return { version, fault: null }
  return { version, fault: `The ${version} signature is not ${length} bytes in base64.` }
}

/** Blanks around it, or a prefix that was not copied, are told apart from what they would break. */
function keyOf(secret: string): Bytes | null {
  const text = secret.trim()
  const key = parseSigningSecret(text.startsWith('whsec_') ? text : `whsec_${text}`)
  return key.ok ? key.value : null
}

/** A way in which a text may have been signed. */
interface Reading {
  key: Bytes
  signed: string
}

async function ofResult(evidence: Evidence): Promise<Finding> {
  const { id, timestamp, body } = evidence
  const key = keyOf(evidence.secret)
  const signed = `${id}.${timestamp}.${body}`
  if (evidence.secret.trim().startsWith('whpk_')) return ofPublicKey(evidence, signed)
  if (key && (await fits(evidence, { key, signed }))) {
    return good('result', 'The signature fits the secret, the id, the timestamp and the body.')
  }
  for (const { explains, reading } of suspicions(evidence, key))
    if (await fits(evidence, reading)) return explains
  return bad('result', await nothingFits(key, signed, body))
}

async function ofPublicKey(evidence: Evidence, signed: string): Promise<Finding> {
  const key = parsePublicKey(evidence.secret.trim())
  if (!key.ok) return bad('result', 'Without a key nothing can be compared.')
  for (const body of [evidence.body, ...changedBodies(evidence.body).map(({ body }) => body)]) {
    const text = `${evidence.id}.${evidence.timestamp}.${body}`
    const checks = signaturesOf('v1a', evidence.signature).map((one) =>
      verifyEd25519(key.value, one, utf8(text))
    )
    if (!(await Promise.all(checks)).some(Boolean)) continue
    if (text === signed) return good('result', 'The signature fits the key and the text.')
    return bad('body', BODY_CHANGED)
  }
  return bad(
    'result',
    'No v1a signature fits this key. Is it the key of this guestbook, and the body as it came?'
  )
}

async function fits({ signature }: Evidence, { key, signed }: Reading): Promise<boolean> {
  const mac = await hmacSha256(key, utf8(signed))
  return signaturesOf('v1', signature).some((other) => equalBytes(mac, other))
}

/** What was pasted may list as many as it likes: a few are looked at. */
function signaturesOf(version: string, signature: string): Bytes[] {
  return listedAs(version, signature.trim().replace(/\s+/g, ' ')).slice(0, MAX_SIGNATURES)
}

const MAX_SIGNATURES = 8

const BODY_CHANGED =
  'The body was changed on its way: parsed and written again, or its line ends were. Sign and verify the bytes as they came, before anything parses them.'

/** What commonly goes wrong, and how it would show. */
function suspicions(evidence: Evidence, key: Bytes | null) {
  const { id, timestamp, body } = evidence
  const secret = evidence.secret.trim()
  const signed = `${id}.${timestamp}.${body}`
  const withKey = (explains: Finding, text: string) =>
    key ? [{ explains, reading: { key, signed: text } }] : []
  const asText = bad(
    'secret',
    'It was signed with the text of the secret. The key is what its base64 decodes to, without "whsec_".'
  )
  return [
    ...changedBodies(body).flatMap(({ body: changed }) =>
      withKey(bad('body', BODY_CHANGED), `${id}.${timestamp}.${changed}`)
    ),
    ...withKey(bad('result', 'It was made over the body alone. Sign id.timestamp.body.'), body),
    ...withKey(
      bad('result', 'It was made without the id. Sign id.timestamp.body.'),
      `${timestamp}.${body}`
    ),
    ...[secret, secret.replace(/^whsec_/, '')]
      .filter((text) => text !== '')
      .map((text) => ({ explains: asText, reading: { key: utf8(text), signed } })),
  ]
}

/** What frameworks and editors make of a body. */
function changedBodies(body: string): { body: string }[] {
  const bodies = [
    `${body}\n`,
    body.replace(/\r?\n$/, ''),
    body.trim(),
    body.replaceAll('\r\n', '\n'),
    body.replaceAll('\n', '\r\n'),
    ...rewritten(body),
  ]
  return [...new Set(bodies)].filter((one) => one !== body).map((one) => ({ body: one }))
}

function rewritten(body: string): string[] {
  try {
    const value = JSON.parse(body)
    return [JSON.stringify(value), JSON.stringify(value, null, 2), JSON.stringify(value, null, 4)]
  } catch (cause) {
    if (cause instanceof SyntaxError) return []
    throw cause
  }
}

async function nothingFits(key: Bytes | null, signed: string, body: string): Promise<string> {
  const bytes = utf8(body)
  const hash = await sha256Hex(bytes)
  const seen = `The body here has ${bytes.length} bytes, SHA-256 ${hash}.`
  if (!key) return `Without a secret nothing can be compared. ${seen}`
  const expected = toBase64(await hmacSha256(key, utf8(signed)))
  return `This secret, id, timestamp and body give v1,${expected}, which is not listed. Is it the secret of this endpoint, and not the one of before a rotation? ${seen}`
}
