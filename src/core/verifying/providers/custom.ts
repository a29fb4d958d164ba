import type { Hash, Provider } from '../scheme'
import { HUB_CHALLENGE } from './chat'
import { bodyMac, standardWebhooks } from './schemes'

const OWN_WORDS = '{"type":"greeting","id":"{uuid}","name":"Mira","text":"Lovely page!"}'

/** Standards, and whatever else can be described. */
export const ANY: readonly Provider[] = [
  {
    slug: 'standard-webhooks',
    name: 'Standard Webhooks',
    secret: {
      what: 'Signing secret (whsec_...) or public key (whpk_...)',
      where: 'In the settings of the endpoint at the sender',
      by: 'provider',
    },
    setup: 'Add this address as an endpoint at the sender, and copy its signing secret here.',
    docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
    schemes: standardWebhooks('webhook'),
    eventType: ['body:type'],
    deliveryId: ['header:webhook-id', 'header:svix-id'],
    sample: { headers: { 'webhook-id': 'msg_{uuid}' }, body: OWN_WORDS },
  },
  {
    slug: 'svix',
    name: 'Svix',
    secret: {
      what: 'Signing secret (whsec_...)',
      where: "In the sender's webhook portal > Endpoints > the endpoint",
      by: 'provider',
    },
    setup:
      "In the sender's webhook portal, add an endpoint with this address, and copy its secret.",
    docs: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
    schemes: standardWebhooks('svix'),
    eventType: ['body:type'],
    deliveryId: ['header:svix-id', 'header:webhook-id'],
    sample: { headers: { 'svix-id': 'msg_{uuid}' }, body: OWN_WORDS },
  },
  {
    slug: 'hookdeck',
    name: 'Hookdeck',
    secret: {
      what: 'Signing secret of the project',
      where: 'Project settings > Secrets',
      by: 'provider',
    },
    setup:
      'Create a connection with this address as an HTTP destination, signed by Hookdeck (the default).',
    docs: 'https://hookdeck.com/docs/authentication',
    schemes: [
      bodyMac('x-hookdeck-signature', 'base64'),
      bodyMac('x-hookdeck-signature-2', 'base64'),
    ],
    eventType: ['body:type'],
    deliveryId: ['header:x-hookdeck-eventid', 'header:x-hookdeck-event-id'],
    sample: { headers: { 'x-hookdeck-eventid': 'evt_{uuid}' }, body: OWN_WORDS },
  },
  {
    slug: 'websub',
    name: 'WebSub',
    secret: { what: 'hub.secret', where: 'Sent to the hub when subscribing', by: 'owner' },
    setup:
      'Ask the hub, by a form: hub.mode=subscribe, hub.topic with the feed, hub.callback with this address, and hub.secret.',
    docs: 'https://www.w3.org/TR/websub/#authenticated-content-distribution',
    schemes: (['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const).map((hash: Hash) =>
      bodyMac('x-hub-signature', 'hex', `${hash.replace('-', '').toLowerCase()}=`, hash)
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
    secret: { what: 'Bearer token', where: 'Set at the sender', by: 'owner', optional: true },
    setup:
      'Give the sender this address as its HTTP sink, with the secret as bearer token. It may ask for permission by OPTIONS first, and gets it.',
    docs: 'https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md',
    schemes: [{ kind: 'shared-secret', at: 'header:authorization', format: 'bearer' }],
    eventType: ['header:ce-type', 'body:type'],
    deliveryId: ['header:ce-id', 'body:id'],
    sample: {
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: '{"specversion":"1.0","id":"{uuid}","source":"/guestbook","type":"com.example.greeting","data":{"name":"Mira"}}',
    },
  },
  {
    slug: 'event-grid',
    name: 'Azure Event Grid',
    secret: {
      what: 'A secret of your own, as ?code=',
      where: 'In the address that you enter there',
      by: 'owner',
      optional: true,
    },
    setup:
      'Create an event subscription of the type Web Hook with this address and "?code=" and the secret after it.',
    docs: 'https://learn.microsoft.com/en-us/azure/event-grid/end-point-validation-event-grid-events-schema',
    schemes: [{ kind: 'shared-secret', at: 'query:code', format: 'plain' }],
    eventType: ['body:0.eventType', 'header:ce-type', 'body:type'],
    deliveryId: ['body:0.id', 'header:ce-id', 'body:id'],
    handshakes: [
      {
        name: 'SubscriptionValidationEvent',
        description: 'The validation code is sent back.',
        when: {
          method: 'POST',
          has: [
            ['body:0.eventType', 'Microsoft.EventGrid.SubscriptionValidationEvent'],
            'body:0.data.validationCode',
          ],
        },
        answer: {
          status: 200,
          json: { validationResponse: { from: 'body:0.data.validationCode' } },
        },
      },
    ],
    sample: {
      headers: { 'aeg-event-type': 'Notification' },
      body: '[{"id":"{uuid}","subject":"/guestbook/17.txt","eventType":"Microsoft.Storage.BlobCreated","eventTime":"{iso}","data":{"contentType":"text/plain"}}]',
    },
  },
  {
    slug: 'microsoft-graph',
    name: 'Microsoft Graph',
    secret: {
      what: 'clientState, up to 128 characters',
      where: 'Sent when the subscription is created',
      by: 'owner',
    },
    setup:
      'Create the subscription by the API: POST /v1.0/subscriptions with this address as notificationUrl and the secret as clientState. Renew it before it expires.',
    docs: 'https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks',
    schemes: [{ kind: 'shared-secret', at: 'body:value.*.clientState', format: 'plain' }],
    eventType: ['body:value.0.changeType', 'body:value.0.lifecycleEvent'],
    deliveryId: [],
    handshakes: [
      {
        name: 'validationToken',
        description: 'The token is sent back.',
        when: { method: 'POST', has: ['query:validationToken'] },
        answer: { status: 200, text: { from: 'query:validationToken' } },
      },
    ],
    sample: {
      body: '{"value":[{"subscriptionId":"{uuid}","clientState":"{secret}","changeType":"created","resource":"Users/1/Messages/2"}]}',
    },
  },
  {
    slug: 'custom-hmac',
    name: 'Custom: HMAC',
    secret: { what: 'Secret', where: 'Whatever both sides know', by: 'owner' },
    setup:
      'Post to this address with an HMAC of the body under the secret. Header, algorithm, encoding, prefix, what is signed and a timestamp are options.',
    docs: 'https://www.rfc-editor.org/rfc/rfc2104',
    // Where most put it; the option `header` says another.
    schemes: [
      {
        ...bodyMac('x-signature', 'hex'),
        signature: {
          at: ['header:x-signature', 'header:x-signature-256', 'header:x-webhook-signature'],
        },
      },
    ],
    eventType: ['header:x-event-type', 'body:type', 'body:event'],
    deliveryId: ['header:x-delivery-id', 'header:idempotency-key'],
    sample: { headers: { 'x-delivery-id': '{uuid}' }, body: OWN_WORDS },
  },
  {
    slug: 'custom-public-key',
    name: 'Custom: public key',
    secret: { what: 'Public key, as PEM or base64', where: 'At the sender', by: 'provider' },
    setup:
      'Post to this address with a signature of the body. Algorithm (ed25519, ecdsa-p256, rsa-sha256), header, encoding, and what is signed are options.',
    docs: 'https://www.rfc-editor.org/rfc/rfc8032',
    schemes: [
      {
        kind: 'ed25519',
        key: 'raw',
        signature: { at: 'header:x-signature' },
        encoding: 'base64',
        signed: '{body}',
      },
    ],
    eventType: ['header:x-event-type', 'body:type', 'body:event'],
    deliveryId: ['header:x-delivery-id', 'header:idempotency-key'],
    sample: { headers: { 'x-delivery-id': '{uuid}' }, body: OWN_WORDS },
  },
  ...(
    [
      ['bearer-token', 'bearer token', 'header:authorization', 'bearer'],
      ['basic-auth', 'user name and password', 'header:authorization', 'basic'],
      ['header-token', 'secret in a header', 'header:x-webhook-secret', 'plain'],
      ['query-token', 'secret in the query', 'query:token', 'plain'],
    ] as const
  ).map(
    ([slug, what, at, format]): Provider => ({
      slug,
      name: `Custom: ${what}`,
      secret: {
        what: format === 'basic' ? 'Secret, as user:password' : 'Secret',
        where: 'Whatever both sides know',
        by: 'owner',
      },
      setup: `Post to this address with the ${what}. It is proof of who sends, not of what is sent.`,
      docs: 'https://www.rfc-editor.org/rfc/rfc9110#name-authentication-scheme',
      schemes: [{ kind: 'shared-secret', at, format }],
      eventType: ['header:x-event-type', 'body:type', 'body:event'],
      deliveryId: ['header:x-delivery-id', 'header:idempotency-key'],
      sample: { headers: { 'x-delivery-id': '{uuid}' }, body: OWN_WORDS },
    })
  ),
  {
    slug: 'unsigned',
    name: 'Custom: no signature',
    secret: { what: 'None', where: 'Nowhere', by: 'nobody' },
    setup: 'Post to this address. Whoever knows it may: keep it to yourself.',
    docs: 'https://www.w3.org/TR/capability-urls/',
    schemes: [{ kind: 'unsigned' }],
    eventType: ['header:x-event-type', 'body:type', 'body:event'],
    deliveryId: ['header:x-delivery-id', 'header:idempotency-key'],
    sample: { headers: { 'x-delivery-id': '{uuid}' }, body: OWN_WORDS },
  },
]
