import type { Provider } from '../scheme'
import { bodyMac, listMac, timedMac } from './schemes'

/** Support, forms, meetings, alerts, accounts. */
export const WORK: readonly Provider[] = [
  {
    slug: 'zendesk',
    name: 'Zendesk',
    secret: {
      what: 'Signing secret',
      where: 'Admin center > Apps and integrations > Webhooks > the webhook',
      by: 'provider',
    },
    setup:
      'In the Admin center, under Apps and integrations > Webhooks, create one with this address, then reveal its signing secret and copy it here.',
    docs: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
    schemes: [
      timedMac('x-zendesk-webhook-signature', 'base64', '{timestamp}{body}', {
        at: 'header:x-zendesk-webhook-signature-timestamp',
        unit: 'iso',
        tolerance: 300,
      }),
    ],
    eventType: ['body:type'],
    deliveryId: ['body:id', 'header:x-zendesk-webhook-invocation-id'],
    sample: {
      headers: { 'x-zendesk-webhook-invocation-id': '{now_ms}' },
      body: '{"type":"zen:event-type:ticket.created","id":"{uuid}","time":"{iso}","detail":{"id":"35436","subject":"Cannot sign the guestbook"}}',
    },
  },
  {
    slug: 'intercom',
    name: 'Intercom',
    secret: {
      what: 'Client secret of the app',
      where: 'Developer hub > the app > Basic information',
      by: 'provider',
    },
    setup: 'In the Developer hub, under Webhooks of your app, enter this address and the topics.',
    docs: 'https://developers.intercom.com/docs/webhooks/setting-up-webhooks',
    schemes: [bodyMac('x-hub-signature', 'hex', 'sha1=', 'SHA-1')],
    eventType: ['body:topic'],
    deliveryId: ['body:id'],
    sample: {
      body: '{"type":"notification_event","id":"notif_{uuid}","topic":"conversation.user.created","data":{"item":{"type":"conversation","title":"A question"}}}',
    },
  },
  {
    slug: 'typeform',
    name: 'Typeform',
    secret: { what: 'Secret', where: 'Form > Connect > Webhooks > Edit', by: 'owner' },
    setup:
      'Under Connect > Webhooks of the form, add this address, edit it to set the secret, then switch it on.',
    docs: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
    schemes: [bodyMac('typeform-signature', 'base64', 'sha256=')],
    eventType: ['body:event_type'],
    deliveryId: ['body:event_id'],
    sample: {
      body: '{"event_id":"{uuid}","event_type":"form_response","form_response":{"form_id":"gbForm","submitted_at":"{iso}","answers":[{"type":"text","text":"Mira"}]}}',
    },
  },
  {
    slug: 'calendly',
    name: 'Calendly',
    secret: {
      what: 'Signing key',
      where: 'Sent as signing_key when the subscription is created',
      by: 'owner',
    },
    setup:
      'Create the subscription by the API: POST /webhook_subscriptions with this address as url and the secret as signing_key.',
    docs: 'https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures',
    schemes: [
      listMac(
        'calendly-webhook-signature',
        { time: 't=', signature: 'v1=' },
        '{timestamp}.{body}',
        {
          unit: 's',
          tolerance: 300,
        }
      ),
    ],
    eventType: ['body:event'],
    deliveryId: [],
    sample: {
      body: '{"created_at":"{iso}","event":"invitee.created","payload":{"name":"Mira","email":"mira@example.com","scheduled_event":{"name":"Guestbook chat"}}}',
    },
  },
  {
    slug: 'cal-com',
    name: 'Cal.com',
    secret: { what: 'Secret', where: 'Settings > Developer > Webhooks', by: 'owner' },
    setup: 'Under Settings > Developer > Webhooks, add this address and the secret.',
    docs: 'https://cal.com/docs/developing/guides/automation/webhooks',
    schemes: [bodyMac('x-cal-signature-256', 'hex')],
    eventType: ['body:triggerEvent'],
    deliveryId: [],
    sample: {
      body: '{"triggerEvent":"BOOKING_CREATED","createdAt":"{iso}","payload":{"title":"Intro call","attendees":[{"name":"Mira"}],"uid":"{uuid}"}}',
    },
  },
  {
    slug: 'pagerduty',
    name: 'PagerDuty',
    secret: {
      what: 'Webhook secret',
      where: 'Shown once, when the webhook is created',
      by: 'provider',
    },
    setup:
      'Under Integrations > Generic webhooks (v3), create one with this address and copy its secret here.',
    docs: 'https://docs.pagerduty.com/developer/verifying-webhook-signatures',
    schemes: [
      {
        kind: 'hmac',
        hash: 'SHA-256',
        signature: { at: 'header:x-pagerduty-signature', list: ',', prefix: 'v1=' },
        encoding: 'hex',
        signed: '{body}',
      },
    ],
    eventType: ['body:event.event_type'],
    deliveryId: ['body:event.id'],
    sample: {
      body: '{"event":{"id":"{uuid}","event_type":"incident.triggered","occurred_at":"{iso}","data":{"title":"Guestbook queue is stuck","urgency":"high"}}}',
    },
  },
  {
    slug: 'workos',
    name: 'WorkOS',
    secret: {
      what: 'Signing secret',
      where: 'Developer > Webhooks > the endpoint',
      by: 'provider',
    },
    setup: 'Under Webhooks, create an endpoint with this address, then copy its signing secret.',
    docs: 'https://workos.com/docs/events/data-syncing/webhooks',
    schemes: [
      listMac('workos-signature', { time: 't=', signature: 'v1=' }, '{timestamp}.{body}', {
        unit: 'ms',
        tolerance: 180,
      }),
    ],
    eventType: ['body:event'],
    deliveryId: ['body:id'],
    sample: {
      body: '{"id":"event_{uuid}","event":"dsync.user.created","created_at":"{iso}","data":{"object":"directory_user","first_name":"Mira"}}',
    },
  },
  {
    slug: 'telnyx',
    name: 'Telnyx',
    secret: {
      what: 'Public key',
      where: 'Account settings > Keys & credentials',
      by: 'provider',
    },
    setup:
      'Set this address as webhook URL of the profile or the application; the public key of the account goes here.',
    docs: 'https://developers.telnyx.com/docs/development/api-fundamentals/webhooks',
    schemes: [
      {
        kind: 'ed25519',
        key: 'raw',
        signature: { at: 'header:telnyx-signature-ed25519' },
        encoding: 'base64',
        signed: '{timestamp}|{body}',
        timestamp: { at: 'header:telnyx-timestamp', unit: 's', tolerance: 300 },
      },
    ],
    eventType: ['body:data.event_type'],
    deliveryId: ['body:data.id'],
    sample: {
      body: '{"data":{"event_type":"message.received","id":"{uuid}","occurred_at":"{iso}","payload":{"type":"SMS","text":"Lovely page!"}}}',
    },
  },
  {
    slug: 'ghost',
    name: 'Ghost',
    secret: {
      what: 'Secret',
      where: 'Settings > Integrations > the custom integration > the webhook',
      by: 'owner',
    },
    setup:
      'Under Settings > Integrations, add a custom integration and in it a webhook with this address and the secret.',
    docs: 'https://docs.ghost.org/webhooks',
    // Since the middle of 2024. Before, the time was not signed: those can be described as custom-hmac. Both here would let `{body}{timestamp}` pass for a body.
    schemes: [
      listMac('x-ghost-signature', { time: 't=', signature: 'sha256=' }, '{body}{timestamp}', {
        unit: 'ms',
        tolerance: 300,
      }),
    ],
    eventType: ['body:event', 'key:post', 'key:page', 'key:member', 'key:tag'],
    deliveryId: [],
    sample: {
      body: '{"event":"post.published","post":{"current":{"id":"{uuid}","title":"Hello guestbook","url":"https://blog.example/hello/"}}}',
    },
  },
  {
    slug: 'elevenlabs',
    name: 'ElevenLabs',
    secret: { what: 'Webhook secret', where: 'Settings > Webhooks, shown once', by: 'provider' },
    setup:
      'In the settings of the workspace, create a webhook with this address, copy its secret here, then choose it in the settings of the product.',
    docs: 'https://elevenlabs.io/docs/eleven-api/resources/webhooks',
    schemes: [
      {
        kind: 'hmac',
        hash: 'SHA-256',
        signature: { at: 'header:elevenlabs-signature', list: ',', prefix: 'v0=' },
        encoding: 'hex',
        signed: '{timestamp}.{body}',
        timestamp: {
          at: 'header:elevenlabs-signature',
          list: ',',
          prefix: 't=',
          unit: 's',
          tolerance: 1_800,
        },
      },
    ],
    eventType: ['body:type'],
    deliveryId: [],
    sample: {
      body: '{"type":"post_call_transcription","event_timestamp":{now},"data":{"agent_id":"agent_01","conversation_id":"conv_{uuid}","status":"done"}}',
    },
  },
]
