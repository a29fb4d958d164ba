import { describe, expect, it, vi } from 'vitest'
import { decodeUtf8, toBase64, toHex, utf8 } from '../../../../src/kit/lib/bytes'
import { withOptions } from '../../../../src/webhooks/rules/verifying/custom-scheme'
import type { InboundRequest } from '../../../../src/webhooks/rules/verifying/request'
import { writeSample } from '../../../../src/webhooks/rules/verifying/sample'
import type { Scheme } from '../../../../src/webhooks/rules/verifying/scheme'
import { verify } from '../../../../src/webhooks/rules/verifying/verify'
import {
  ADDRESS,
  makeKeyPair,
  NOW,
  providerOf,
  requestWith,
  sampleOf,
  textsOf,
  verifyFor,
  withByteChanged,
} from './samples'

const HOUR = 3_600_000

describe('a provider with several schemes', () => {
  const standard = providerOf('standard-webhooks')
  const byPublicKey = { ...standard, schemes: standard.schemes.slice(1, 2) }

  it('reports the reason from the scheme that the sender used', async () => {
    const { request, secret } = await sampleOf(byPublicKey)
    const reasonOf = async (given: InboundRequest, receivedAt = NOW) =>
      (await verifyFor(standard, [`whpk_${secret}`], given, receivedAt)).reason
    expect(await reasonOf(request)).toBeNull()
    expect(await reasonOf(withByteChanged(request, 5))).toBe('signature_mismatch')
    expect(await reasonOf(request, NOW + HOUR)).toBe('timestamp_too_old')
    expect((await verifyFor(standard, ['no key'], request)).reason).toBe('bad_secret')
  })

  it('reports a matching signature that is too old, although other schemes do not match', async () => {
    const options = { timestamp_header: 'x-time', signed: '{timestamp}.{body}' }
    const provider = withOptions(providerOf('custom-hmac'), options)
    const { request, secret } = await sampleOf({ ...provider, schemes: provider.schemes.slice(-1) })
    expect((await verifyFor(provider, [secret], request)).reason).toBeNull()
    const late = await verifyFor(provider, [secret], request, NOW + HOUR)
    expect(late.reason).toBe('timestamp_too_old')
  })
})

describe('an unknown scheme', () => {
  it('verifies nothing, and neither does a provider without schemes', async () => {
    const { request } = await sampleOf(providerOf('github'))
    const unknown = [{ kind: 'rot13' }] as unknown as Scheme[]
    const refused = { verified: false, reason: 'unknown_scheme' }
    expect(await verify(unknown, ['secret'], request, null, NOW)).toMatchObject(refused)
    expect(await verify([], ['secret'], request, null, NOW)).toMatchObject(refused)
  })
})

function withHeaders(request: InboundRequest, headers: [string, string][]): InboundRequest {
  const others = request.headers.filter(([name]) => !headers.some(([given]) => given === name))
  return { ...request, headers: [...others, ...headers] }
}

function findHeader({ headers }: InboundRequest, pattern: RegExp): readonly [string, string] {
  return headers.find(([name]) => pattern.test(name)) ?? ['', '']
}

describe('a signature', () => {
  it('may be the last of many, as with DocuSign', async () => {
    const docusign = providerOf('docusign')
    const { request, secret } = await sampleOf(docusign)
    const [, valid] = findHeader(request, /signature/)
    const others = Array.from({ length: 41 }, (_, i): [string, string] => [
      `x-docusign-signature-${i + 1}`,
      toBase64(new Uint8Array(32).fill(i)),
    ])
    const given = withHeaders(request, [...others, ['x-docusign-signature-42', valid]])
    expect((await verifyFor(docusign, [secret], given)).reason).toBeNull()
  })

  it('may be base64url without padding', async () => {
    const shopify = providerOf('shopify')
    const results = []
    for (let i = 0; i < 20; i++) {
      const { request, secret } = await sampleOf(shopify, { body: { n: i } })
      const [name, value] = findHeader(request, /hmac/)
      const base64Url = value.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
      const given = withHeaders(request, [[name, base64Url]])
      const { reason } = await verifyFor(shopify, [secret], given)
      results.push({ isDifferent: base64Url !== value, reason })
    }
    expect(results.some(({ isDifferent }) => isDifferent)).toBe(true)
    expect(new Set(results.map(({ reason }) => reason))).toEqual(new Set([null]))
  })

  it('may be upper-case hex, and one of several in a header', async () => {
    const body = '{"event":{}}'
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', utf8('s'), algorithm, false, ['sign'])
    const mac = toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(body))))
    const signatures = `v0=zz, v1=${'0'.repeat(64)},v1=${mac.toUpperCase()}`
    const request = requestWith(body, [['x-pagerduty-signature', signatures]])
    const verification = await verifyFor(providerOf('pagerduty'), ['s'], request)
    expect(verification).toMatchObject({ verified: true })
  })

  it.each([
    ['standard-webhooks', 'webhook-id'],
    ['svix', 'svix-id'],
    ['twitch', 'twitch-eventsub-message-id'],
  ])('from %s is rejected without the signed header %s', async (slug, id) => {
    const provider = providerOf(slug)
    const { request, secret } = await sampleOf(provider)
    const given = { ...request, headers: request.headers.filter(([name]) => name !== id) }
    const { reason } = await verifyFor(provider, [secret], given)
    expect(reason).toBe('missing_header')
  })

  it.each([
    ['standard-webhooks', 'webhook-id'],
    ['standard-webhooks', 'webhook-timestamp'],
    ['standard-webhooks', 'webhook-signature'],
    ['svix', 'svix-id'],
    ['twitch', 'twitch-eventsub-message-id'],
    ['slack', 'x-slack-request-timestamp'],
    ['github', 'x-hub-signature-256'],
    ['gitlab-token', 'x-gitlab-token'],
    ['bearer-token', 'authorization'],
  ])('from %s is rejected with an empty %s, as if the header were missing', async (slug, name) => {
    const provider = providerOf(slug)
    const { request, secret } = await sampleOf(provider)
    expect((await verifyFor(provider, [secret], request)).reason).toBeNull()
    for (const empty of ['', ' ', '\t']) {
      const { verified, reason, checks } = await verifyFor(provider, [secret], withHeaders(request, [[name, empty]]))
      expect({ verified, reason }).toEqual({ verified: false, reason: 'missing_header' })
      expect(checks.flatMap(({ received }) => received).filter((text) => text.trim() === '')).toEqual([])
    }
  })

  it('does not verify a request whose empty id was signed', async () => {
    const provider = providerOf('standard-webhooks')
    const { request, secret } = await sampleOf(provider, { headers: { 'webhook-id': '' } })
    expect(await verifyFor(provider, [secret], request)).toMatchObject({ verified: false, reason: 'missing_header' })
  })

  it('from Ghost covers a timestamp that cannot be moved into the body', async () => {
    const ghost = providerOf('ghost')
    const { request, secret } = await sampleOf(ghost)
    const [name, value] = findHeader(request, /^x-ghost-signature$/)
    const [, time = ''] = /t=(\d+)/.exec(value) ?? []
    const body = utf8(decodeUtf8(request.body) + time)
    const bare = value.replace(/,? *t=\d+,? */, '')
    const given = withHeaders({ ...request, body }, [[name, bare]])
    expect((await verifyFor(ghost, [secret], given)).verified).toBe(false)
  })
})

describe('the work for one request', () => {
  const MB = 1_024 * 1_024
  const standard = providerOf('standard-webhooks')
  const time = String(NOW / 1_000)

  /** @returns a request with wrong signatures of each kind, in both spellings of the headers */
  function forged(size: number): InboundRequest {
    const signatures = Array.from({ length: 20 }, (_, i) => toBase64(new Uint8Array(64).fill(i)))
    const all = signatures.flatMap((signature) => [`v1,${signature}`, `v1a,${signature}`]).join(' ')
    const headers = ['webhook', 'svix'].flatMap((name): [string, string][] => [
      [`${name}-id`, 'x'],
      [`${name}-timestamp`, time],
      [`${name}-signature`, all],
    ])
    return { ...requestWith('', headers), body: new Uint8Array(size) }
  }

  it.each([
    ['a short body', 1_000, 10, 'signature_mismatch'],
    ['a body of 2 MB', 2 * MB, 8, 'body_too_large'],
    ['a body of 8 MB', 8 * MB, 2, 'body_too_large'],
  ])('is limited by the bytes that are hashed: %s', async (_, size, expected, reason) => {
    const { secret } = await makeKeyPair({ kind: 'ed25519', key: 'raw' })
    const checked = vi.spyOn(crypto.subtle, 'verify')
    expect(await verifyFor(standard, [`whpk_${secret}`], forged(size))).toMatchObject({ verified: false, reason })
    expect(checked).toHaveBeenCalledTimes(expected)
    checked.mockRestore()
  })

  it.each([
    ['a short body', 1_000, 4],
    ['a body of 1 MB', MB, 0],
  ])(
    'includes a signature to show next to one that cannot be read only for a short body: %s',
    async (_, size, expected) => {
      const request = { ...requestWith('', [['x-hub-signature', 'nonsense']]), body: new Uint8Array(size) }
      const signed = vi.spyOn(crypto.subtle, 'sign')
      const { checks, reason } = await verifyFor(providerOf('websub'), ['s'], request)
      expect({ reason, computed: checks.flatMap((check) => check.computed).length }).toEqual({
        reason: 'signature_mismatch',
        computed: expected,
      })
      expect(signed).toHaveBeenCalledTimes(expected)
      signed.mockRestore()
    }
  )

  it('is enough for the longest body during the rotation of a secret', async () => {
    const github = providerOf('github')
    const { request, secret } = await sampleOf(github, { body: 'x'.repeat(8 * MB) })
    expect(await verifyFor(github, ['another', secret], request)).toMatchObject({ verified: true })
    const { request: svix, secret: key } = await sampleOf(standard, { headers: {}, body: 'x'.repeat(8 * MB) })
    const id: [string, string] = ['webhook-id', 'x']
    const dated = { ...svix, headers: [...svix.headers, id] }
    const other = `whsec_${toBase64(new Uint8Array(32).fill(9))}`
    expect((await verifyFor(standard, [other, key], dated)).reason).toBe('signature_mismatch')
  })

  it('is one HMAC for each secret, whether or not a custom signature has a prefix', async () => {
    const provider = withOptions(providerOf('custom-hmac'), {})
    const { request, secret } = await sampleOf(provider)
    const [name, value] = findHeader(request, /signature/)
    const signed = vi.spyOn(crypto.subtle, 'sign')
    for (const given of [value, `sha256=${value}`, `SHA256=${value}`]) {
      expect((await verifyFor(provider, [secret], withHeaders(request, [[name, given]]))).reason).toBeNull()
    }
    expect(signed).toHaveBeenCalledTimes(3)
    signed.mockRestore()
    expect((await verifyFor(provider, [secret], withHeaders(request, [[name, `sha1=${value}`]]))).reason).toBe(
      'signature_mismatch'
    )
  })
})

describe('a secret', () => {
  it('keeps its spaces if it is a text', async () => {
    const github = providerOf('github')
    const { sample } = textsOf(github)
    const input = { provider: github, sample, address: ADDRESS, query: '', now: NOW, unique: 'u' }
    const request = await writeSample({ ...input, secret: '  hush ' })
    expect((await verifyFor(github, ['  hush '], request)).reason).toBeNull()
    expect((await verifyFor(github, ['hush'], request)).reason).toBe('signature_mismatch')
  })

  it('may have spaces around it if it is base64', async () => {
    const standard = providerOf('standard-webhooks')
    const { request, secret } = await sampleOf(standard)
    expect((await verifyFor(standard, [` ${secret}\n`], request)).reason).toBeNull()
  })
})
