import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchPublicKeys, type ReceivedWebhook, verifyWebhook } from '../../../../examples/verify-webhook.mjs'
import { type Bytes, toBase64 } from '../../../../src/kit/lib/bytes'
import { formatPublicKey, importPrivateKey, publicKeyOf, toJwk } from '../../../../src/webhooks/rules/signing/ed25519'
import { formatSigningSecret } from '../../../../src/webhooks/rules/signing/secret'
import { signContent } from '../../../../src/webhooks/rules/signing/standard-webhooks'
import { someBytes } from '../../../support/arbitraries'

/** The test vectors of the reference implementations. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const PUBLIC_KEY = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='
const V1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const V1A = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=='
const TIME = 1614265330
const BODY = '{"test": 2432232314}'

function request(signature: string, changes: Partial<ReceivedWebhook> = {}): ReceivedWebhook {
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': String(TIME),
    'webhook-signature': signature,
  }
  return { headers, body: BODY, now: TIME, ...changes }
}

describe('the example verifier', () => {
  it('accepts the test vectors of both schemes', async () => {
    const event = { test: 2432232314 }
    expect(await verifyWebhook(request(V1, { secrets: [SECRET] }))).toEqual(event)
    expect(await verifyWebhook(request(V1A, { publicKeys: [PUBLIC_KEY] }))).toEqual(event)
    const headers = new Headers(request(`v2,x ${V1} ${V1A}`).headers)
    expect(await verifyWebhook(request('', { headers, publicKeys: [PUBLIC_KEY] }))).toEqual(event)
  })

  it('accepts signatures from the guestbook and from the reference library', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes(32, 32), someBytes(24, 64), fc.jsonValue(), async (seed, key, data) => {
        const content = { id: 'msg_1', timestamp: TIME, body: JSON.stringify(data) }
        const headers = { ...(await signContent([key], content, [await importPrivateKey(seed)])) }
        const publicKeys = [formatPublicKey(await publicKeyOf(seed))]
        const secrets = [formatSigningSecret(key)]
        const received = { headers, body: content.body, now: TIME }
        const expected = JSON.parse(content.body)
        expect(await verifyWebhook({ ...received, secrets })).toEqual(expected)
        expect(await verifyWebhook({ ...received, publicKeys })).toEqual(expected)
        const theirs = new Webhook(toBase64(key)).sign('msg_1', new Date(TIME * 1_000), content.body)
        const other = { ...received, headers: { ...headers, 'webhook-signature': theirs } }
        expect(await verifyWebhook({ ...other, secrets })).toEqual(expected)
      }),
      { numRuns: 50 }
    )
  })

  it.each([
    ['another body', { body: `${BODY} ` }, 'no_match'],
    ['another secret', { secrets: [`whsec_${btoa('x'.repeat(32))}`] }, 'no_match'],
    ['a missing key', { secrets: [] }, 'no_match'],
    ['a public key as a secret', { secrets: [PUBLIC_KEY] }, 'bad_key'],
    ['an empty key', { secrets: ['whsec_'] }, 'bad_key'],
    ['a request that is 301 seconds old', { now: TIME + 301 }, 'timestamp_out_of_range'],
    ['a request from 301 seconds in the future', { now: TIME - 301 }, 'timestamp_out_of_range'],
    ['missing headers', { headers: {} }, 'missing_header'],
  ])('rejects %s', async (_, changes, code) => {
    const attempt = verifyWebhook(request(`${V1} ${V1A}`, { secrets: [SECRET], ...changes }))
    await expect(attempt).rejects.toMatchObject({ name: 'WebhookError', code })
  })

  it.each(['v1', 'v1,', 'v1,?', 'v1a,AAAA', `v1a,${V1.slice(3)}`, `v1,${V1A.slice(4)}`])(
    'rejects the signature "%s"',
    async (signature) => {
      const keys = { secrets: [SECRET], publicKeys: [PUBLIC_KEY] }
      const attempt = verifyWebhook(request(signature, keys))
      await expect(attempt).rejects.toMatchObject({ code: 'no_match' })
    }
  )
})

describe('the public keys of a deployment', () => {
  const servers: ReturnType<typeof createServer>[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  async function serve(answer: () => { status: number; body: unknown }): Promise<string> {
    const server = createServer((_, response) => {
      const { status, body } = answer()
      response.writeHead(status).end(JSON.stringify(body))
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  it('are fetched from its JWK set once, then cached', async () => {
    const key = (await publicKeyOf(new Uint8Array(32))) as Bytes
    let calls = 0
    const url = await serve(() => {
      calls += 1
      return { status: 200, body: { keys: [toJwk(key, 'a'), { kty: 'RSA', n: 'x' }] } }
    })
    expect(await fetchPublicKeys(url)).toEqual([formatPublicKey(key)])
    expect(await fetchPublicKeys(url)).toEqual([formatPublicKey(key)])
    expect(calls).toBe(1)
  })

  it('cause an error if they cannot be fetched', async () => {
    const url = await serve(() => ({ status: 500, body: {} }))
    await expect(fetchPublicKeys(url)).rejects.toThrow('responded with 500')
  })
})
