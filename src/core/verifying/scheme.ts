import type { Place } from './request'

/*
 * How a provider signs, as data: adding one is adding a row and its vectors. Every row names the provider's own page.
 */

/** Where a text stands, and how to get it out of a list: `t=1,v1=ab` is a list by `,` whose `v1=` is wanted. */
export interface Extract {
  /** The first that is there counts. `header:x-signature-*` is every header that begins so. */
  at: Place | readonly Place[]
  list?: ',' | ';' | ' '
  prefix?: string
}

/** `iso`: RFC 3339. `tolerance`: seconds, both ways, by which it may differ from when the request came. */
export interface Timestamp extends Extract {
  unit: 's' | 'ms' | 'iso'
  tolerance: number
}

export type Encoding = 'hex' | 'base64'
export type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

/**
 * What is signed is a template: `{body}` are the raw bytes, `{timestamp}` the text of the timestamp, `{method}`, `{url}` the address with its query,
 * `{url-port}` and `{url+port}` the same without and with its port, `{uri}` as HubSpot decodes it, `{form}` the fields sorted and strung together as
 * Twilio has it, `{header:name}` and `{body:path}` what stands there.
 */
interface Signed {
  signature: Extract
  encoding: Encoding
  signed: string
  timestamp?: Timestamp
}

export interface HmacScheme extends Signed {
  kind: 'hmac'
  hash: Hash
  /** What the secret is to the HMAC: its text (the default), or bytes written in base64 or hex. */
  key?: 'text' | Encoding
  /** Stands before the bytes in `key`, and is not part of them. */
  keyPrefix?: string
  /**
   * Only a body that is a JSON object may be signed so: where a handshake signs any bare token under the same key, whoever knows the address could
   * have the signature of another body made.
   */
  objectOnly?: true
  /** When this is there, it must be the SHA-256 of the body in hex; needed where the signature does not cover a body that is no form. */
  bodyHash?: Place
}

export interface PublicKeyScheme extends Signed {
  kind: 'ed25519' | 'ecdsa-p256' | 'rsa-sha256'
  /** `raw`: the 32 bytes of Ed25519 in hex or base64. `spki`: base64 of the DER, with or without its PEM lines. */
  key: 'raw' | 'spki'
  keyPrefix?: string
}

/** The secret itself is sent along. Nothing says that the body is as it was written. */
export interface SharedSecretScheme {
  kind: 'shared-secret'
  /** All that stand there must be the secret. */
  at: Place
  /** `basic`: the secret is `user:password`. */
  format: 'plain' | 'bearer' | 'basic'
}

/** Whoever knows the address may send. */
export interface UnsignedScheme {
  kind: 'unsigned'
}

export type Scheme = HmacScheme | PublicKeyScheme | SharedSecretScheme | UnsignedScheme

/** What to answer with: itself, what stands in the request, or an HMAC-SHA256 of that under the secret. */
export type Value =
  | string
  | number
  | { from: Place }
  | { hmac: Place; encoding: Encoding; prefix?: string }

/** What has to hold for a request to be a handshake: all of it. */
export interface Match {
  method?: 'GET' | 'POST' | 'OPTIONS'
  /** That place holds something; that very text, when one is given. */
  has: readonly (Place | readonly [Place, string])[]
  hasNot?: readonly Place[]
}

/** An answer that a provider needs in the same response. It is no event, and is kept in the log as one that was dealt with. */
export interface Handshake {
  name: string
  /** In words, for people. */
  description: string
  when: Match
  answer: {
    status: 200 | 204
    text?: Value
    json?: Readonly<Record<string, Value>>
    headers?: Readonly<Record<string, Value>>
  }
  /** Where the option `verify_token` is set, this place must hold it; else 403. */
  token?: Place
  /** The provider gives the secret itself. It is taken only while the source has none, so that nobody can put another in its place. */
  secret?: Place
  /** Answered only when the signature is right. */
  verified?: true
}

export interface Provider {
  slug: string
  name: string
  secret: {
    /** What the provider calls it. */
    what: string
    /** Where it is shown, or typed in, at the provider. */
    where: string
    /** Who thinks it up: one of the owner's is suggested. */
    by: 'provider' | 'owner' | 'nobody'
    /** It signs nothing by itself: without a secret, whoever knows the address may send. */
    optional?: true
  }
  /** What to paste where at the provider. */
  setup: string
  docs: string
  /** Any one of them will do; of those that refuse, the one that came the farthest says why. */
  schemes: readonly Scheme[]
  /** Of an event: the type, and the id that a repeat has too. The first that is there counts. */
  eventType: readonly Place[]
  deliveryId: readonly Place[]
  handshakes?: readonly Handshake[]
  /** The provider itself demands 401 on a bad signature. */
  strict?: true
  /** A request as the provider sends it, for trying a source out. `{now}` and `{now_ms}` are replaced in it. */
  sample: {
    headers?: Readonly<Record<string, string>>
    body: string
  }
}
