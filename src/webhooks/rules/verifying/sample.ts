import { type Bytes, toBase64, utf8 } from '../../../kit/lib/bytes'
import { sha256Hex } from '../../../kit/lib/hmac'
import { computeMac, toDer } from './keys'
import { placesOf } from './places'
import { type InboundRequest, readContent, splitPlace, type ValuePlace } from './request'
import type { Extract, Provider, ProviderSample, Scheme, SharedSecretScheme, SignatureScheme } from './scheme'
import { encode } from './signature'
import { signedBytes, signedForm } from './signed-text'

/* Writes a signed request like the provider's, so that the owner can test a source before the provider is set up. */

interface SampleInput {
  provider: Pick<Provider, 'schemes'>
  sample: ProviderSample
  /** The source's URL, without the query. */
  address: string
  query: string
  /** The secret as the provider shows it. Not used by public-key schemes. */
  secret: string
  /** The private key, for a public-key scheme. */
  privateKey?: CryptoKey | undefined
  /** Epoch milliseconds. */
  now: number
  /** A string that is different for each sample. */
  unique: string
  /** Replaces the body of the provider's sample. */
  body?: string | undefined
}

/** Signs with the first scheme. @throws Error if the secret or the private key is missing or invalid */
export async function writeSample(input: SampleInput): Promise<InboundRequest> {
  const { provider, sample, address, query } = input
  const [scheme] = provider.schemes
  const headers = Object.entries({
    'content-type': 'application/json',
    'user-agent': 'Guesthook/sample',
    ...sample.headers,
  }).map(([name, value]): [string, string] => [name, fillIn(value, input)])
  const body = utf8(fillIn(input.body ?? textOf(sample), input))
  const request = { method: 'POST', address, query, headers, body }
  return scheme ? sign(scheme, request, input) : request
}

function textOf({ body }: ProviderSample): string {
  return typeof body === 'string' ? body : JSON.stringify(body).replace(/"#(\{\w+\})"/g, '$1')
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
  if (scheme.kind === 'shared-secret') return put(request, scheme.at, writeSecret(scheme.format, input.secret))
  const timestamp = scheme.timestamp ? writeTime(scheme.timestamp.unit, input.now) : ''
  const dated = putTimestamp(scheme, await putBodyHash(scheme, request), timestamp)
  const content = readContent(dated)
  const text = signedBytes(scheme.signed, { request: dated, content, timestamp, form: () => signedForm(dated) })
  const signature = encode(scheme.encoding, await signatureOf(scheme, text, input))
  return putSignature(scheme, dated, signature, timestamp)
}

function writeSecret(format: SharedSecretScheme['format'], secret: string): string {
  if (format === 'plain') return secret
  return format === 'bearer' ? `Bearer ${secret}` : `Basic ${toBase64(utf8(secret))}`
}

function writeTime(unit: 's' | 'ms' | 'iso', now: number): string {
  if (unit === 'iso') return new Date(now).toISOString()
  return String(unit === 's' ? Math.floor(now / 1_000) : now)
}

/** For a form, the signed text contains the fields. Any other body needs the hash. */
async function putBodyHash(scheme: SignatureScheme, request: Sample): Promise<Sample> {
  const isForm = request.headers.some(([, value]) => value.includes('form-urlencoded'))
  if (scheme.kind !== 'hmac' || !scheme.bodyHash || isForm) return request
  return put(request, scheme.bodyHash, await sha256Hex(request.body))
}

function putTimestamp({ timestamp, signature }: SignatureScheme, request: Sample, text: string): Sample {
  const at = timestamp && firstPlace(timestamp)
  // A timestamp in the body is part of the sample. A timestamp in the signature header is added with the signature.
  if (!at || at.startsWith('body:') || at === firstPlace(signature)) return request
  return put(request, at, text)
}

async function signatureOf(scheme: SignatureScheme, text: Bytes, { secret, privateKey }: SampleInput): Promise<Bytes> {
  if (scheme.kind === 'hmac') {
    const mac = await computeMac(scheme, secret, text)
    if (mac === null) throw new Error("The secret is not a valid key for the sample's scheme.")
    return mac
  }
  if (!privateKey) throw new Error('A sample for a public-key scheme needs the private key.')
  const algorithm = scheme.kind === 'ecdsa-p256' ? { name: 'ECDSA', hash: 'SHA-256' } : privateKey.algorithm.name
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, text))
  return scheme.kind === 'ecdsa-p256' ? toDer(signature) : signature
}

function putSignature({ signature, timestamp }: SignatureScheme, request: Sample, text: string, time: string) {
  const at = firstPlace(signature)
  if (at.startsWith('body:')) {
    const body = new TextDecoder().decode(request.body).replace('{signature}', text)
    return { ...request, body: utf8(body) }
  }
  const items = [`${signature.prefix ?? ''}${text}`]
  if (timestamp && firstPlace(timestamp) === at) items.unshift(`${timestamp.prefix ?? ''}${time}`)
  return put(request, at, items.join(signature.list ?? ','))
}

/** Adds a header or a query parameter. A sample body already contains its values. */
function put(request: Sample, place: ValuePlace, text: string): Sample {
  const [kind, name] = splitPlace(place)
  if (kind === 'header') return { ...request, headers: [...request.headers, [name.replace('*', '1'), text]] }
  if (kind === 'body') return request
  const query = new URLSearchParams(request.query)
  query.set(name, text)
  return { ...request, query: query.toString() }
}

const firstPlace = ({ at }: Extract): ValuePlace => placesOf(at)[0] as ValuePlace
