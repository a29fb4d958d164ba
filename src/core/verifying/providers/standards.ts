import { HUB_CHALLENGE } from '../handshake'
import type { Provider } from '../scheme'
import { bodyHmac, standardWebhooks } from './schemes'

const SAMPLE_BODY = '{"type":"greeting","id":"{uuid}","name":"Mira","text":"Lovely page!"}'

/** Standards for webhooks, and services that send webhooks on behalf of others. */
export const STANDARDS: readonly Provider[] = [
  {
    slug: 'standard-webhooks',
    name: 'Standard Webhooks',
    secret: {
      what: 'Signing secret (whsec_...) or public key (whpk_...)',
      where: 'The endpoint settings in the sending service',
      by: 'provider',
    },
    setup: 'Add this URL as an endpoint in the sending service. Then copy its signing secret here.',
    docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
    schemes: standardWebhooks('webhook'),
    eventType: ['body:type'],
    deliveryId: ['header:webhook-id', 'header:svix-id'],
    sample: { headers: { 'webhook-id': 'msg_{uuid}' }, body: SAMPLE_BODY },
  },
  {
    slug: 'svix',
    name: 'Svix',
    secret: {
      what: 'Signing secret (whsec_...)',
      where: "The sender's webhook portal > Endpoints > the endpoint",
      by: 'provider',
    },
    setup: "In the sender's webhook portal, add an endpoint with this URL. Then copy its signing secret here.",
    docs: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
    schemes: standardWebhooks('svix'),
    eventType: ['body:type'],
    deliveryId: ['header:svix-id', 'header:webhook-id'],
    sample: { headers: { 'svix-id': 'msg_{uuid}' }, body: SAMPLE_BODY },
  },
  {
    slug: 'hookdeck',
    name: 'Hookdeck',
    secret: { what: 'Signing secret of the project', where: 'Project settings > Secrets', by: 'provider' },
    setup:
      'Create a connection with this URL as an HTTP destination. Keep the default authentication, the Hookdeck signature.',
    docs: 'https://hookdeck.com/docs/authentication',
    schemes: [bodyHmac('x-hookdeck-signature', 'base64'), bodyHmac('x-hookdeck-signature-2', 'base64')],
    eventType: ['body:type'],
    deliveryId: ['header:x-hookdeck-eventid', 'header:x-hookdeck-event-id'],
    sample: { headers: { 'x-hookdeck-eventid': 'evt_{uuid}' }, body: SAMPLE_BODY },
  },
  {
    slug: 'websub',
    name: 'WebSub',
    secret: { what: 'hub.secret', where: 'The hub.secret field of the subscription request', by: 'owner' },
    setup:
      'Send the hub a form with hub.mode=subscribe, the URL of the feed as hub.topic, this URL as hub.callback, and the secret as hub.secret.',
    docs: 'https://www.w3.org/TR/websub/#authenticated-content-distribution',
    schemes: (['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const).map((hash) =>
      bodyHmac('x-hub-signature', 'hex', `${hash.replace('-', '').toLowerCase()}=`, hash)
    ),
    eventType: [],
    deliveryId: [],
    handshakes: [HUB_CHALLENGE],
    sample: {
      headers: { 'content-type': 'application/feed+json' },
      body: '{"version":"https://jsonfeed.org/version/1.1","title":"Mira\'s log","items":[{"id":"{uuid}","content_text":"A new post."}]}',
    },
  },
  {
    slug: 'cloudevents',
    name: 'CloudEvents',
    secret: { what: 'Bearer token', where: "The sender's settings", by: 'owner', optional: true },
    setup:
      "Set this URL as the sender's HTTP sink, with the secret as the bearer token. If the sender asks for permission with an OPTIONS request, we grant it.",
    docs: 'https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md',
    schemes: [{ kind: 'shared-secret', at: 'header:authorization', format: 'bearer' }],
    eventType: ['header:ce-type', 'body:type'],
    deliveryId: ['header:ce-id', 'body:id'],
    sample: {
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: '{"specversion":"1.0","id":"{uuid}","source":"/guestbook","type":"com.example.greeting","data":{"name":"Mira"}}',
    },
  },
]
