import { HUB_CHALLENGE } from '../handshake'
import type { Provider } from '../scheme'
import { bodyHmac, standardWebhooks } from './schemes'

/** Standards for webhooks, and services that send webhooks on behalf of others. */
export const STANDARDS: readonly Provider[] = [
  {
    slug: 'standard-webhooks',
    name: 'Standard Webhooks',
    secret: { by: 'provider' },
    schemes: standardWebhooks('webhook'),
    eventType: ['body:type'],
    deliveryId: ['header:webhook-id', 'header:svix-id'],
  },
  {
    slug: 'svix',
    name: 'Svix',
    secret: { by: 'provider' },
    schemes: standardWebhooks('svix'),
    eventType: ['body:type'],
    deliveryId: ['header:svix-id', 'header:webhook-id'],
  },
  {
    slug: 'hookdeck',
    name: 'Hookdeck',
    secret: { by: 'provider' },
    schemes: [bodyHmac('x-hookdeck-signature', 'base64'), bodyHmac('x-hookdeck-signature-2', 'base64')],
    eventType: ['body:type'],
    deliveryId: ['header:x-hookdeck-eventid', 'header:x-hookdeck-event-id'],
  },
  {
    slug: 'websub',
    name: 'WebSub',
    secret: { by: 'owner' },
    schemes: (['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const).map((hash) =>
      bodyHmac('x-hub-signature', 'hex', `${hash.replace('-', '').toLowerCase()}=`, hash)
    ),
    eventType: [],
    deliveryId: [],
    handshakes: [HUB_CHALLENGE],
  },
  {
    slug: 'cloudevents',
    name: 'CloudEvents',
    secret: { by: 'owner', optional: true },
    schemes: [{ kind: 'shared-secret', at: 'header:authorization', format: 'bearer' }],
    eventType: ['header:ce-type', 'body:type'],
    deliveryId: ['header:ce-id', 'body:id'],
  },
]
