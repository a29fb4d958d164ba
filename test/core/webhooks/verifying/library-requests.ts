import { expect } from 'vitest'
import { type Bytes, decodeUtf8, utf8 } from '../../../../src/kit/lib/bytes'
import type { InboundRequest } from '../../../../src/webhooks/rules/verifying/request'
import { writeSample } from '../../../../src/webhooks/rules/verifying/sample'
import { ADDRESS, providerOf, type Signer, textsOf, verifyFor, withByteChanged } from './samples'

/** A request that a library or a documentation page signed. */
export interface Given {
  body: string | Bytes
  headers: Record<string, string>
  secret: string
  /** Epoch milliseconds; the current time by default. */
  receivedAt?: number
  address?: string
  query?: string
}

function requestOf({ body, headers, address = ADDRESS, query = '' }: Given): InboundRequest {
  return {
    method: 'POST',
    address,
    query,
    headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    body: typeof body === 'string' ? utf8(body) : body,
  }
}

export function verifyGiven(slug: string, given: Given, request = requestOf(given)) {
  const { secret, receivedAt = Date.now() } = given
  return verifyFor(providerOf(slug), [secret], request, receivedAt)
}

/** Expects that the request is verified, but not after a byte of its body has been changed. */
export async function expectSigned(slug: string, given: Given): Promise<void> {
  const request = requestOf(given)
  const verified = { verified: true, reason: null }
  expect(await verifyGiven(slug, given, request)).toMatchObject(verified)
  const changed = withByteChanged(request, Math.floor(request.body.length / 2))
  const refused = { verified: false, reason: 'signature_mismatch' }
  expect(await verifyGiven(slug, given, changed)).toMatchObject(refused)
}

/** @returns a sample, signed now */
export function sampleFor(slug: string, { secret, privateKey }: Signer): Promise<InboundRequest> {
  const unique = crypto.randomUUID()
  const input = { address: ADDRESS, query: '', now: Date.now(), secret, unique, privateKey }
  const provider = providerOf(slug)
  return writeSample({ provider, sample: textsOf(provider).sample, ...input })
}

export function textOf({ body }: InboundRequest): string {
  return decodeUtf8(body) ?? ''
}
