import type { Place } from './request'
import type {
  Encoding,
  Hash,
  HmacScheme,
  Provider,
  PublicKeyScheme,
  Scheme,
  SharedSecretScheme,
  Timestamp,
} from './scheme'

/** What the owner says about a source beyond its provider: how a custom one signs, and what no provider can know. */
export interface SourceOptions {
  /** Header of the signature, or of the secret. */
  header?: string | undefined
  /** Of the query, for a secret that is sent there. */
  parameter?: string | undefined
  algorithm?: Algorithm | undefined
  encoding?: Encoding | undefined
  /** Stands before the signature in its header. */
  prefix?: string | undefined
  /** What is signed, see core/providers/provider.ts. */
  signed?: string | undefined
  /** How the secret is read. */
  key?: 'text' | Encoding | undefined
  timestamp_header?: string | undefined
  timestamp_unit?: Timestamp['unit'] | undefined
  tolerance_seconds?: number | undefined
  event_type?: Place | undefined
  delivery_id?: Place | undefined
  /** The address as it was entered at the provider, where it is another than ours: some sign it. */
  url?: string | undefined
  /** What the provider is to say when it asks whether we know it. */
  verify_token?: string | undefined
}

export const ALGORITHMS = [
  'sha1',
  'sha256',
  'sha384',
  'sha512',
  'ed25519',
  'ecdsa-p256',
  'rsa-sha256',
] as const
export type Algorithm = (typeof ALGORITHMS)[number]

const HASHES: Partial<Record<Algorithm, Hash>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
}

/** The provider as the options of a source make it. What is not said stays as the row has it. */
export function withOptions(provider: Provider, options: SourceOptions): Provider {
  const { event_type, delivery_id } = options
  return {
    ...provider,
    schemes: provider.schemes.flatMap((scheme) => applyOptions(scheme, provider.slug, options)),
    eventType: event_type ? [event_type, ...provider.eventType] : provider.eventType,
    deliveryId: delivery_id ? [delivery_id] : provider.deliveryId,
  }
}

function applyOptions(scheme: Scheme, slug: string, options: SourceOptions): Scheme[] {
  const patient = withTolerance(scheme, options.tolerance_seconds)
  if (slug === 'custom-hmac' && patient.kind === 'hmac') return customMacs(patient, options)
  if (slug === 'custom-public-key' && patient.kind === 'ed25519')
    return customKeys(patient, options)
  return [patient.kind === 'shared-secret' ? customShared(patient, slug, options) : patient]
}

/** Many write `sha256=` before a signature: unless the prefix is said, it may be there or not. */
function customMacs(scheme: HmacScheme, options: SourceOptions): HmacScheme[] {
  const { algorithm = 'sha256', prefix } = options
  // None that this kind knows: without a scheme, nothing passes.
  if (HASHES[algorithm] === undefined) return []
  const prefixes = prefix === undefined ? ['', `${algorithm}=`] : [prefix]
  return prefixes.map((each) => customMac(scheme, { ...options, prefix: each }))
}

function withTolerance(scheme: Scheme, seconds: number | undefined): Scheme {
  if (seconds === undefined || !('timestamp' in scheme) || !scheme.timestamp) return scheme
  return { ...scheme, timestamp: { ...scheme.timestamp, tolerance: seconds } }
}

function customMac(scheme: HmacScheme, options: SourceOptions): HmacScheme {
  const { algorithm = 'sha256', key } = options
  return {
    ...scheme,
    ...signedParts(scheme, options),
    hash: HASHES[algorithm] ?? scheme.hash,
    ...(key && { key }),
  }
}

function customKeys(scheme: PublicKeyScheme, options: SourceOptions): PublicKeyScheme[] {
  const { algorithm = 'ed25519' } = options
  if (algorithm !== 'ed25519' && algorithm !== 'ecdsa-p256' && algorithm !== 'rsa-sha256') return []
  const key = algorithm === 'ed25519' ? 'raw' : 'spki'
  return [{ ...scheme, ...signedParts(scheme, options), kind: algorithm, key }]
}

/** What is wrong with options that a provider cannot be used with; null when nothing is. */
export function optionsFault(provider: Provider, options: SourceOptions): string | null {
  if (withOptions(provider, options).schemes.length === 0)
    return `"${options.algorithm}" is no algorithm of ${provider.slug}.`
  if (options.timestamp_header && options.signed && !options.signed.includes('{timestamp}'))
    return 'A time stamp that is not signed says nothing: what is signed has to contain {timestamp}.'
  if (options.signed?.includes('{timestamp}') && !hasTimestamp(provider, options))
    return 'What is signed contains {timestamp}: say in which header that stands, by timestamp_header.'
  return null
}

function hasTimestamp(provider: Provider, options: SourceOptions): boolean {
  const { schemes } = withOptions(provider, options)
  return schemes.some((scheme) => 'timestamp' in scheme && scheme.timestamp !== undefined)
}

const DEFAULT_TOLERANCE = 300

/** With a timestamp and nothing said, `{timestamp}.{body}` is what most sign. */
function signedParts(scheme: HmacScheme | PublicKeyScheme, options: SourceOptions) {
  const { header, prefix, encoding, timestamp_header, timestamp_unit, tolerance_seconds } = options
  const at = header ? (`header:${header.toLowerCase()}` as const) : scheme.signature.at
  const timestamp = timestamp_header && {
    at: `header:${timestamp_header.toLowerCase()}` as const,
    unit: timestamp_unit ?? ('s' as const),
    tolerance: tolerance_seconds ?? DEFAULT_TOLERANCE,
  }
  return {
    signature: { at, prefix: prefix ?? '' },
    encoding: encoding ?? scheme.encoding,
    signed: options.signed ?? (timestamp ? '{timestamp}.{body}' : '{body}'),
    ...(timestamp && { timestamp }),
  }
}

function customShared(
  scheme: SharedSecretScheme,
  slug: string,
  { header, parameter }: SourceOptions
): SharedSecretScheme {
  if (slug === 'header-token' && header) return { ...scheme, at: `header:${header.toLowerCase()}` }
  return slug === 'query-token' && parameter ? { ...scheme, at: `query:${parameter}` } : scheme
}
