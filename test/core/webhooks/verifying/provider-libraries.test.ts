import { createHmac } from 'node:crypto'
import { LinearWebhookClient } from '@linear/sdk/webhooks'
import { sign as signAsGitHub, verify as verifyAsGitHub } from '@octokit/webhooks-methods'
import { Paddle } from '@paddle/paddle-node-sdk'
import '@shopify/shopify-api/adapters/web-api'
import { ApiVersion, shopifyApi } from '@shopify/shopify-api'
import { verifyKey } from 'discord-interactions'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/kit/lib/bytes'
import { firstTextAt, headerOf, type ValuePlace } from '../../../../src/webhooks/rules/verifying/request'
import { expectSigned, sampleFor, textOf, verifyGiven } from './library-requests'
import { ADDRESS, makeKeyPair, providerOf } from './samples'

/*
 * Compares our verification with the libraries and documentation of providers. The email and messaging
 * providers are in mail-libraries.test.ts.
 */

describe('GitHub', () => {
  it('matches the example in its documentation', async () => {
    const mac = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    const headers = { 'X-Hub-Signature-256': `sha256=${mac}` }
    const secret = "It's a Secret to Everybody"
    await expectSigned('github', { body: 'Hello, World!', headers, secret })
  })

  it("and its library accept each other's signatures", async () => {
    const body = '{"zen":"Ünïcode 🎉"}'
    const headers = { 'x-hub-signature-256': await signAsGitHub('hush', body) }
    await expectSigned('github', { body, headers, secret: 'hush' })
    const sample = await sampleFor('github', { secret: 'hush' })
    const signature = headerOf(sample, 'x-hub-signature-256') ?? ''
    expect(await verifyAsGitHub('hush', textOf(sample), signature)).toBe(true)
  })
})

describe('Gitea and Forgejo', () => {
  const body = '{"ref":"refs/heads/main"}'
  const mac = createHmac('sha256', 'hush').update(body).digest('hex')

  it.each(['Gitea', 'Forgejo'])('%s signs the body, in a header of its own', async (name) => {
    await expectSigned('gitea', { body, headers: { [`X-${name}-Signature`]: mac }, secret: 'hush' })
  })

  it('name the event and the delivery in headers, which GitHub has too', async () => {
    const { eventType, deliveryId } = providerOf('gitea')
    const read = (headers: [string, string][], places: readonly ValuePlace[]) =>
      firstTextAt({ method: 'POST', address: ADDRESS, query: '', headers, body: utf8(body) }, null, places)
    expect(read([['x-gitea-event', 'push']], eventType)).toBe('push')
    expect(read([['x-forgejo-event', 'push']], eventType)).toBe('push')
    expect(read([['x-forgejo-delivery', 'f6266f16']], deliveryId)).toBe('f6266f16')
  })
})

describe('Buy Me a Coffee', () => {
  it('matches what its documentation computes', async () => {
    const body = '{"type":"donation.created","event_id":7}'
    const mac = createHmac('sha256', 'hush').update(body).digest('hex')
    await expectSigned('buy-me-a-coffee', { body, headers: { 'x-signature-sha256': mac }, secret: 'hush' })
  })
})

describe('Ko-fi', () => {
  const form = (token: string) =>
    new URLSearchParams({
      data: JSON.stringify({ verification_token: token, type: 'Donation', from_name: 'Mira & co' }),
    })
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }

  it('sends its token in JSON, in a field of a form', async () => {
    const given = { headers, secret: 'a1b2' }
    expect(await verifyGiven('ko-fi', { ...given, body: String(form('a1b2')) })).toMatchObject({ verified: true })
    const wrong = await verifyGiven('ko-fi', { ...given, body: String(form('other')) })
    expect(wrong).toMatchObject({ verified: false, reason: 'signature_mismatch' })
    const without = await verifyGiven('ko-fi', { ...given, body: 'data=text' })
    expect(without).toMatchObject({ verified: false, reason: 'missing_header' })
  })
})

describe('Jira', () => {
  it('matches the example in its documentation', async () => {
    const mac = 'a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9'
    const headers = { 'X-Hub-Signature': `sha256=${mac}` }
    await expectSigned('jira', {
      body: 'Hello World!',
      headers,
      secret: "It's a Secret to Everybody",
    })
  })
})

describe('Linear', () => {
  it('has a sample that its library accepts', async () => {
    const sample = await sampleFor('linear', { secret: 'lin_wh_secret' })
    const client = new LinearWebhookClient('lin_wh_secret')
    const signature = headerOf(sample, 'linear-signature') ?? ''
    const { webhookTimestamp } = JSON.parse(textOf(sample))
    expect(client.verify(Buffer.from(sample.body), signature, webhookTimestamp)).toBe(true)
  })
})

describe('Stripe', () => {
  const stripe = new Stripe('sk_test_none')

  it("and its library accept each other's signatures", async () => {
    const secret = 'whsec_test'
    const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'x' })
    const header = stripe.webhooks.generateTestHeaderString({ payload, secret })
    await expectSigned('stripe', { body: payload, headers: { 'Stripe-Signature': header }, secret })
    const sample = await sampleFor('stripe', { secret })
    const signature = headerOf(sample, 'stripe-signature') ?? ''
    const event = stripe.webhooks.constructEvent(textOf(sample), signature, secret)
    expect(event.type).toBe('checkout.session.completed')
  })

  it('accepts one of several signatures, but none of an older version', async () => {
    const secret = 'whsec_test'
    const timestamp = 1_700_000_000
    const payload = '{"id":"evt_1","object":"event","type":"x"}'
    const mac = 'e97d72bf7623e6a5dea5d26df31bd7649f25537d543cb07dd97863ca485ab6df'
    const given = { body: payload, secret, receivedAt: timestamp * 1_000 }
    const verifyHeader = (header: string) =>
      verifyGiven('stripe', { ...given, headers: { 'Stripe-Signature': header } })
    expect(await verifyHeader(`t=${timestamp},v1=${'0'.repeat(64)},v1=${mac}`)).toMatchObject({
      verified: true,
    })
    expect(await verifyHeader(`t=${timestamp},v0=${mac}`)).toMatchObject({
      reason: 'signature_mismatch',
    })
  })
})

describe('Shopify', () => {
  it('has a sample that its library accepts', async () => {
    const shopify = shopifyApi({
      apiKey: 'key',
      apiSecretKey: 'hush',
      hostName: 'guestbook.example.com',
      apiVersion: ApiVersion.July26,
      isEmbeddedApp: false,
    })
    const sample = await sampleFor('shopify', { secret: 'hush' })
    const headers = Object.fromEntries(sample.headers)
    const rawRequest = new Request(ADDRESS, { method: 'POST', headers, body: textOf(sample) })
    const result = await shopify.webhooks.validate({ rawBody: textOf(sample), rawRequest })
    expect(result).toMatchObject({ valid: true, topic: 'ORDERS_CREATE' })
    const mac = createHmac('sha256', 'hush').update('{"id":1}').digest('base64')
    await expectSigned('shopify', {
      body: '{"id":1}',
      headers: { 'X-Shopify-Hmac-SHA256': mac },
      secret: 'hush',
    })
  })
})

describe('Paddle', () => {
  it('has a sample that its library accepts', async () => {
    const sample = await sampleFor('paddle', { secret: 'pdl_ntfset_secret' })
    const signature = headerOf(sample, 'paddle-signature') ?? ''
    const paddle = new Paddle('none')
    const secret = 'pdl_ntfset_secret'
    expect(await paddle.webhooks.isSignatureValid(textOf(sample), secret, signature)).toBe(true)
  })
})

describe('Slack', () => {
  it('matches the example in its documentation', async () => {
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
    await expectSigned('slack', {
      body,
      secret: '8f742231b10e8888abcd99yyyzzz85a5',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'X-Slack-Request-Timestamp': '1531420618',
        'X-Slack-Signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      },
      receivedAt: 1_531_420_618_000,
    })
  })
})

describe('Discord', () => {
  it('has a sample that its library accepts', async () => {
    const { secret, privateKey } = await makeKeyPair({ kind: 'ed25519', key: 'raw' })
    const publicKey = Buffer.from(secret, 'base64').toString('hex')
    const sample = await sampleFor('discord', { secret: publicKey, privateKey })
    const signature = headerOf(sample, 'x-signature-ed25519') ?? ''
    const timestamp = headerOf(sample, 'x-signature-timestamp') ?? ''
    expect(await verifyKey(textOf(sample), signature, timestamp, publicKey)).toBe(true)
    await expectSigned('discord', {
      body: textOf(sample),
      headers: Object.fromEntries(sample.headers),
      secret: publicKey,
    })
  })
})

describe('Standard Webhooks', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const body = '{"test": 2432232314}'

  it.each(['standard-webhooks', 'svix', 'gitlab', 'openai', 'clerk', 'resend'])(
    'accepts the signature of the library for %s',
    async (slug) => {
      const at = new Date()
      const signature = new Webhook(secret).sign('msg_1', at, body)
      const headers = {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': signature,
      }
      await expectSigned(slug, { body, headers, secret })
    }
  )

  it('has samples that the libraries accept', async () => {
    const own = await sampleFor('standard-webhooks', { secret })
    const verifyOwn = () => new Webhook(secret).verify(textOf(own), Object.fromEntries(own.headers))
    expect(verifyOwn).not.toThrow()
    const svix = await sampleFor('svix', { secret })
    const verifySvix = () => new SvixWebhook(secret).verify(textOf(svix), Object.fromEntries(svix.headers))
    expect(verifySvix).not.toThrow()
  })

  it('accepts the signature of the Svix library, with the Svix headers', async () => {
    const at = new Date()
    const signature = new SvixWebhook(secret).sign('msg_1', at, body)
    const headers = {
      'svix-id': 'msg_1',
      'svix-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'svix-signature': `v1,bm9uZQ== ${signature} v2,x`,
    }
    await expectSigned('svix', { body, headers, secret })
  })
})
