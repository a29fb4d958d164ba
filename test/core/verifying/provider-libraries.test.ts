import { createHmac, generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
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
import { type Bytes, decodeUtf8, toHex, utf8 } from '../../../src/core/lib/bytes'
import { findProvider } from '../../../src/core/verifying/providers'
import { headerOf, type InboundRequest, readContent } from '../../../src/core/verifying/request'
import { writeSample } from '../../../src/core/verifying/sample'
import type { Provider } from '../../../src/core/verifying/scheme'
import { verify } from '../../../src/core/verifying/verify'

/*
 * Our verification against what providers themselves publish: what their libraries sign passes, what we sign passes theirs, and their vectors hold.
 */

const require = createRequire(import.meta.url)
const ADDRESS = 'https://guestbook.example.com/in/in_token'

function providerOf(slug: string): Provider {
  const provider = findProvider(slug)
  if (!provider) throw new Error(slug)
  return provider
}

interface Given {
  body: string | Bytes
  headers: Record<string, string>
  secret: string
  at?: number
  address?: string
  query?: string
  method?: string
}

function requestOf({ body, headers, address = ADDRESS, query = '', method = 'POST' }: Given) {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const bytes = typeof body === 'string' ? utf8(body) : body
  return { method, address, query, headers: lower, body: bytes }
}

async function judge(slug: string, given: Given) {
  const request = requestOf(given)
  const { schemes } = providerOf(slug)
  return verify(schemes, [given.secret], request, readContent(request), given.at ?? Date.now())
}

/** As given it passes; with one byte of the body changed it does not, and says why. */
async function expectSigned(slug: string, given: Given) {
  expect(await judge(slug, given)).toMatchObject({ verified: true, reason: null })
  const bytes = (typeof given.body === 'string' ? utf8(given.body) : given.body).slice()
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  const changed = await judge(slug, { ...given, body: bytes })
  expect(changed).toMatchObject({ verified: false, reason: 'signature_mismatch' })
}

async function sampleFor(slug: string, secret: string, privateKey?: CryptoKey) {
  const unique = crypto.randomUUID()
  const input = { address: ADDRESS, query: '', now: Date.now(), secret, unique, privateKey }
  return writeSample({ provider: providerOf(slug), ...input })
}

function textOf({ body }: InboundRequest): string {
  return decodeUtf8(body) ?? ''
}

describe('GitHub', () => {
  it('holds the vector of its documentation', async () => {
    const mac = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    const headers = { 'X-Hub-Signature-256': `sha256=${mac}` }
    const secret = "It's a Secret to Everybody"
    await expectSigned('github', { body: 'Hello, World!', headers, secret })
  })

  it('takes what its library signs, and the other way round', async () => {
    const body = '{"zen":"Ünïcode 🎉"}'
    const headers = { 'x-hub-signature-256': await signAsGitHub('hush', body) }
    await expectSigned('github', { body, headers, secret: 'hush' })
    const sample = await sampleFor('github', 'hush')
    const signature = headerOf(sample, 'x-hub-signature-256') ?? ''
    expect(await verifyAsGitHub('hush', textOf(sample), signature)).toBe(true)
  })
})

describe('Jira', () => {
  it('holds the vector of its documentation', async () => {
    const mac = 'a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9'
    const headers = { 'X-Hub-Signature': `sha256=${mac}` }
    await expectSigned('jira', {
      body: 'Hello World!',
      headers,
      secret: "It's a Secret to Everybody",
    })
  })
})

describe('Stripe', () => {
  const stripe = new Stripe('sk_test_none')

  it('takes what its library signs, and the other way round', async () => {
    const secret = 'whsec_test'
    const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'x' })
    const header = stripe.webhooks.generateTestHeaderString({ payload, secret })
    await expectSigned('stripe', { body: payload, headers: { 'Stripe-Signature': header }, secret })
    const sample = await sampleFor('stripe', secret)
    const signature = headerOf(sample, 'stripe-signature') ?? ''
    const event = stripe.webhooks.constructEvent(textOf(sample), signature, secret)
    expect(event.type).toBe('checkout.session.completed')
  })

  it('passes with any of several signatures, and not with one of an older version', async () => {
    const secret = 'whsec_test'
    const timestamp = 1_700_000_000
    const payload = '{"id":"evt_1","object":"event","type":"x"}'
    const mac = 'e97d72bf7623e6a5dea5d26df31bd7649f25537d543cb07dd97863ca485ab6df'
    const given = { body: payload, secret, at: timestamp * 1_000 }
    const with_ = (header: string) =>
      judge('stripe', { ...given, headers: { 'Stripe-Signature': header } })
    expect(await with_(`t=${timestamp},v1=${'0'.repeat(64)},v1=${mac}`)).toMatchObject({
      verified: true,
    })
    expect(await with_(`t=${timestamp},v0=${mac}`)).toMatchObject({ reason: 'signature_mismatch' })
  })
})

describe('Slack', () => {
  it('holds the vector of its documentation', async () => {
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
      at: 1_531_420_618_000,
    })
  })
})

describe('Standard Webhooks', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const body = '{"test": 2432232314}'

  it.each(['standard-webhooks', 'svix', 'gitlab', 'openai', 'clerk', 'resend'])(
    'takes what the library signs: %s',
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

  it('signs samples that the libraries take', async () => {
    const own = await sampleFor('standard-webhooks', secret)
    new Webhook(secret).verify(textOf(own), Object.fromEntries(own.headers))
    const svix = await sampleFor('svix', secret)
    new SvixWebhook(secret).verify(textOf(svix), Object.fromEntries(svix.headers))
  })

  it('takes what the library of Svix signs, by its own names', async () => {
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

describe('Shopify', () => {
  it('signs a sample that its library takes', async () => {
    const shopify = shopifyApi({
      apiKey: 'key',
      apiSecretKey: 'hush',
      hostName: 'guestbook.example.com',
      apiVersion: ApiVersion.July26,
      isEmbeddedApp: false,
    })
    const sample = await sampleFor('shopify', 'hush')
    const headers = {
      ...Object.fromEntries(sample.headers),
      'x-shopify-api-version': '2026-07',
    }
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

describe('Discord', () => {
  it('signs a sample that its library takes', async () => {
    const pair = (await crypto.subtle.generateKey('Ed25519', true, [
      'sign',
      'verify',
    ])) as CryptoKeyPair
    const raw = (await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer
    const secret = toHex(new Uint8Array(raw))
    const sample = await sampleFor('discord', secret, pair.privateKey)
    const signature = headerOf(sample, 'x-signature-ed25519') ?? ''
    const timestamp = headerOf(sample, 'x-signature-timestamp') ?? ''
    expect(await verifyKey(textOf(sample), signature, timestamp, secret)).toBe(true)
    await expectSigned('discord', {
      body: textOf(sample),
      headers: Object.fromEntries(sample.headers),
      secret,
    })
  })
})

describe('SendGrid', () => {
  const { EventWebhook } = require('@sendgrid/eventwebhook')
  const secret =
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=='
  const signature =
    'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM='
  const timestamp = '1600112502'
  const body = `${JSON.stringify([
    {
      email: 'hello@world.com',
      event: 'dropped',
      reason: 'Bounced Address',
      sg_event_id: 'ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA',
      sg_message_id: 'LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0',
      'smtp-id': '<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>',
      timestamp: 1600112492,
    },
  ])}\r\n`

  it('holds the vector of its library', async () => {
    const webhook = new EventWebhook()
    const key = webhook.convertPublicKeyToECDSA(secret)
    expect(webhook.verifySignature(key, body, signature, timestamp)).toBe(true)
    await expectSigned('sendgrid', {
      body,
      secret,
      headers: {
        'X-Twilio-Email-Event-Webhook-Signature': signature,
        'X-Twilio-Email-Event-Webhook-Timestamp': timestamp,
      },
      at: Number(timestamp) * 1_000,
    })
  })

  it('signs samples that its library takes, whatever the numbers in the signature', async () => {
    const pair = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])) as CryptoKeyPair
    const spki = (await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer
    const shown = Buffer.from(spki).toString('base64')
    const webhook = new EventWebhook()
    const key = webhook.convertPublicKeyToECDSA(shown)
    for (let i = 0; i < 40; i++) {
      const sample = await sampleFor('sendgrid', shown, pair.privateKey)
      const of = (name: string) => headerOf(sample, `x-twilio-email-event-webhook-${name}`) ?? ''
      const ok = webhook.verifySignature(key, textOf(sample), of('signature'), of('timestamp'))
      expect(ok).toBe(true)
      expect(
        await judge('sendgrid', {
          body: sample.body,
          headers: Object.fromEntries(sample.headers),
          secret: shown,
        })
      ).toMatchObject({ verified: true })
    }
  })
})

describe('Twilio', () => {
  const twilio = require('twilio')
  const params = {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675309',
    Digits: '1234',
    From: '+14158675309',
    To: '+18005551212',
  }
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const address = 'https://mycompany.com/myapp.php'

  it('holds the vector of its documentation', async () => {
    await expectSigned('twilio', {
      body: new URLSearchParams(params).toString(),
      headers: { ...form, 'X-Twilio-Signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' },
      secret: '12345',
      address,
      query: 'foo=1&bar=2',
    })
  })

  it.each(['https://mycompany.com/a', 'https://mycompany.com:443/a', 'http://mycompany.com:80/a'])(
    'takes what its library signs for %s',
    async (url) => {
      const signature = twilio.getExpectedTwilioSignature('12345', url, params)
      const body = new URLSearchParams(params).toString()
      const headers = { ...form, 'X-Twilio-Signature': signature }
      const plain = url.replace(/:\d+/, '')
      const given = { body, headers, secret: '12345', address: plain }
      expect(await judge('twilio', given)).toMatchObject({ verified: true })
    }
  )

  it('signs a sample that its library takes', async () => {
    const sample = await sampleFor('twilio', '12345')
    const signature = headerOf(sample, 'x-twilio-signature') ?? ''
    const fields = Object.fromEntries(new URLSearchParams(textOf(sample)))
    expect(twilio.validateRequest('12345', signature, ADDRESS, fields)).toBe(true)
  })

  it('wants a body that is no form to be covered by a hash', async () => {
    const body = '{"a":1}'
    const hash = twilio.getExpectedBodyHash(body)
    const query = `bodySHA256=${hash}`
    const signature = twilio.getExpectedTwilioSignature('12345', `${address}?${query}`, {})
    const json = { 'Content-Type': 'application/json' }
    const given = { body, secret: '12345', address }
    const signed = { ...given, query, headers: { ...json, 'X-Twilio-Signature': signature } }
    await expectSigned('twilio', signed)
    const bare = twilio.getExpectedTwilioSignature('12345', address, {})
    const uncovered = { ...given, headers: { ...json, 'X-Twilio-Signature': bare } }
    expect(await judge('twilio', uncovered)).toMatchObject({ reason: 'body_not_signed' })
  })
})

describe('Linear', () => {
  it('signs a sample that its library takes', async () => {
    const sample = await sampleFor('linear', 'lin_wh_secret')
    const client = new LinearWebhookClient('lin_wh_secret')
    const signature = headerOf(sample, 'linear-signature') ?? ''
    const { webhookTimestamp } = JSON.parse(textOf(sample))
    expect(client.verify(Buffer.from(sample.body), signature, webhookTimestamp)).toBe(true)
  })
})

describe('Paddle', () => {
  it('signs a sample that its library takes', async () => {
    const sample = await sampleFor('paddle', 'pdl_ntfset_secret')
    const signature = headerOf(sample, 'paddle-signature') ?? ''
    const paddle = new Paddle('none')
    const secret = 'pdl_ntfset_secret'
    expect(await paddle.webhooks.isSignatureValid(textOf(sample), secret, signature)).toBe(true)
  })
})

describe('HubSpot', () => {
  const secret = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy'
  const sign = (uri: string, body: string, at: number) =>
    createHmac('sha256', secret).update(`POST${uri}${body}${at}`).digest('base64')

  it.each([
    ['as its documentation decodes the address', `${ADDRESS}?a=b:c%20d`],
    ['as its library leaves it', `${ADDRESS}?a=b%3Ac%20d`],
  ])('takes a signature %s', async (_, uri) => {
    const at = Date.now()
    const body = '[{"eventId":1}]'
    await expectSigned('hubspot', {
      body,
      query: 'a=b%3Ac%20d',
      headers: {
        'X-HubSpot-Signature-v3': sign(uri, body, at),
        'X-HubSpot-Request-Timestamp': String(at),
      },
      secret,
      at,
    })
  })
})

describe('an Ed25519 key', () => {
  it('is taken as hex, base64, SPKI or PEM', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const { sign } = require('node:crypto')
    const scheme = {
      kind: 'ed25519' as const,
      key: 'raw' as const,
      signature: { at: 'header:x-signature' as const },
      encoding: 'base64' as const,
      signed: '{body}',
    }
    const signature = sign(null, Buffer.from('hello'), privateKey).toString('base64')
    const request = requestOf({ body: 'hello', headers: { 'X-Signature': signature }, secret: '' })
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    const raw = spki.subarray(12)
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    for (const key of [raw.toString('hex'), raw.toString('base64'), spki.toString('base64'), pem])
      expect(await verify([scheme], [key], request, null, 0)).toMatchObject({ verified: true })
  })
})

describe('a public key that is RSA', () => {
  it('is taken as PEM', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const { createSign } = require('node:crypto')
    const signature = createSign('sha256').update('hello').sign(privateKey).toString('base64')
    const scheme = {
      kind: 'rsa-sha256' as const,
      key: 'spki' as const,
      signature: { at: 'header:x-signature' as const },
      encoding: 'base64' as const,
      signed: '{body}',
    }
    const request = requestOf({
      body: 'hello',
      headers: { 'X-Signature': signature },
      secret: '',
    })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const judged = (key: string) => verify([scheme], [key], request, null, 0)
    expect(await judged(pem)).toMatchObject({ verified: true })
    expect(await judged('no key')).toMatchObject({ reason: 'bad_secret' })
  })
})
