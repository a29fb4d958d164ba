import { vi } from 'vitest'
import texts from '../../../../public/providers.json'
import { toBase64, utf8 } from '../../../../src/kit/lib/bytes'
import { findProvider } from '../../../../src/webhooks/rules/verifying/providers'
import { type InboundRequest, readContent } from '../../../../src/webhooks/rules/verifying/request'
import { writeSample } from '../../../../src/webhooks/rules/verifying/sample'
import type {
  Provider,
  ProviderSample,
  ProviderTexts,
  PublicKeyScheme,
  Scheme,
} from '../../../../src/webhooks/rules/verifying/scheme'
import { verify } from '../../../../src/webhooks/rules/verifying/verify'

/** When the samples are signed, and when they arrive unless a test says otherwise. */
export const NOW = Date.UTC(2026, 10, 24, 12)
/** The URL of the source. */
export const ADDRESS = 'https://guestbook.example.com/in/in_token'
const BASE64_SECRET = `whsec_${toBase64(new Uint8Array(32).fill(7))}`

export function providerOf(slug: string): Provider {
  const provider = findProvider(slug)
  if (!provider) throw new Error(`There is no provider "${slug}".`)
  return provider
}

export interface Signer {
  secret: string
  privateKey?: CryptoKey
}

/** @returns a secret as the provider shows it, and the private key if the secret is a public key */
export async function signerFor(scheme: Scheme | undefined): Promise<Signer> {
  if (scheme?.kind === 'hmac' && scheme.key === 'base64')
    return { secret: scheme.keyPrefix ? BASE64_SECRET : BASE64_SECRET.slice(6) }
  if (scheme && 'key' in scheme && scheme.kind !== 'hmac') return makeKeyPair(scheme)
  if (scheme?.kind === 'shared-secret' && scheme.format === 'basic') return { secret: 'ada:the pass:word' }
  return { secret: 'A secret, with "quotes" & ümlauts' }
}

export async function makeKeyPair(scheme: Pick<PublicKeyScheme, 'kind' | 'key'>): Promise<Required<Signer>> {
  const algorithm = scheme.kind === 'ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair
  const exported = (await crypto.subtle.exportKey(scheme.key, pair.publicKey)) as ArrayBuffer
  return { secret: toBase64(new Uint8Array(exported)), privateKey: pair.privateKey }
}

export const TEXTS: Record<string, ProviderTexts> = texts

export function textsOf({ slug }: Pick<Provider, 'slug'>): ProviderTexts {
  const found = TEXTS[slug]
  if (!found) throw new Error(`There are no texts about "${slug}".`)
  return found
}

/** Signs a provider's sample with a new secret. @param changes replace parts of the sample */
export async function sampleOf(provider: Provider, changes: Partial<ProviderSample> = {}) {
  const sample = { ...textsOf(provider).sample, ...changes }
  const signer = await signerFor(provider.schemes[0])
  const unique = 'c0ffee00-0000-4000-8000-000000000001'
  const input = { provider, sample, address: ADDRESS, query: '', ...signer, now: NOW, unique }
  return { request: await writeSample(input), secret: signer.secret }
}

/** @param receivedAt epoch milliseconds */
export function verifyFor(
  { schemes }: Provider,
  secrets: string[],
  request: InboundRequest,
  receivedAt = NOW,
  content = readContent(request)
) {
  return verify(schemes, secrets, request, content, receivedAt)
}

/** @returns how often a form of more than 100 characters was parsed while some work ran */
export async function countParses(work: () => Promise<void>): Promise<number> {
  const Real = URLSearchParams
  let parsed = 0
  class Counting extends Real {
    constructor(init?: ConstructorParameters<typeof Real>[0]) {
      super(init)
      if (String(init).length > 100) parsed += 1
    }
  }
  vi.stubGlobal('URLSearchParams', Counting)
  await work()
  vi.unstubAllGlobals()
  return parsed
}

export function requestWith(body: string, headers: readonly (readonly [string, string])[] = []): InboundRequest {
  return { method: 'POST', address: ADDRESS, query: '', headers, body: utf8(body) }
}

export function withByteChanged(request: InboundRequest, at: number): InboundRequest {
  const body = request.body.slice()
  body[at % body.length] = (body[at % body.length] ?? 0) ^ 1
  return { ...request, body }
}
