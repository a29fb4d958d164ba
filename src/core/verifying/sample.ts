import { type Bytes, toBase64, utf8 } from '../lib/bytes'
import { sha256Hex } from '../lib/hmac'
import { computeMac, toDer } from './keys'
import { type InboundRequest, type Place, readContent, splitPlace } from './request'
import type { HmacScheme, Provider, PublicKeyScheme, Scheme } from './scheme'
import { signedBytes } from './signed-text'
import { encode } from './verify'

/*
 * The other side of verification: a request as the provider sends it, signed by the same data. For trying a source out before the provider is set up.
 */

export interface SampleInput {
  provider: Provider
  /** The address that the provider would be given, and its query. */
  address: string
  query: string
  /** As the provider shows it: for an HMAC or a shared secret. */
  secret: string
  /** For a public key: the private one that belongs to it. */
  privateKey?: CryptoKey | undefined
  now: number
  /** 32 characters, different each time. */
  unique: string
  /** Instead of the provider's own sample. */
  body?: string | undefined
}

/** @returns the request, signed by the first scheme of the provider */
export async function writeSample(input: SampleInput): Promise<InboundRequest> {
  const { provider, address } = input
  const [scheme] = provider.schemes
  const fill = (text: string) => fillIn(text, input)
  const body = fill(input.body ?? provider.sample.body)
  const headers = Object.entries({
    'content-type': 'application/json',
    'user-agent': 'Guesthook/sample',
    ...provider.sample.headers,
  }).map(([name, value]): [string, string] => [name, fill(value)])
  const request = { method: 'POST', address, query: input.query, headers, body: utf8(body) }
  return scheme ? sign(scheme, request, input) : request
}

function fillIn(text: string, { now, unique, secret }: SampleInput): string {
  return text
    .replaceAll('{now}', String(Math.floor(now / 1_000)))
    .replaceAll('{now_ms}', String(now))
    .replaceAll('{iso}', new Date(now).toISOString())
    .replaceAll('{uuid}', unique)
    .replaceAll('{secret}', () => JSON.stringify(secret).slice(1, -1))
}

type Sample = InboundRequest & { headers: [string, string][] }

async function sign(scheme: Scheme, request: Sample, input: SampleInput): Promise<InboundRequest> {
  if (scheme.kind === 'unsigned') return request
  if (scheme.kind === 'shared-secret') {
    const value = shared(scheme.format, input.secret)
    return put(request, scheme.at, value)
  }
  const timestamp = scheme.timestamp ? writeTime(scheme.timestamp.unit, input.now) : ''
  const hashed = await withBodyHash(scheme, request)
  const dated = putTime(scheme, hashed, timestamp)
  const content = readContent(dated)
  const text = signedBytes(scheme.signed, { request: dated, content, timestamp })
  const signature = encode(scheme.encoding, await signatureOf(scheme, text, input))
  return putSignature(scheme, dated, signature, timestamp)
}

function shared(format: 'plain' | 'bearer' | 'basic', secret: string): string {
  if (format === 'plain') return secret
  return format === 'bearer' ? `Bearer ${secret}` : `Basic ${toBase64(utf8(secret))}`
}

function writeTime(unit: 's' | 'ms' | 'iso', now: number): string {
  if (unit === 'iso') return new Date(now).toISOString()
  return String(unit === 's' ? Math.floor(now / 1_000) : now)
}

/** A form is signed by its fields; of anything else the hash goes into the query. */
async function withBodyHash(
  scheme: HmacScheme | PublicKeyScheme,
  request: Sample
): Promise<Sample> {
  const isForm = request.headers.some(([, value]) => value.includes('form-urlencoded'))
  if (scheme.kind !== 'hmac' || !scheme.bodyHash || isForm) return request
  return put(request, scheme.bodyHash, await sha256Hex(request.body))
}

function putTime(
  { timestamp, signature }: HmacScheme | PublicKeyScheme,
  request: Sample,
  text: string
): Sample {
  const at = timestamp && firstOf(timestamp.at)
  // In the body it is part of the sample; in the header of the signature it is written with it.
  if (!at || at.startsWith('body:') || at === firstOf(signature.at)) return request
  return put(request, at, text)
}

async function signatureOf(
  scheme: HmacScheme | PublicKeyScheme,
  text: Bytes,
  { secret, privateKey }: SampleInput
): Promise<Bytes> {
  if (scheme.kind === 'hmac') {
    const mac = await computeMac(scheme, secret, text)
    if (mac === null) throw new Error('A sample needs a secret that the scheme can use.')
    return mac
  }
  if (!privateKey) throw new Error('A sample for a public key needs the private one.')
  const algorithm =
    scheme.kind === 'ecdsa-p256' ? { name: 'ECDSA', hash: 'SHA-256' } : privateKey.algorithm.name
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, text))
  return scheme.kind === 'ecdsa-p256' ? toDer(signature) : signature
}

function putSignature(
  { signature, timestamp }: HmacScheme | PublicKeyScheme,
  request: Sample,
  text: string,
  time: string
): InboundRequest {
  const at = firstOf(signature.at)
  if (at.startsWith('body:')) {
    const body = new TextDecoder().decode(request.body).replace('{signature}', text)
    return { ...request, body: utf8(body) }
  }
  const shares = timestamp && firstOf(timestamp.at) === at
  const items = [`${signature.prefix ?? ''}${text}`]
  if (shares) items.unshift(`${timestamp.prefix ?? ''}${time}`)
  return put(request, at, items.join(signature.list ?? ','))
}

function put(request: Sample, place: Place, text: string): Sample {
  const [kind, name] = splitPlace(place)
  if (kind === 'header') {
    return { ...request, headers: [...request.headers, [name.replace('*', '1'), text]] }
  }
  if (kind === 'body') return request
  const query = new URLSearchParams(request.query)
  query.set(name, text)
  return { ...request, query: query.toString() }
}

function firstOf(at: Place | readonly Place[]): Place {
  return typeof at === 'string' ? at : (at[0] as Place)
}
