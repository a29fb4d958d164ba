import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import {
  fetchPublicKeys,
  type ReceivedWebhook,
  verifyWebhook,
} from '../../../examples/verify-webhook.mjs'
import { type Bytes, toBase64 } from '../../../src/core/lib/bytes'
import {
  formatPublicKey,
  importPrivateKey,
  publicKeyOf,
  toJwk,
} from '../../../src/core/signing/ed25519'
import { formatSigningSecret } from '../../../src/core/signing/secret'
import { signContent } from '../../../src/core/signing/standard-webhooks'
import { someBytes } from '../../support/arbitraries'

/** The vectors of the reference implementations. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const PUBLIC_KEY = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='
const V1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const V1A =
  'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=='
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

describe('the verifier for receivers', () => {
  it('takes the vectors of both schemes', async () => {
    const event = { test: 2432232314 }
    expect(await verifyWebhook(request(V1, { secrets: [SECRET] }))).toEqual(event)
    expect(await verifyWebhook(request(V1A, { publicKeys: [PUBLIC_KEY] }))).toEqual(event)
    const headers = new Headers(request(`v2,x ${V1} ${V1A}`).headers)
    expect(await verifyWebhook(request('', { headers, publicKeys: [PUBLIC_KEY] }))).toEqual(event)
  })

  it('takes what we sign, and what the reference library signs', async () => {
    await fc.assert(
      fc.asyncProperty(
        someBytes(32, 32),
        someBytes(24, 64),
        fc.jsonValue(),
        async (seed, key, data) => {
          const content = { id: 'msg_1', timestamp: TIME, body: JSON.stringify(data) }
          const headers = { ...(await signContent([key], content, [await importPrivateKey(seed)])) }
          const publicKeys = [formatPublicKey(await publicKeyOf(seed))]
          const secrets = [formatSigningSecret(key)]
          const received = { headers, body: content.body, now: TIME }
          const expected = JSON.parse(content.body)
          expect(await verifyWebhook({ ...received, secrets })).toEqual(expected)
          expect(await verifyWebhook({ ...received, publicKeys })).toEqual(expected)
          const theirs = new Webhook(toBase64(key)).sign(
            'msg_1',
            new Date(TIME * 1_000),
            content.body
          )
          const other = { ...received, headers: { ...headers, 'webhook-signature': theirs } }
          expect(await verifyWebhook({ ...other, secrets })).toEqual(expected)
        }
      ),
      { numRuns: 50 }
    )
  })

  it.each([
    ['another body', { body: `${BODY} ` }, 'no_match'],
    ['another secret', { secrets: [`whsec_${btoa('x'.repeat(32))}`] }, 'no_match'],
    ['no key at all', { secrets: [] }, 'no_match'],
    ['a key of the other kind', { secrets: [PUBLIC_KEY] }, 'bad_key'],
    ['an empty key', { secrets: ['whsec_'] }, 'bad_key'],
    ['a request of 301 seconds ago', { now: TIME + 301 }, 'timestamp_out_of_range'],
    ['a request of 301 seconds ahead', { now: TIME - 301 }, 'timestamp_out_of_range'],
    ['no headers', { headers: {} }, 'missing_header'],
  ])('refuses %s', async (_, changes, code) => {
    const attempt = verifyWebhook(request(`${V1} ${V1A}`, { secrets: [SECRET], ...changes }))
    await expect(attempt).rejects.toMatchObject({ name: 'WebhookError', code })
  })

  it.each(['v1', 'v1,', 'v1,?', 'v1a,AAAA', `v1a,${V1.slice(3)}`, `v1,${V1A.slice(4)}`])(
    'refuses the signature "%s"',
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

  it('are read from its JWK set once, and kept', async () => {
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

  it('are not made up when they cannot be read', async () => {
    const url = await serve(() => ({ status: 500, body: {} }))
    await expect(fetchPublicKeys(url)).rejects.toThrow('answered 500')
  })
})
