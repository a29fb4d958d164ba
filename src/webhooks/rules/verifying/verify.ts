import { sha256Hex } from '../../../kit/lib/hmac'
import { type Arrival, blankCheck, MAX_HASHED_BYTES, type SchemeCheck, type VerificationReason } from './check'
import { type Content, type InboundRequest, isTooLarge } from './request'
import { nameScheme, type Provider, type Scheme } from './scheme'
import { checkShared } from './shared-secret'
import { checkSignature } from './signature'
import { signedForm } from './signed-text'

/* Verifies a sender with schemes that are data (see providers/). Fails closed. Compares in constant time. */

export interface Verification {
  /** False for a scheme without a signature, even though such a scheme rejects nothing (`reason` is null). */
  verified: boolean
  /** Null if the request is not rejected. */
  reason: VerificationReason | null
  /** The check that passed, or all checks if none passed. */
  checks: SchemeCheck[]
}

/** One scheme must pass, with one of the secrets. @param receivedAt timestamps are compared with it, not with now */
export async function verify(
  schemes: readonly Scheme[],
  secrets: readonly string[],
  request: InboundRequest,
  content: Content,
  receivedAt: number
): Promise<Verification> {
  const arrival = arrive(request, content, receivedAt)
  const checks = await Promise.all(schemes.map((scheme) => check(scheme, secrets, arrival)))
  const passed = checks.find(({ reason }) => reason === null)
  if (passed) return { verified: passed.received.length > 0, reason: null, checks: [passed] }
  const [closest] = checks.toSorted((a, b) => closeness(b) - closeness(a))
  return { verified: false, reason: closest?.reason ?? 'unknown_scheme', checks }
}

function arrive(request: InboundRequest, content: Content, received_at: number): Arrival {
  return {
    request,
    content,
    received_at,
    form: once(() => signedForm(request)),
    isTooLarge: once(() => isTooLarge(request)),
    bodyHash: once(() => sha256Hex(request.body)),
    hashing: { left: MAX_HASHED_BYTES },
  }
}

function once<T>(compute: () => T): () => T {
  let computed: { value: T } | undefined
  return () => {
    computed ??= { value: compute() }
    return computed.value
  }
}

/** The reasons that only a scheme with a valid secret gives. */
const COMPARED: (VerificationReason | null)[] = ['signature_mismatch', 'body_not_signed', 'body_too_large']

/** If all schemes reject a request, the closest one provides the reason: the sender probably uses that scheme. */
function closeness({ reason, received, readable }: SchemeCheck): number {
  if (reason === 'timestamp_too_old' || reason === 'timestamp_too_new') return 4
  if (readable) return COMPARED.includes(reason) ? 3 : 2
  return Math.min(received.length, 1)
}

async function check(scheme: Scheme, secrets: readonly string[], arrival: Arrival): Promise<SchemeCheck> {
  switch (scheme.kind) {
    case 'unsigned':
      return blankCheck(nameScheme(scheme), '')
    case 'shared-secret':
      return checkShared(scheme, secrets, arrival)
    case 'hmac':
    case 'ed25519':
    case 'ecdsa-p256':
    case 'rsa-sha256':
      return checkSignature(scheme, secrets, arrival)
    default:
      // The types rule this out, but an unknown scheme must not pass.
      return { ...blankCheck('Unknown', ''), reason: 'unknown_scheme' }
  }
}

/** @returns the schemes of a provider. If the secret is optional and there is none, requests need no signature. */
export function schemesFor({ schemes, secret }: Pick<Provider, 'schemes' | 'secret'>, secrets: readonly string[]) {
  return secret.optional && secrets.length === 0 ? [{ kind: 'unsigned' as const }] : schemes
}
