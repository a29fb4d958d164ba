import { HUB_CHALLENGE } from '../handshake'
import type { Provider } from '../scheme'
import { bodyHmac, service, standardWebhooks } from './schemes'

/** Standards for webhooks, and services that send webhooks on behalf of others. */
export const STANDARDS: readonly Provider[] = [
  service('standard-webhooks', 'Standard Webhooks', 'provider', {
    schemes: standardWebhooks('webhook'),
    eventType: ['body:type'],
    deliveryId: ['header:webhook-id', 'header:svix-id'],
  }),
  service('svix', 'Svix', 'provider', {
    schemes: standardWebhooks('svix'),
    eventType: ['body:type'],
    deliveryId: ['header:svix-id', 'header:webhook-id'],
  }),
  service('hookdeck', 'Hookdeck', 'provider', {
    schemes: [bodyHmac('x-hookdeck-signature', 'base64'), bodyHmac('x-hookdeck-signature-2', 'base64')],
    eventType: ['body:type'],
    deliveryId: ['header:x-hookdeck-eventid', 'header:x-hookdeck-event-id'],
  }),
  service('websub', 'WebSub', 'owner', {
    schemes: (['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const).map((hash) =>
      bodyHmac('x-hub-signature', 'hex', `${hash.replace('-', '').toLowerCase()}=`, hash)
    ),
    eventType: [],
    handshakes: [HUB_CHALLENGE],
  }),
  {
    slug: 'cloudevents',
    name: 'CloudEvents',
    secret: { by: 'owner', optional: true },
    schemes: [{ kind: 'shared-secret', at: 'header:authorization', format: 'bearer' }],
    eventType: ['header:ce-type', 'body:type', 'body:0.type'],
    deliveryId: ['header:ce-id', 'body:id'],
    idScope: ['header:ce-source', 'body:source'],
  },
]
