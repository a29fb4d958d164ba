import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, toBase64, toHex, utf8 } from '../../../src/core/lib/bytes'
import { withOptions } from '../../../src/core/verifying/custom-scheme'
import { findProvider, PROVIDERS } from '../../../src/core/verifying/providers'
import {
  firstTextAt,
  type InboundRequest,
  readContent,
  textsAt,
} from '../../../src/core/verifying/request'
import { writeSample } from '../../../src/core/verifying/sample'
import type {
  HmacScheme,
  Provider,
  PublicKeyScheme,
  Scheme,
} from '../../../src/core/verifying/scheme'
import { isTemplate } from '../../../src/core/verifying/signed-text'
import { verify } from '../../../src/core/verifying/verify'

const NOW = Date.UTC(2026, 10, 24, 12)
const ADDRESS = 'https://guestbook.example.com/in/in_token'
const BASE64_SECRET = `whsec_${toBase64(new Uint8Array(32).fill(7))}`

interface Signer {
  secret: string
  privateKey?: CryptoKey
}

/** A secret as the provider would show it, and what signs with it. */
async function signerFor(scheme: Scheme | undefined): Promise<Signer> {
  if (scheme?.kind === 'hmac' && scheme.key === 'base64')
    return { secret: scheme.keyPrefix ? BASE64_SECRET : BASE64_SECRET.slice(6) }
  if (scheme && 'key' in scheme && scheme.kind !== 'hmac') return pairFor(scheme)
  if (scheme?.kind === 'shared-secret' && scheme.format === 'basic')
    return { secret: 'ada:the pass:word' }
  return { secret: 'A secret, with "quotes" & ümlauts' }
}

async function pairFor(scheme: PublicKeyScheme): Promise<Signer> {
  const algorithm =
    scheme.kind === 'ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = (await crypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const format = scheme.key === 'raw' ? 'raw' : 'spki'
  const exported = (await crypto.subtle.exportKey(format, pair.publicKey)) as ArrayBuffer
  return { secret: toBase64(new Uint8Array(exported)), privateKey: pair.privateKey }
}

async function sampleOf(provider: Provider, query = '') {
  const signer = await signerFor(provider.schemes[0])
  const unique = 'c0ffee00-0000-4000-8000-000000000001'
  const input = { provider, address: ADDRESS, query, ...signer, now: NOW, unique }
  return { request: await writeSample(input), secret: signer.secret }
}

function judge(provider: Provider, secrets: string[], request: InboundRequest, at = NOW) {
  return verify(provider.schemes, secrets, request, readContent(request), at)
}

function withByteChanged(request: InboundRequest, at: number): InboundRequest {
  const body = request.body.slice()
  body[at % body.length] = (body[at % body.length] ?? 0) ^ 1
  return { ...request, body }
}

const covers = ({ schemes: [scheme] }: Provider) =>
  scheme !== undefined && 'signed' in scheme && scheme.signed.match(/\{(body|form)\}/)

const everyProvider = PROVIDERS.map((provider) => [provider.slug, provider] as const)
const signing = everyProvider.filter(([, provider]) => covers(provider))
const dated = everyProvider.filter(
  ([
    ,
    {
      schemes: [scheme],
    },
  ]) => scheme && 'timestamp' in scheme && scheme.timestamp
)

describe('every provider', () => {
  it.each(everyProvider)('%s takes its own sample', async (_, provider) => {
    const { request, secret } = await sampleOf(provider)
    // Where nothing is signed, nobody vouches for it, and it is let pass all the same.
    const verified = provider.slug !== 'unsigned'
    expect(await judge(provider, [secret], request)).toMatchObject({ verified, reason: null })
  })

  it.each(everyProvider)('%s takes the previous secret while it rotates', async (_, provider) => {
    const { request, secret } = await sampleOf(provider)
    const [scheme] = provider.schemes
    const other = await signerFor(scheme)
    const verification = await judge(provider, [`${other.secret}x`, secret], request)
    expect(verification.reason).toBe(null)
  })

  it.each(everyProvider)('%s has rows that a reader can check', (_, provider) => {
    expect(provider.slug).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    expect(new URL(provider.docs).protocol).toBe('https:')
    for (const text of [provider.name, provider.secret.what, provider.secret.where, provider.setup])
      expect(text).not.toBe('')
    for (const scheme of provider.schemes)
      if ('signed' in scheme) expect(isTemplate(scheme.signed), scheme.signed).toBe(true)
  })

  it.each(everyProvider)('%s finds the type and the id of its sample', async (_, provider) => {
    const { request } = await sampleOf(provider)
    const content = readContent(request)
    // Events of Discord have no id, its interactions have.
    const ids = provider.slug === 'discord' ? [] : provider.deliveryId
    for (const places of [provider.eventType, ids])
      if (places.length > 0)
        expect(places.flatMap((place) => textsAt(request, content, place))).not.toEqual([])
  })
})

describe('what a signature covers', () => {
  it.each(signing)('%s refuses a body with one byte changed', async (_, provider) => {
    const { request, secret } = await sampleOf(provider)
    for (let at = 0; at < request.body.length; at += 7) {
      const { verified, reason } = await judge(provider, [secret], withByteChanged(request, at))
      expect(verified).toBe(false)
      expect(reason).toMatch(/^(signature_mismatch|missing_header|bad_timestamp|body_not_signed)$/)
    }
  })

  it.each(signing)('%s refuses another secret', async (_, provider) => {
    const { request } = await sampleOf(provider)
    const other = (await sampleOf(provider)).secret
    const [scheme] = provider.schemes
    const secret = scheme?.kind === 'hmac' ? flip(other) : other
    const { reason } = await judge(provider, [secret], request)
    expect(reason).toBe('signature_mismatch')
  })

  it.each(everyProvider.filter(([slug]) => slug !== 'unsigned'))(
    '%s says that there is no secret, or no signature',
    async (_, provider) => {
      const { request, secret } = await sampleOf(provider)
      expect(await judge(provider, [], request)).toMatchObject({ reason: 'no_secret' })
      const bare = { ...request, headers: [], query: '', body: utf8('{}') }
      expect(await judge(provider, [secret], bare)).toMatchObject({ reason: 'missing_header' })
    }
  )

  it.each(dated)('%s refuses what is too old, and what is too new', async (_, provider) => {
    const { request, secret } = await sampleOf(provider)
    const at = async (seconds: number) =>
      (await judge(provider, [secret], request, NOW + seconds * 1_000)).reason
    const [scheme] = provider.schemes
    const tolerance = (scheme && 'timestamp' in scheme && scheme.timestamp?.tolerance) || 0
    expect(await at(tolerance)).toBe(null)
    expect(await at(-tolerance)).toBe(null)
    expect(await at(tolerance + 1)).toBe('timestamp_too_old')
    expect(await at(-tolerance - 1)).toBe('timestamp_too_new')
  })
})

function flip(secret: string): string {
  const at = secret.length - 5
  return secret.slice(0, at) + (secret[at] === 'B' ? 'C' : 'B') + secret.slice(at + 1)
}

describe('keys', () => {
  it('a public key is never taken for a secret, however it is written', async () => {
    for (const slug of ['standard-webhooks', 'svix', 'clerk']) {
      const provider = findProvider(slug) as Provider
      const pair = await pairFor({ ...(provider.schemes[1] as PublicKeyScheme) })
      // Signed by HMAC with what everybody may know.
      const forged = await sampleOf({ ...provider, schemes: provider.schemes.slice(0, 1) })
      const input = { provider, address: ADDRESS, query: '', now: NOW, unique: 'u' }
      const bySecret = await writeSample({ ...input, secret: pair.secret })
      const reason = (await judge(provider, [`whpk_${pair.secret}`], bySecret)).reason
      expect(reason).not.toBeNull()
      expect((await judge(provider, [`whpk_${pair.secret}`], forged.request)).verified).toBe(false)
    }
  })

  it('a custom scheme with an algorithm of the other kind passes nothing', async () => {
    for (const [slug, algorithm] of [
      ['custom-hmac', 'ed25519'],
      ['custom-hmac', 'rsa-sha256'],
      ['custom-public-key', 'sha256'],
    ] as const) {
      const provider = withOptions(findProvider(slug) as Provider, { algorithm })
      const { request, secret } = await sampleOf(findProvider('custom-hmac') as Provider)
      expect((await judge(provider, [secret], request)).reason).toBe('unknown_scheme')
    }
  })
})

describe('an event type', () => {
  it.each([
    ['telegram', '{"update_id":1,"callback_query":{"id":"1"}}', 'callback_query'],
    ['telegram', '{"update_id":1,"message":{"text":"hi"}}', 'message'],
    ['x', '{"for_user_id":"1","tweet_create_events":[{"id":1}]}', 'tweet_create_events'],
    ['x', '{"data":{"event_type":"post.mention.create"}}', 'post.mention.create'],
    ['ghost', '{"post":{"current":{"id":"1"}}}', 'post'],
    ['telegram', '["message"]', null],
  ])('of %s is in %s', (slug, json, type) => {
    const request = { method: 'POST', address: '', query: '', headers: [], body: utf8(json) }
    const { eventType } = findProvider(slug) as Provider
    expect(firstTextAt(request, readContent(request), eventType)).toBe(type)
  })
})

describe('of several schemes', () => {
  const standard = findProvider('standard-webhooks') as Provider
  const byPublicKey = { ...standard, schemes: standard.schemes.slice(1, 2) }

  it('the one that the sender meant says why not', async () => {
    const { request, secret } = await sampleOf(byPublicKey)
    const reasonOf = async (given: InboundRequest, at = NOW) =>
      (await judge(standard, [`whpk_${secret}`], given, at)).reason
    expect(await reasonOf(request)).toBeNull()
    expect(await reasonOf(withByteChanged(request, 5))).toBe('signature_mismatch')
    expect(await reasonOf(request, NOW + 3_600_000)).toBe('timestamp_too_old')
    expect((await judge(standard, ['no key'], request)).reason).toBe('bad_secret')
  })

  it('one that matches and is late counts, whatever the others say', async () => {
    const custom = findProvider('custom-hmac') as Provider
    const options = { timestamp_header: 'x-time', signed: '{timestamp}.{body}' }
    const provider = withOptions(custom, options)
    const [first] = provider.schemes.toReversed()
    const { request, secret } = await sampleOf({ ...provider, schemes: first ? [first] : [] })
    expect((await judge(provider, [secret], request)).reason).toBeNull()
    const late = await judge(provider, [secret], request, NOW + 3_600_000)
    expect(late.reason).toBe('timestamp_too_old')
  })
})

describe('where a handshake signs what it is given', () => {
  const oracles = PROVIDERS.filter(({ handshakes = [] }) =>
    JSON.stringify(handshakes.map(({ answer }) => answer)).includes('"hmac"')
  )

  it('no answer of it is the signature of an event', async () => {
    expect(oracles.map(({ slug }) => slug)).toEqual(['x', 'zoom'])
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...oracles),
        fc.stringMatching(/^[\w/.~-]{1,40}$/),
        async (provider, token) => {
          for (const scheme of provider.schemes) {
            const { request, secret } = await sampleOf({
              ...provider,
              schemes: [{ ...(scheme as HmacScheme), signed: '{body}' }],
              sample: { ...provider.sample, body: token },
            })
            expect((await judge(provider, [secret], request)).verified).toBe(false)
          }
        }
      )
    )
  })
})

describe('signatures as senders write them', () => {
  const sign = (slug: string, more: Partial<Provider> = {}) =>
    sampleOf({ ...(findProvider(slug) as Provider), ...more })
  const withHeaders = (request: InboundRequest, headers: [string, string][]) => ({
    ...request,
    headers: [
      ...request.headers.filter(([name]) => !headers.some(([n]) => n === name)),
      ...headers,
    ],
  })

  it('the one that fits may be the last of many, as with DocuSign', async () => {
    const { request, secret } = await sign('docusign')
    const [, fitting = ''] = request.headers.find(([name]) => /signature/.test(name)) ?? []
    const others = Array.from({ length: 41 }, (_, i): [string, string] => [
      `x-docusign-signature-${i + 1}`,
      toBase64(new Uint8Array(32).fill(i)),
    ])
    const given = withHeaders(request, [...others, ['x-docusign-signature-42', fitting]])
    expect((await judge(findProvider('docusign') as Provider, [secret], given)).reason).toBeNull()
  })

  it('base64 may be that of URLs', async () => {
    const shopify = findProvider('shopify') as Provider
    const seen = new Set<string>()
    for (let i = 0; i < 20; i++) {
      const sample = { ...shopify.sample, body: `{"n":${i}}` }
      const { request, secret } = await sign('shopify', { sample })
      const [name = '', value = ''] = request.headers.find(([n]) => /hmac/.test(n)) ?? []
      const forUrls = value.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
      seen.add(forUrls === value ? 'same' : 'other')
      const given = withHeaders(request, [[name, forUrls]])
      expect((await judge(shopify, [secret], given)).reason).toBeNull()
    }
    expect(seen).toContain('other')
  })

  it.each([
    ['standard-webhooks', 'webhook-id'],
    ['svix', 'svix-id'],
    ['twitch', 'twitch-eventsub-message-id'],
  ])('of %s needs its %s, and says so', async (slug, id) => {
    const { request, secret } = await sign(slug)
    const headers = request.headers.filter(([name]) => name !== id)
    const given = { ...request, headers }
    const { reason } = await judge(findProvider(slug) as Provider, [secret], given)
    expect(reason).toBe('missing_header')
  })

  it('a secret is its text, to the last space', async () => {
    const github = findProvider('github') as Provider
    const input = { provider: github, address: ADDRESS, query: '', now: NOW, unique: 'u' }
    const request = await writeSample({ ...input, secret: '  hush ' })
    expect((await judge(github, ['  hush '], request)).reason).toBeNull()
    expect((await judge(github, ['hush'], request)).reason).toBe('signature_mismatch')
    const pasted = await sign('standard-webhooks')
    const standard = findProvider('standard-webhooks') as Provider
    expect((await judge(standard, [` ${pasted.secret}\n`], pasted.request)).reason).toBeNull()
  })

  it('of Ghost covers a time, which nobody can leave out', async () => {
    const ghost = findProvider('ghost') as Provider
    const { request, secret } = await sign('ghost')
    const [, value = ''] = request.headers.find(([name]) => name === 'x-ghost-signature') ?? []
    const [, time = ''] = /t=(\d+)/.exec(value) ?? []
    const body = utf8(decodeUtf8(request.body) + time)
    const given = { ...request, body }
    const bare = withHeaders(given, [['x-ghost-signature', value.replace(/,? *t=\d+,? */, '')]])
    expect((await judge(ghost, [secret], bare)).verified).toBe(false)
  })
})

describe('hostile bodies', () => {
  it('of many fields are read in one go', async () => {
    const body = utf8(Array.from({ length: 60_000 }, (_, i) => `a&b${i}=${i}`).join('&'))
    const headers = [['content-type', 'application/x-www-form-urlencoded']] as const
    const request = { method: 'POST', address: ADDRESS, query: '', headers, body }
    readContent(request)
    const signed = [...headers, ['x-twilio-signature', 'bm9uZQ==']] as const
    const given = { ...request, headers: signed }
    const { reason } = await judge(findProvider('twilio') as Provider, ['s'], given)
    expect(reason).toBe('signature_mismatch')
  }, 5_000)

  it('over a megabyte are verified, and not taken apart', async () => {
    const body = utf8(JSON.stringify('x'.repeat(1_100_000)))
    const request = { method: 'POST', address: ADDRESS, query: '', headers: [], body }
    expect(readContent(request)).toBeNull()
    const headers = [['linear-signature', '00']] as const
    const linear = findProvider('linear') as Provider
    expect((await judge(linear, ['s'], { ...request, headers })).reason).toBe('body_too_large')
  })

  it('may begin with a byte order mark', () => {
    const body = utf8('\uFEFF{"a":1}')
    expect(readContent({ method: 'POST', address: '', query: '', headers: [], body })).toEqual({
      a: 1,
    })
  })
})

describe('the table', () => {
  it('has no slug twice, and finds each by it', () => {
    expect(new Set(PROVIDERS.map(({ slug }) => slug)).size).toBe(PROVIDERS.length)
    for (const provider of PROVIDERS) expect(findProvider(provider.slug)).toBe(provider)
    expect(findProvider('nobody')).toBeUndefined()
    expect(findProvider('constructor')).toBeUndefined()
  })

  it('fails closed on a scheme that it does not know', async () => {
    const { request } = await sampleOf(findProvider('github') as Provider)
    const unknown = [{ kind: 'rot13' }] as unknown as Scheme[]
    const verification = await verify(unknown, ['secret'], request, null, NOW)
    expect(verification).toMatchObject({ verified: false, reason: 'unknown_scheme' })
    expect(await verify([], ['secret'], request, null, NOW)).toMatchObject({ verified: false })
  })

  it('never throws, and never passes what it did not sign', async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.string({ unit: 'binary', maxLength: 60 })
    )
    const header = fc.tuple(fc.stringMatching(/^[a-z0-9-]{1,20}$/), text)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PROVIDERS.filter(({ slug }) => slug !== 'unsigned')),
        fc.array(header, { maxLength: 6 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ minLength: 1, maxLength: 60 }),
        async (provider, headers, bytes, secret) => {
          const request = {
            method: 'POST',
            address: ADDRESS,
            query: '',
            headers,
            body: Uint8Array.from(bytes),
          }
          const { verified } = await judge(provider, [secret], request)
          expect(verified).toBe(false)
        }
      ),
      { numRuns: 400 }
    )
  })

  it('takes hex in capitals, and a signature among others', async () => {
    const provider = findProvider('pagerduty') as Provider
    const body = utf8('{"event":{}}')
    const key = await crypto.subtle.importKey(
      'raw',
      utf8('s'),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign']
    )
    const mac = toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, body)))
    const headers: [string, string][] = [
      ['x-pagerduty-signature', `v0=zz, v1=${'0'.repeat(64)},v1=${mac.toUpperCase()}`],
    ]
    const request = { method: 'POST', address: ADDRESS, query: '', headers, body }
    expect(await judge(provider, ['s'], request)).toMatchObject({ verified: true })
  })
})
