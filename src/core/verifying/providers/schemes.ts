import type { Place } from '../request'
import type { Encoding, HmacScheme, Scheme, Timestamp } from '../scheme'

/*
 * What many rows have in common.
 */

/** An HMAC-SHA256 over nothing but the body, in one header. */
export function bodyMac(
  header: string,
  encoding: Encoding,
  prefix?: string,
  hash: HmacScheme['hash'] = 'SHA-256'
): HmacScheme {
  const at: Place = `header:${header}`
  const signature = prefix === undefined ? { at } : { at, prefix }
  return { kind: 'hmac', hash, signature, encoding, signed: '{body}' }
}

/** A header like `t=1,v1=ab`, which has the timestamp beside the signatures. */
export function listMac(
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

/** An HMAC-SHA256 over the body and the timestamp of another header. */
export function timedMac(
  header: string,
  encoding: Encoding,
  signed: string,
  timestamp: Timestamp,
  prefix?: string
): HmacScheme {
  return { ...bodyMac(header, encoding, prefix), signed, timestamp }
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
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

/** For senders that say what an event is by what a field is called. @param names separated by spaces */
export function namesOf(names: string): Place[] {
  return names.split(' ').map((name): Place => `key:${name}`)
}
