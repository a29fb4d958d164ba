import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/kit/lib/bytes'
import { findProvider, PROVIDERS } from '../../../../src/webhooks/rules/verifying/providers'
import { firstTextAt, readContent, textsAt } from '../../../../src/webhooks/rules/verifying/request'
import type { Provider } from '../../../../src/webhooks/rules/verifying/scheme'
import { isTemplate } from '../../../../src/webhooks/rules/verifying/signed-text'
import {
  ADDRESS,
  NOW,
  providerOf,
  requestWith,
  sampleOf,
  signerFor,
  TEXTS,
  textsOf,
  verifyFor,
  withByteChanged,
} from './samples'

function signsBody({ schemes: [scheme] }: Provider): boolean {
  return scheme !== undefined && 'signed' in scheme && /\{(body|form)\}/.test(scheme.signed)
}

/** @returns the tolerance in seconds, or undefined if the provider sends no timestamp */
function toleranceOf({ schemes: [scheme] }: Provider): number | undefined {
  return scheme && 'timestamp' in scheme ? scheme.timestamp?.tolerance : undefined
}

const everyProvider = PROVIDERS.map((provider) => [provider.slug, provider] as const)
const verifyingProviders = everyProvider.filter(([slug]) => slug !== 'unsigned')
const signingProviders = everyProvider.filter(([, provider]) => signsBody(provider))
const timestampProviders = everyProvider.flatMap(([slug, provider]) => {
  const tolerance = toleranceOf(provider)
  return tolerance === undefined ? [] : [[slug, provider, tolerance] as const]
})

describe('every provider', () => {
  it.each(everyProvider)('%s accepts its own sample', async (_, provider) => {
    const { request, secret } = await sampleOf(provider)
    const verified = provider.slug !== 'unsigned'
    expect(await verifyFor(provider, [secret], request)).toMatchObject({ verified, reason: null })
  })

  it.each(everyProvider)('%s accepts the previous secret during a rotation', async (_, provider) => {
    const { request, secret } = await sampleOf(provider)
    const current = await signerFor(provider.schemes[0])
    const verification = await verifyFor(provider, [`${current.secret}x`, secret], request)
    expect(verification.reason).toBe(null)
  })

  it.each(everyProvider)('%s has texts, a link, and valid templates', (_, provider) => {
    expect(provider.slug).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    const { secret, where, setup, docs, handshakes = {} } = textsOf(provider)
    expect(new URL(docs).protocol).toBe('https:')
    expect([provider.name, secret, where, setup, ...Object.values(handshakes)]).not.toContain('')
    expect(Object.keys(handshakes)).toEqual((provider.handshakes ?? []).map(({ name }) => name))
    const templates = provider.schemes.flatMap((scheme) => ('signed' in scheme ? [scheme.signed] : []))
    expect(templates.filter((template) => !isTemplate(template))).toEqual([])
  })

  it.each(everyProvider)('%s has an event type and an ID in its sample', async (_, provider) => {
    const { request } = await sampleOf(provider)
    const content = readContent(request)
    const { eventType } = provider
    // Discord interactions have an ID, but its sample is an event, which has none.
    const deliveryId = provider.slug === 'discord' ? [] : provider.deliveryId
    const missing = [eventType, deliveryId]
      .filter((places) => places.length > 0)
      .filter((places) => places.every((place) => textsAt(request, content, place).length === 0))
    expect(missing).toEqual([])
  })

  it.each(verifyingProviders)('%s reports a missing secret and a missing signature', async (_, provider) => {
    const { request, secret } = await sampleOf(provider)
    expect(await verifyFor(provider, [], request)).toMatchObject({ reason: 'no_secret' })
    const bare = { ...request, headers: [], query: '', body: utf8('{}') }
    const verification = await verifyFor(provider, [secret], bare)
    expect(verification).toMatchObject({ reason: 'missing_header' })
  })
})

describe('a signature', () => {
  const REFUSED = /^false (signature_mismatch|missing_header|bad_timestamp|body_not_signed)$/

  it.each(signingProviders)('from %s does not match a changed body', async (_, provider) => {
    const { request, secret } = await sampleOf(provider)
    const results = []
    for (let at = 0; at < request.body.length; at += 7) {
      const changed = withByteChanged(request, at)
      const { verified, reason } = await verifyFor(provider, [secret], changed)
      results.push(`${verified} ${reason}`)
    }
    expect(results.length).toBeGreaterThan(0)
    expect(results.filter((result) => !REFUSED.test(result))).toEqual([])
  })

  it.each(signingProviders)('from %s does not match a different secret', async (_, provider) => {
    const { request } = await sampleOf(provider)
    const other = (await sampleOf(provider)).secret
    const secret = provider.schemes[0]?.kind === 'hmac' ? withCharacterChanged(other) : other
    const { reason } = await verifyFor(provider, [secret], request)
    expect(reason).toBe('signature_mismatch')
  })

  it.each(timestampProviders)(
    'from %s is rejected when its timestamp is too old or too new',
    async (_, provider, tolerance) => {
      const { request, secret } = await sampleOf(provider)
      const reasonAfter = async (seconds: number) =>
        (await verifyFor(provider, [secret], request, NOW + seconds * 1_000)).reason
      expect(await reasonAfter(tolerance)).toBe(null)
      expect(await reasonAfter(-tolerance)).toBe(null)
      expect(await reasonAfter(tolerance + 1)).toBe('timestamp_too_old')
      expect(await reasonAfter(-tolerance - 1)).toBe('timestamp_too_new')
    }
  )
})

function withCharacterChanged(secret: string): string {
  const at = secret.length - 5
  return secret.slice(0, at) + (secret[at] === 'B' ? 'C' : 'B') + secret.slice(at + 1)
}

describe('the event type', () => {
  it.each([
    ['telegram', '{"update_id":1,"callback_query":{"id":"1"}}', 'callback_query'],
    ['telegram', '{"update_id":1,"message":{"text":"hi"}}', 'message'],
    ['x', '{"for_user_id":"1","tweet_create_events":[{"id":1}]}', 'tweet_create_events'],
    ['x', '{"data":{"event_type":"post.mention.create"}}', 'post.mention.create'],
    ['ghost', '{"post":{"current":{"id":"1"}}}', 'post'],
    ['telegram', '["message"]', null],
  ])('from %s in %s is %s', (slug, json, type) => {
    const request = requestWith(json)
    expect(firstTextAt(request, readContent(request), providerOf(slug).eventType)).toBe(type)
  })
})

describe('the table of providers', () => {
  it('has the same providers as the file of their texts', () => {
    expect(Object.keys(TEXTS)).toEqual(PROVIDERS.map(({ slug }) => slug))
  })

  it('has each slug once, and finds a provider by its slug', () => {
    const slugs = PROVIDERS.map(({ slug }) => slug)
    expect(new Set(slugs).size).toBe(PROVIDERS.length)
    expect(slugs.map(findProvider)).toEqual(PROVIDERS)
    expect(findProvider('nobody')).toBeUndefined()
    expect(findProvider('constructor')).toBeUndefined()
  })

  it('never throws, and never verifies a request with a random signature', async () => {
    const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }))
    const header = fc.tuple(fc.stringMatching(/^[a-z0-9-]{1,20}$/), text)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...verifyingProviders.map(([, provider]) => provider)),
        fc.array(header, { maxLength: 6 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ minLength: 1, maxLength: 60 }),
        async (provider, headers, bytes, secret) => {
          const body = Uint8Array.from(bytes)
          const request = { method: 'POST', address: ADDRESS, query: '', headers, body }
          return !(await verifyFor(provider, [secret], request)).verified
        }
      ),
      { numRuns: 400 }
    )
  })
})
