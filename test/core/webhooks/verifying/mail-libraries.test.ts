import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { headerOf } from '../../../../src/webhooks/rules/verifying/request'
import { expectSigned, sampleFor, textOf, verifyGiven } from './library-requests'
import { ADDRESS, makeKeyPair } from './samples'

/*
 * Compares our verification with the libraries and documentation of email and messaging providers.
 */

const require = createRequire(import.meta.url)

describe('SendGrid', () => {
  const { EventWebhook } = require('@sendgrid/eventwebhook')
  const secret =
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=='
  const signature = 'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM='
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

  it('matches the example from its library', async () => {
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
      receivedAt: Number(timestamp) * 1_000,
    })
  })

  it('has samples that its library accepts, whatever the integers in the signature are', async () => {
    const signer = await makeKeyPair({ kind: 'ecdsa-p256', key: 'spki' })
    const webhook = new EventWebhook()
    const key = webhook.convertPublicKeyToECDSA(signer.secret)
    const results = []
    for (let i = 0; i < 40; i++) {
      const sample = await sampleFor('sendgrid', signer)
      const headerValue = (name: string) => headerOf(sample, `x-twilio-email-event-webhook-${name}`)
      const [given, time] = [headerValue('signature'), headerValue('timestamp')]
      const { verified } = await verifyGiven('sendgrid', {
        body: sample.body,
        headers: Object.fromEntries(sample.headers),
        secret: signer.secret,
      })
      results.push([webhook.verifySignature(key, textOf(sample), given, time), verified])
    }
    expect(results).toEqual(Array(40).fill([true, true]))
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

  it('matches the example in its documentation', async () => {
    await expectSigned('twilio', {
      body: new URLSearchParams(params).toString(),
      headers: { ...form, 'X-Twilio-Signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' },
      secret: '12345',
      address,
      query: 'foo=1&bar=2',
    })
  })

  it.each(['https://mycompany.com/a', 'https://mycompany.com:443/a', 'http://mycompany.com:80/a'])(
    'accepts the signature of its library for %s',
    async (url) => {
      const signature = twilio.getExpectedTwilioSignature('12345', url, params)
      const body = new URLSearchParams(params).toString()
      const headers = { ...form, 'X-Twilio-Signature': signature }
      const plain = url.replace(/:\d+/, '')
      const given = { body, headers, secret: '12345', address: plain }
      expect(await verifyGiven('twilio', given)).toMatchObject({ verified: true })
    }
  )

  it('has a sample that its library accepts', async () => {
    const sample = await sampleFor('twilio', { secret: '12345' })
    const signature = headerOf(sample, 'x-twilio-signature') ?? ''
    const fields = Object.fromEntries(new URLSearchParams(textOf(sample)))
    expect(twilio.validateRequest('12345', signature, ADDRESS, fields)).toBe(true)
  })

  it('requires a hash of a body that is not a form', async () => {
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
    expect(await verifyGiven('twilio', uncovered)).toMatchObject({ reason: 'body_not_signed' })
  })
})

describe('HubSpot', () => {
  const secret = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy'
  const sign = (uri: string, body: string, at: number) =>
    createHmac('sha256', secret).update(`POST${uri}${body}${at}`).digest('base64')

  it.each([
    ['of the URL as its documentation decodes it', `${ADDRESS}?a=b:c%20d`],
    ['of the URL as its library leaves it', `${ADDRESS}?a=b%3Ac%20d`],
  ])('accepts a signature %s', async (_, uri) => {
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
      receivedAt: at,
    })
  })
})
