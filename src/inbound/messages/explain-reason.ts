import type { Provider } from '../../core/verifying/scheme'

/** Why a message was refused or could not be dealt with, and what to do about it. */
const REASONS: Record<string, string> = {
  no_secret: 'The source has no secret. Enter the one that the provider shows, then process again.',
  bad_secret:
    'The secret of the source is no key of this scheme. Copy it again, whole, from where the provider shows it, then process again.',
  missing_header:
    'The signature, or a header that belongs to it (an id, a time stamp), is not where this provider puts it. Is signing switched on there, and is it that provider?',
  bad_timestamp: 'The time stamp of the signature cannot be read.',
  timestamp_too_old:
    'The signature matches, but it is older than is allowed: a repeat by somebody else, or a clock that is wrong. The source can allow more.',
  timestamp_too_new:
    'The signature matches, but its time lies ahead of ours: the clock of the sender is wrong. The source can allow more.',
  body_not_signed: 'The signature does not cover this body.',
  body_too_large:
    'This provider signs by what stands in the body, and a body of more than 1 MB is not read for its parts.',
  signature_mismatch:
    'The signature does not match. Most often the secret is another one: compare it with the one at the provider. Else the body was changed on its way, or, where the address is signed too, the provider calls another one.',
  unknown_scheme: 'This version does not know how this source signs.',
  bad_token: 'The verify token is not the one that is set as an option of the source.',
  has_secret:
    'The sender gave a secret, and this source has one already. Remove that one first, if the sender is to give another.',
  template_error: 'The template did not give an entry that the guestbook takes.',
  handshake: 'A handshake was answered when it came. There is nothing to process.',
  source_deleted: 'The source was deleted: there is nobody any more whom this could be for.',
  body_removed: 'The body is gone: it was kept for as long as the source says.',
  internal_error:
    'Something broke on this side, again and again. It was logged. Process it again once that is mended.',
}

export function explainReason(reason: string): string {
  return REASONS[reason] ?? reason
}

/** Of a secret that no signature can be made or checked with, before anything has come that says so. */
export function explainUnusable({ name, secret }: Provider): string {
  return `The secret of the source is none that ${name} could sign with. It has to be: ${secret.what}.`
}
