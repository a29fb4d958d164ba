import type { Provider } from '../../core/verifying/scheme'

/** What each `reason` of a refused or failed message means, and what to do about it. */
const REASONS: Record<string, string> = {
  no_secret: 'This source has no secret. Enter the one that the provider shows, then reprocess.',
  bad_secret:
    'The secret of this source is not a valid key for its signature scheme. Copy the whole secret from the provider again, then reprocess.',
  missing_header:
    'The signature is missing, or a header that it needs (an ID or a timestamp). Check that signing is turned on at the provider, and that this source has the right provider.',
  bad_timestamp: 'The timestamp of the signature cannot be read.',
  timestamp_too_old:
    'The signature matches, but its timestamp is too old: someone replayed the request, or a clock is wrong. You can raise the tolerance in the settings of the source.',
  timestamp_too_new:
    'The signature matches, but its timestamp is in the future: the clock of the sender is wrong. You can raise the tolerance in the settings of the source.',
  body_not_signed: 'The signature does not cover this body.',
  body_too_large:
    'This provider puts its signature in the body. A body over 1 MB is stored but not parsed, so its signature cannot be verified.',
  signature_mismatch:
    'The signature does not match. The secret is probably different: compare it with the one at the provider. Otherwise the body was changed in transit, or the signature is for a different URL.',
  unknown_scheme: 'This version of Guesthook does not support the signature scheme of this source.',
  bad_token: 'The verify token does not match the one in the settings of the source.',
  has_secret:
    'The sender offered a secret, but this source already has one. To accept a new secret from the sender, remove the current one first.',
  template_error: 'The template did not produce a valid guestbook entry.',
  handshake: 'A handshake is answered when it arrives. There is nothing to reprocess.',
  source_deleted: 'The source was deleted. Its messages are no longer processed.',
  body_removed: 'The body was removed after the retention period of the source.',
  internal_error:
    'Processing failed repeatedly because of an internal error. Find the cause in the Worker logs and fix it, then reprocess.',
}

/** @param reason the `reason` of a message; one without an explanation is returned as it is */
export function explainReason(reason: string): string {
  return REASONS[reason] ?? reason
}

/** Explains that no signature can be made or verified with the secret of a source. */
export function explainUnusable({ name, secret }: Provider): string {
  return `The secret of this source is not valid for ${name}. Expected: ${secret.what}.`
}
