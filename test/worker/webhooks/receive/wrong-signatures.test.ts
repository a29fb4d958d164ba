import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64, toHex } from '../../../../src/kit/lib/bytes'
import { PROVIDERS } from '../../../../src/webhooks/rules/verifying/providers'
import { makeKeyPair, providerOf, sampleOf, verifyFor } from '../../../core/webhooks/verifying/samples'
import { someBytes, wellFormedText } from '../../../support/arbitraries'
import { ownerBrowser } from '../../../support/session'
import { aSource, post, theInbound } from '../../../support/sources'
import { World } from '../../../support/world'

/** Also the lengths around those of real signatures, because workerd throws for some of them. */
const bytes = fc.oneof(someBytes(0, 300), someBytes(63, 65), someBytes(255, 257))
const text = fc.oneof(wellFormedText, bytes.map(toBase64), bytes.map(toHex))

/** Headers with the signatures of a provider, and what may come before a signature. */
function signaturesOf(slug: string) {
  const places = providerOf(slug).schemes.flatMap((scheme) => ('signature' in scheme ? [scheme.signature] : []))
  const headers = places.flatMap(({ at }) => [at].flat()).filter((at) => at.startsWith('header:'))
  const prefixes = ['', 'v1,', 'v1a,', ...places.map(({ prefix = '' }) => prefix)]
  return { names: headers.map((at) => at.slice('header:'.length).replace('*', '')), prefixes }
}

describe('a signature that cannot be one', () => {
  it.each(PROVIDERS.map(({ slug }) => slug))('is a wrong signature for %s, and no fault of ours', async (slug) => {
    const { names, prefixes } = signaturesOf(slug)
    const { request, secret } = await sampleOf(providerOf(slug))
    const others = request.headers.filter(([name]) => !names.some((one) => name.startsWith(one)))
    const { secret: key } = await makeKeyPair({ kind: 'ed25519', key: 'raw' })
    const judge = async (prefix: string, given: string, secrets: string[]) => {
      const headers = [...others, ...names.map((name) => [name, `${prefix}${given}`] as const)]
      const result = await verifyFor(providerOf(slug), secrets, { ...request, headers })
      if (names.length > 0) expect(result.verified).toBe(false)
    }
    const secrets = fc.constantFrom<string[]>([secret], [secret, `whpk_${key}`], [])
    await fc.assert(fc.asyncProperty(fc.constantFrom(...prefixes), text, secrets, judge), { numRuns: 50 })
  })

  it.each([
    ['telnyx', { 'telnyx-signature-ed25519': 'AAAA', 'telnyx-timestamp': 'now' }],
    ['standard-webhooks', { 'webhook-signature': 'v1a,AAAA', 'webhook-timestamp': 'now', 'webhook-id': 'msg_1' }],
  ])('is processed as a wrong one if %s has sent it, and its pages can be read', async (provider, given) => {
    const world = new World()
    const { secret } = await makeKeyPair({ kind: 'ed25519', key: 'raw' })
    const source = await aSource(world, provider, { secret: provider === 'telnyx' ? secret : `whpk_${secret}` })
    const headers = JSON.parse(JSON.stringify(given).replace('now', String(Math.floor(Date.now() / 1_000))))
    const { status, body } = await post(world, source.path, '{"data":{}}', headers)
    expect(status).toBe(202)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'failed', reason: 'signature_mismatch' })
    expect((await world.api('GET', `/api/inbound/${body.id}/verification`)).status).toBe(200)
    expect((await (await ownerBrowser(world)).get(`/admin/inbound/${body.id}`)).status).toBe(200)
  })

  it.each([
    ['discord', { 'x-signature-ed25519': 'abcd', 'x-signature-timestamp': '1' }, {}],
    ['telnyx', { 'telnyx-signature-ed25519': 'AAAA', 'telnyx-timestamp': '1' }, { strict: true }],
  ])('is refused at the door of %s', async (provider, headers, more) => {
    const world = new World()
    const { secret } = await makeKeyPair({ kind: 'ed25519', key: 'raw' })
    const source = await aSource(world, provider, { secret, ...more })
    expect((await post(world, source.path, '{"type":1}', headers)).status).toBe(401)
  })
})

describe('an Ed25519 key with which anyone can sign', () => {
  it('is refused for a source', async () => {
    const world = new World()
    const secret = `01${'00'.repeat(31)}`
    const { status, body } = await world.api('POST', '/api/sources', { name: 'A', provider: 'discord', secret })
    expect([status, body.errors]).toEqual([422, [{ path: 'secret', message: expect.any(String) }]])
    const source = await aSource(world, 'discord')
    expect((await world.api('PATCH', `/api/sources/${source.id}`, { secret })).status).toBe(422)
  })
})
