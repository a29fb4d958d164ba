import type { ValuePlace } from './request'

/* How a provider signs, as data. To add one, add a row, its texts in public/providers.json, and test vectors. */

/** How to find a value. In the list `t=1,v1=ab`, separated by `,`, the prefix `v1=` selects `ab`. */
export interface Extract {
  /** The first location that has a value is used. `header:x-sig-*` matches every header that starts with `x-sig-`. */
  at: ValuePlace | readonly ValuePlace[]
  list?: ',' | ';' | ' '
  prefix?: string
  /** Removed if the value starts with it. */
  optionalPrefix?: string
}

export interface Timestamp extends Extract {
  /** `iso`: RFC 3339. */
  unit: 's' | 'ms' | 'iso'
  /** The largest accepted difference from the time of arrival, in seconds, in either direction. */
  tolerance: number
}

/** What the option `algorithm` of a source can be. */
export const ALGORITHMS = ['sha1', 'sha256', 'sha384', 'sha512', 'ed25519', 'ecdsa-p256', 'rsa-sha256'] as const

export type Encoding = 'hex' | 'base64'
export type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

interface Signed {
  signature: Extract
  encoding: Encoding
  /**
   * The template of the signed text:
   * - `{body}`: the raw bytes of the body
   * - `{form}`: the form fields, sorted and joined as Twilio does
   * - `{timestamp}`: the timestamp, as received
   * - `{method}`
   * - `{url}`: the URL with its query
   * - `{url-port}`, `{url+port}`: the URL without and with its port
   * - `{uri}`: the URL, decoded as HubSpot does
   * - `{header:name}`, `{body:path}`: the value at that location
   */
  signed: string
  timestamp?: Timestamp
  /** A request with a value here does not use this scheme. */
  unless?: ValuePlace
}

export interface HmacScheme extends Signed {
  kind: 'hmac'
  hash: Hash
  /** How the HMAC key is obtained from the secret: used as text (the default), or decoded from base64 or hex. */
  key?: 'text' | Encoding
  /** Removed from the secret before it is decoded. */
  keyPrefix?: string
  /** The body must be an object: a handshake signs tokens with the same key, and a token must not pass as a body. */
  objectOnly?: true
  /** Where to find the SHA-256 of the body, in hex. Required when the signed text does not contain the body. */
  bodyHash?: ValuePlace
}

export interface PublicKeyScheme extends Signed {
  kind: 'ed25519' | 'ecdsa-p256' | 'rsa-sha256'
  /** `raw`: the 32 bytes of an Ed25519 key, in hex or base64. `spki`: DER in base64, with or without the PEM lines. */
  key: 'raw' | 'spki'
  /** The key must start with this prefix. */
  keyPrefix?: string
}

export type SignatureScheme = HmacScheme | PublicKeyScheme

/** The request contains the secret itself. This does not prove that the body is unchanged. */
export interface SharedSecretScheme {
  kind: 'shared-secret'
  /** Every value at this location must match the secret. */
  at: ValuePlace
  /** `basic`: the secret is `user:password`. */
  format: 'plain' | 'bearer' | 'basic'
}

/** `unsigned`: anyone who knows the URL can post. */
export type Scheme = SignatureScheme | SharedSecretScheme | { kind: 'unsigned' }

/** @returns the scheme's name, for display */
export function nameScheme(scheme: Scheme): string {
  if (scheme.kind === 'unsigned') return 'No signature'
  if (scheme.kind === 'shared-secret') return SHARED_SECRET_NAMES[scheme.format]
  const algorithm = scheme.kind === 'hmac' ? `HMAC with ${scheme.hash}` : PUBLIC_KEY_NAMES[scheme.kind]
  return `${algorithm}, in ${scheme.encoding}`
}

const PUBLIC_KEY_NAMES = {
  ed25519: 'Ed25519',
  'ecdsa-p256': 'ECDSA (P-256, SHA-256)',
  'rsa-sha256': 'RSA with SHA-256',
}

const SHARED_SECRET_NAMES = {
  plain: 'Shared secret',
  bearer: 'Bearer token',
  basic: 'Username and password (Basic authentication)',
}

/** What a request proves itself with: `token` is a secret in the request, `password` one with a user name. */
export type ProofKind = 'signature' | 'token' | 'password'

/** @returns what the requests of a provider prove themselves with. A signature, unless all its schemes use the secret */
export function proofOf({ schemes }: Pick<Provider, 'schemes'>): ProofKind {
  const formats = schemes.map((scheme) => (scheme.kind === 'shared-secret' ? scheme.format : null))
  if (formats.length === 0 || formats.includes(null)) return 'signature'
  return formats.includes('basic') ? 'password' : 'token'
}

/** A value in a response: a constant, a value from the request, or the HMAC-SHA256 of such a value under the secret. */
export type HandshakeValue =
  | string
  | number
  | { from: ValuePlace }
  | { hmac: ValuePlace; encoding: Encoding; prefix?: string }

/** A request that the provider sends to check the URL, and the response that it expects immediately. Not an event. */
export interface Handshake {
  name: string
  /** A request is a handshake if all conditions are true. */
  when: {
    method?: 'GET' | 'POST' | 'OPTIONS'
    /** Each location must contain a value. A pair requires exactly the value that it contains. */
    has: readonly (ValuePlace | readonly [ValuePlace, string])[]
    hasNot?: readonly ValuePlace[]
  }
  answer: {
    status: 200 | 204
    text?: HandshakeValue
    json?: Readonly<Record<string, HandshakeValue>>
    headers?: Readonly<Record<string, HandshakeValue>>
  }
  /** If the source has the option `verify_token`, this location must contain the same value. */
  token?: ValuePlace
  /** Where to find the secret, if the provider sends it. It never replaces a secret that the source already has. */
  secret?: ValuePlace
  /** The handshake is answered only if its signature is valid. */
  verified?: true
}

export interface Provider {
  slug: string
  name: string
  secret: {
    /** Who creates the secret. For `owner`, the form suggests one. For `nobody`, the form does not require one. */
    by: 'provider' | 'owner' | 'nobody'
    /** The provider does not sign its webhooks. Without a secret, anyone who knows the URL can post. */
    optional?: true
  }
  /** A request must pass one of these. Samples use the first one. */
  schemes: readonly Scheme[]
  /** Where to find the event type. The first location that contains a value is used. */
  eventType: readonly ValuePlace[]
  /** Where to find the event ID, which stays the same in retries. The first location that contains a value is used. */
  deliveryId: readonly ValuePlace[]
  /** Where to find who gave the event ID, if others can give the same. */
  idScope?: readonly ValuePlace[]
  /** Its events may differ only in the query, also if no signature covers that. */
  usesQuery?: true
  /** Its events may differ only in the time that is signed, which stays the same in retries. */
  usesTime?: true
  /** The same content without an event ID is the same delivery within each such time of the clock, if not for a day. */
  sameContentMs?: number
  handshakes?: readonly Handshake[]
  /** The provider requires a 401 response to an invalid signature. */
  strict?: true
}

/** What people read about a provider, and a sample: an entry of public/providers.json. */
export interface ProviderTexts {
  /** What the provider calls the secret. */
  secret: string
  /** Where the provider shows the secret or asks for it. No period at the end. */
  where: string
  /** How to set up the webhook there, one step in each sentence. `This URL` is that of the source. */
  setup: string
  /** The provider shows the secret only after the URL was entered, so one of the steps says where to copy it. */
  isLate?: boolean
  /** What else to know about it. */
  note?: string
  /** Other services that use it, which people may search for. */
  also?: string
  docs: string
  /** One sentence for each handshake, by the name of the handshake. */
  handshakes?: Readonly<Record<string, string>>
  sample: ProviderSample
}

/** A request like the provider's, for testing a source. sample.ts fills in `{now}` and other placeholders. */
export interface ProviderSample {
  headers?: Readonly<Record<string, string>>
  /** Text, or a value that is sent as JSON. In such a value, `"#{now}"` becomes a number. */
  body: unknown
}
