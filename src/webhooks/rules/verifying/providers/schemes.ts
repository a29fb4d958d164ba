import type { ValuePlace } from '../request'
import type { Encoding, Extract, Hash, HmacScheme, Provider, Scheme, Timestamp } from '../scheme'

/* Parts that several providers share. */

type Row = Omit<Provider, 'slug' | 'name' | 'secret' | 'deliveryId'> & Partial<Pick<Provider, 'secret' | 'deliveryId'>>

/** @param slug for addresses @param name for people @param by who creates its secret */
export const service = (slug: string, name: string, by: Provider['secret']['by'], row: Row): Provider => ({
  slug,
  name,
  secret: { by },
  deliveryId: [],
  ...row,
})

/** An HMAC of the body, in a header that contains nothing else. A provider may use several names for the header. */
export function bodyHmac(
  header: string | readonly string[],
  encoding: Encoding,
  prefix = '',
  hash: Hash = 'SHA-256'
): HmacScheme {
  const at = [header].flat().map((name): ValuePlace => `header:${name}`)
  return { kind: 'hmac', hash, signature: { at, prefix }, encoding, signed: '{body}' }
}

/** An HMAC in a header like `t=1,v1=ab`, which also contains the timestamp. The prefixes here are `t=` and `v1=`. */
export function listHmac(
  header: string,
  [time, prefix]: readonly [time: string, signature: string],
  signed: string,
  { list = ',', ...timestamp }: Pick<Timestamp, 'unit' | 'tolerance' | 'list'>
): HmacScheme {
  const at: ValuePlace = `header:${header}`
  return {
    ...bodyHmac(header, 'hex'),
    signature: { at, list, prefix },
    signed,
    timestamp: { at, list, prefix: time, ...timestamp },
  }
}

/** An HMAC with a timestamp elsewhere in the request. */
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
 * HMAC and Ed25519, in headers that start with `webhook-` or `svix-`. @param first the prefix of samples. If a request
 * has both, this one counts: the event ID must be the one that is signed
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhooks(first: 'webhook' | 'svix'): readonly Scheme[] {
  const both = first === 'svix' ? ['svix', 'webhook'] : ['webhook', 'svix']
  const at = both.map((name): ValuePlace => `header:${name}-timestamp`)
  const timestamp: Timestamp = { at, unit: 's', tolerance: 300 }
  return both.flatMap((name): Scheme[] => {
    const listed = (prefix: string): Extract => ({ at: `header:${name}-signature`, list: ' ', prefix })
    const signed = `{header:${name}-id}.{timestamp}.{body}`
    const unless = name === first ? {} : { unless: `header:${first}-id` as const }
    const common = { encoding: 'base64', signed, timestamp, ...unless } as const
    return [
      { kind: 'hmac', hash: 'SHA-256', key: 'base64', keyPrefix: 'whsec_', signature: listed('v1,'), ...common },
      { kind: 'ed25519', key: 'raw', keyPrefix: 'whpk_', signature: listed('v1a,'), ...common },
    ]
  })
}
