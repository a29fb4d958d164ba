import type { SourceOptions } from '../../sources/options'
import type {
  ALGORITHMS,
  Hash,
  HmacScheme,
  Provider,
  PublicKeyScheme,
  Scheme,
  SharedSecretScheme,
  SignatureScheme,
} from './scheme'

const HASHES: Partial<Record<(typeof ALGORITHMS)[number], Hash>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
}

/** Used if the owner sets a timestamp header but no tolerance. */
const DEFAULT_TOLERANCE_SECONDS = 300

/** Options that are not set change nothing. @returns no schemes, which verify nothing, if the algorithm does not fit */
export function withOptions(provider: Provider, options: SourceOptions): Provider {
  const { event_type, delivery_id } = options
  return {
    ...provider,
    schemes: provider.schemes.flatMap((scheme) => applyOptions(scheme, provider.slug, options)),
    eventType: event_type ? [event_type, ...provider.eventType] : provider.eventType,
    ...(delivery_id && { deliveryId: [delivery_id], idScope: [] }),
  }
}

/** @returns an error message, or null if the options are valid for the provider */
export function optionsFault(provider: Provider, options: SourceOptions): string | null {
  const { schemes } = withOptions(provider, options)
  if (schemes.length === 0) return `The algorithm "${options.algorithm}" is not available for ${provider.slug}.`
  const { timestamp_header, signed } = options
  if (timestamp_header && signed && !signed.includes('{timestamp}'))
    return 'The signed text must contain {timestamp}, because an unsigned timestamp proves nothing.'
  if (signed?.includes('{timestamp}') && !schemes.some(hasTimestamp))
    return 'The signed text contains {timestamp}. Set timestamp_header to its header.'
  return null
}

const hasTimestamp = (scheme: Scheme): boolean => 'timestamp' in scheme && scheme.timestamp !== undefined

function applyOptions(scheme: Scheme, slug: string, options: SourceOptions): Scheme[] {
  const adjusted = withTolerance(scheme, options.tolerance_seconds)
  if (slug === 'custom-hmac' && adjusted.kind === 'hmac') return customHmacs(adjusted, options)
  if (slug === 'custom-public-key' && adjusted.kind === 'ed25519') return customPublicKeys(adjusted, options)
  return [adjusted.kind === 'shared-secret' ? customShared(adjusted, slug, options) : adjusted]
}

function withTolerance(scheme: Scheme, seconds: number | undefined): Scheme {
  if (seconds === undefined || !('timestamp' in scheme) || !scheme.timestamp) return scheme
  return { ...scheme, timestamp: { ...scheme.timestamp, tolerance: seconds } }
}

/** Many senders write `sha256=` before the signature. This prefix is optional unless the owner sets one. */
function customHmacs(scheme: HmacScheme, options: SourceOptions): HmacScheme[] {
  const { algorithm = 'sha256', prefix, key } = options
  const hash = HASHES[algorithm]
  if (hash === undefined) return []
  const parts = signedParts(scheme, options)
  const signature = prefix === undefined ? { ...parts.signature, optionalPrefix: `${algorithm}=` } : parts.signature
  return [{ ...scheme, ...parts, signature, hash, ...(key && { key }) }]
}

function customPublicKeys(scheme: PublicKeyScheme, options: SourceOptions): PublicKeyScheme[] {
  const { algorithm = 'ed25519' } = options
  if (algorithm !== 'ed25519' && algorithm !== 'ecdsa-p256' && algorithm !== 'rsa-sha256') return []
  const key = algorithm === 'ed25519' ? 'raw' : 'spki'
  return [{ ...scheme, ...signedParts(scheme, options), kind: algorithm, key }]
}

/** With a timestamp header, the signed text defaults to `{timestamp}.{body}`, which most senders use. */
function signedParts(scheme: SignatureScheme, options: SourceOptions) {
  const { header, prefix, encoding, timestamp_header, timestamp_unit, tolerance_seconds } = options
  const at = header ? (`header:${header.toLowerCase()}` as const) : scheme.signature.at
  const timestamp = timestamp_header && {
    at: `header:${timestamp_header.toLowerCase()}` as const,
    unit: timestamp_unit ?? ('s' as const),
    tolerance: tolerance_seconds ?? DEFAULT_TOLERANCE_SECONDS,
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
