import type { Provider } from '../scheme'
import { bodyHmac } from './schemes'

const COMMON: Pick<Provider, 'eventType' | 'deliveryId' | 'sample'> = {
  eventType: ['header:x-event-type', 'body:type', 'body:event'],
  deliveryId: ['header:x-delivery-id', 'header:idempotency-key'],
  sample: {
    headers: { 'x-delivery-id': '{uuid}' },
    body: '{"type":"greeting","id":"{uuid}","name":"Mira","text":"Lovely page!"}',
  },
}

/** For senders that are not in the list. The source's options describe how they sign (see custom-scheme.ts). */
export const CUSTOM: readonly Provider[] = [
  {
    slug: 'custom-hmac',
    name: 'Custom: HMAC',
    secret: { what: 'Secret', where: "The sender's settings", by: 'owner' },
    setup:
      'Post to this URL with an HMAC of the body. The options set the header, algorithm, encoding, prefix, signed text, and timestamp.',
    docs: 'https://www.rfc-editor.org/rfc/rfc2104',
    // The usual headers. The option `header` sets a different one.
    schemes: [bodyHmac(['x-signature', 'x-signature-256', 'x-webhook-signature'], 'hex')],
    ...COMMON,
  },
  {
    slug: 'custom-public-key',
    name: 'Custom: public key',
    secret: { what: 'Public key, as PEM or base64', where: "The sender's settings", by: 'provider' },
    setup:
      'Post to this URL with a signature of the body. The options set the algorithm (ed25519, ecdsa-p256, or rsa-sha256), header, encoding, prefix, signed text, and timestamp.',
    docs: 'https://www.rfc-editor.org/rfc/rfc8032',
    schemes: [
      { kind: 'ed25519', key: 'raw', signature: { at: 'header:x-signature' }, encoding: 'base64', signed: '{body}' },
    ],
    ...COMMON,
  },
  ...(
    [
      ['bearer-token', 'bearer token', 'header:authorization', 'bearer'],
      ['basic-auth', 'username and password', 'header:authorization', 'basic'],
      ['header-token', 'secret in a header', 'header:x-webhook-secret', 'plain'],
      ['query-token', 'secret in the query', 'query:token', 'plain'],
    ] as const
  ).map(
    ([slug, what, at, format]): Provider => ({
      slug,
      name: `Custom: ${what}`,
      secret: {
        what: format === 'basic' ? 'Secret, as user:password' : 'Secret',
        where: "The sender's settings",
        by: 'owner',
      },
      setup: `Post to this URL with the ${what}. This proves who sent the request, but not that the body is unchanged.`,
      docs: 'https://www.rfc-editor.org/rfc/rfc9110#name-authentication-scheme',
      schemes: [{ kind: 'shared-secret', at, format }],
      ...COMMON,
    })
  ),
  {
    slug: 'unsigned',
    name: 'Custom: no signature',
    secret: { what: 'None', where: 'Not needed', by: 'nobody' },
    setup: 'Post to this URL. Anyone who knows the URL can post, so treat it as a secret.',
    docs: 'https://www.w3.org/TR/capability-urls/',
    schemes: [{ kind: 'unsigned' }],
    ...COMMON,
  },
]
