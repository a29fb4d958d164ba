import { grouped, inMib } from '../../../kit/lib/amounts'
import { MAX_FORM_FIELDS } from '../../../kit/lib/form'
import { MAX_PARTS } from '../../../kit/lib/json'
import { MAX_PARSED_BODY_BYTES } from '../../rules/verifying/request'
import { type Provider, proofOf } from '../../rules/verifying/scheme'
import { KEPT_BEGINNING } from './kept-body'

/** What each `reason` of a refused or failed message means, and what to do about it. */
const REASONS: Record<string, string> = {
  no_secret: 'This source has no secret. Enter the secret that the provider shows, then reprocess the request.',
  bad_secret:
    'The secret of this source is not a valid key for its signature scheme. Copy the whole secret from the provider again, then reprocess the request.',
  missing_header:
    "The signature, or a header that it needs (an ID or a timestamp), is missing. Check that signing is turned on in the provider's settings, and that this source is set to the right provider.",
  bad_timestamp: "The signature's timestamp cannot be read.",
  timestamp_too_old:
    "The signature matches, but its timestamp is too old: someone has replayed the request, or a clock is wrong. You can raise the tolerance in the source's settings.",
  timestamp_too_new:
    "The signature matches, but its timestamp is in the future: the sender's clock is wrong. You can raise the tolerance in the source's settings.",
  body_not_signed: 'The signature does not cover this body.',
  body_too_large: `The body is too large to verify. Either this provider signs values in the body, and a body over ${inMib(MAX_PARSED_BODY_BYTES)}, ${grouped(MAX_FORM_FIELDS)} form fields, or ${grouped(MAX_PARTS)} JSON names and values is not parsed. Or the request has too many signatures for a body of this size.`,
  signature_mismatch:
    "The signature does not match. The secret is probably different: compare it with the one in the provider's settings. Otherwise, the body was changed in transit, or the signature is for a different URL.",
  unknown_scheme: "This version of Guesthook does not support this source's signature scheme.",
  bad_token: "The verify token does not match the one in the source's settings.",
  has_secret:
    'The sender offered a secret, but this source already has one. To accept a new secret from the sender, remove the current one first.',
  template_error: 'The template did not produce a valid guestbook entry.',
  handshake: 'A handshake is answered when it arrives. There is nothing to reprocess.',
  source_deleted: 'The source has been deleted. Its messages are no longer processed.',
  body_removed: "The body was removed after the source's retention period.",
  body_not_kept: `${KEPT_BEGINNING}, because the request was refused on arrival or was a handshake. Ask the sender to send it again.`,
  internal_error:
    'Processing has failed repeatedly because of an internal error. Find the cause in the Worker logs and fix it, then reprocess the request.',
}

/** The same for a provider that does not sign, but sends the secret itself. `%` is what it calls the secret. */
const REASONS_OF_TOKENS: Record<string, string> = {
  bad_secret: 'The secret of this source cannot be a %. Copy it from the provider again, then reprocess the request.',
  missing_header:
    "The % is missing. Check that it is entered in the provider's settings, and that this source is set to the right provider.",
  signature_mismatch:
    "The % is not the one of this source. Compare it with the one in the provider's settings, and change it on either side.",
}

/**
 * @param reason the `reason` of a message. A reason that has no explanation is returned unchanged
 * @param provider who was expected to send it
 */
export function explainReason(reason: string, provider?: Provider): string {
  const proof = provider ? proofOf(provider) : 'signature'
  const ofToken = proof === 'signature' ? undefined : REASONS_OF_TOKENS[reason]
  return ofToken?.replace('%', proof) ?? REASONS[reason] ?? reason
}

/** @returns a reason in short, such as "token mismatch" */
export function nameReason(reason: string, provider: Provider | undefined): string {
  const known = provider ? reason.replace('signature', proofOf(provider)) : reason
  return known.replaceAll('_', ' ')
}

/** Explains that a source's secret cannot be used to create or verify signatures. */
export function explainUnusable({ name, secret }: Provider): string {
  return `The secret of this source is not valid for ${name}. Expected: ${secret.what}.`
}
