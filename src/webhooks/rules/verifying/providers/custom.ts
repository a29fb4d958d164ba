import type { Provider } from '../scheme'
import { bodyHmac, service } from './schemes'

const COMMON: Pick<Provider, 'eventType' | 'deliveryId' | 'usesQuery'> = {
  eventType: ['header:x-event-type', 'body:type', 'body:event'],
  deliveryId: ['header:x-delivery-id', 'header:idempotency-key'],
  usesQuery: true,
}

/** For senders that are not in the list. The source's options describe how they sign (see custom-scheme.ts). */
export const CUSTOM: readonly Provider[] = [
  service('custom-hmac', 'Custom: HMAC', 'owner', {
    // The usual headers. The option `header` sets a different one.
    schemes: [bodyHmac(['x-signature', 'x-signature-256', 'x-webhook-signature'], 'hex')],
    ...COMMON,
  }),
  service('custom-public-key', 'Custom: public key', 'provider', {
    schemes: [
      { kind: 'ed25519', key: 'raw', signature: { at: 'header:x-signature' }, encoding: 'base64', signed: '{body}' },
    ],
    ...COMMON,
  }),
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
      secret: { by: 'owner' },
      schemes: [{ kind: 'shared-secret', at, format }],
      ...COMMON,
    })
  ),
  service('unsigned', 'Custom: no signature', 'nobody', {
    schemes: [{ kind: 'unsigned' }],
    ...COMMON,
  }),
]
