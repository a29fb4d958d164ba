import type { Place } from '../request'
import type { Encoding, Handshake, HmacScheme, Scheme, Timestamp } from '../scheme'

/*
 * Parts that several providers share.
 */

/** An HMAC of the body, alone in a header. */
export function bodyHmac(
  header: string,
  encoding: Encoding,
  prefix?: string,
  hash: HmacScheme['hash'] = 'SHA-256'
): HmacScheme {
  const at: Place = `header:${header}`
  const signature = prefix === undefined ? { at } : { at, prefix }
  return { kind: 'hmac', hash, signature, encoding, signed: '{body}' }
}

/** An HMAC in a header like `t=1,v1=ab`, which also contains the timestamp. */
export function listHmac(
  header: string,
  fields: { time: string; signature: string; list?: ',' | ';' },
  signed: string,
  timestamp: Pick<Timestamp, 'unit' | 'tolerance'>
): HmacScheme {
  const { list = ',' } = fields
  const at: Place = `header:${header}`
  return {
    kind: 'hmac',
    hash: 'SHA-256',
    signature: { at, list, prefix: fields.signature },
    encoding: 'hex',
    signed,
    timestamp: { at, list, prefix: fields.time, ...timestamp },
  }
}

/** An HMAC with a timestamp in a header of its own. */
export function timestampedHmac(
  header: string,
  encoding: Encoding,
  signed: string,
  timestamp: Timestamp,
  prefix?: string
): HmacScheme {
  return { ...bodyHmac(header, encoding, prefix), signed, timestamp }
}

/**
 * HMAC and Ed25519 signatures, in headers that start with `webhook-` or `svix-`.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @param names the header prefix that samples use
 */
export function standardWebhooks(names: 'webhook' | 'svix'): readonly Scheme[] {
  const both = names === 'svix' ? ['svix', 'webhook'] : ['webhook', 'svix']
  const place = (name: string) => both.map((prefix): Place => `header:${prefix}-${name}`)
  const timestamp: Timestamp = { at: place('timestamp'), unit: 's', tolerance: 300 }
  const parts = both.map((prefix) => ({
    signature: `header:${prefix}-signature` as const,
    signed: `{header:${prefix}-id}.{timestamp}.{body}`,
  }))
  return parts.flatMap(({ signature, signed }): Scheme[] => [
    {
      kind: 'hmac',
      hash: 'SHA-256',
      key: 'base64',
      keyPrefix: 'whsec_',
      signature: { at: signature, list: ' ', prefix: 'v1,' },
      encoding: 'base64',
      signed,
      timestamp,
    },
    {
      kind: 'ed25519',
      key: 'raw',
      keyPrefix: 'whpk_',
      signature: { at: signature, list: ' ', prefix: 'v1a,' },
      encoding: 'base64',
      signed,
      timestamp,
    },
  ])
}

/** For providers that name the event type with a key of the body. @param names separated by spaces */
export function keyPlaces(names: string): Place[] {
  return names.split(' ').map((name): Place => `key:${name}`)
}

/** The verification of intent in WebSub, which Meta uses too: https://www.w3.org/TR/websub/#hub-verifies-intent */
export const HUB_CHALLENGE: Handshake = {
  name: 'hub.challenge',
  description: 'Echoes the challenge.',
  // Only `subscribe` is confirmed. Otherwise, anyone who knows the URL could cancel the subscription.
  when: { method: 'GET', has: [['query:hub.mode', 'subscribe'], 'query:hub.challenge'] },
  token: 'query:hub.verify_token',
  answer: { status: 200, text: { from: 'query:hub.challenge' } },
}
