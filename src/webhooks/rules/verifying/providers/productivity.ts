import type { Provider } from '../scheme'
import { bodyHmac, listHmac, service, timestampedHmac } from './schemes'

/** Providers for support, forms, meetings, alerts, accounts, and publishing. */
export const PRODUCTIVITY: readonly Provider[] = [
  service('zendesk', 'Zendesk', 'provider', {
    schemes: [
      timestampedHmac('x-zendesk-webhook-signature', 'base64', '{timestamp}{body}', {
        at: 'header:x-zendesk-webhook-signature-timestamp',
        unit: 'iso',
        tolerance: 300,
      }),
    ],
    eventType: ['body:type'],
    // The owner may write the body, and put the id of a ticket there.
    deliveryId: ['header:x-zendesk-webhook-invocation-id', 'body:id'],
  }),
  service('intercom', 'Intercom', 'provider', {
    schemes: [bodyHmac('x-hub-signature', 'hex', 'sha1=', 'SHA-1')],
    eventType: ['body:topic'],
    deliveryId: ['body:id'],
  }),
  service('typeform', 'Typeform', 'owner', {
    schemes: [bodyHmac('typeform-signature', 'base64', 'sha256=')],
    eventType: ['body:event_type'],
    deliveryId: ['body:event_id'],
  }),
  service('calendly', 'Calendly', 'owner', {
    schemes: [
      listHmac('calendly-webhook-signature', ['t=', 'v1='], '{timestamp}.{body}', { unit: 's', tolerance: 300 }),
    ],
    eventType: ['body:event'],
  }),
  service('cal-com', 'Cal.com', 'owner', {
    schemes: [bodyHmac('x-cal-signature-256', 'hex')],
    eventType: ['body:triggerEvent'],
  }),
  service('pagerduty', 'PagerDuty', 'provider', {
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
  }),
  service('workos', 'WorkOS', 'provider', {
    schemes: [listHmac('workos-signature', ['t=', 'v1='], '{timestamp}.{body}', { unit: 'ms', tolerance: 180 })],
    eventType: ['body:event'],
    deliveryId: ['body:id'],
  }),
  service('telnyx', 'Telnyx', 'provider', {
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
  }),
  service('ghost', 'Ghost', 'owner', {
    // Ghost has signed the timestamp since mid-2024. Use custom-hmac for older versions. If this row accepted both, a
    // signature of `{body}{timestamp}` would also be valid for a body that ends with the timestamp.
    schemes: [listHmac('x-ghost-signature', ['t=', 'sha256='], '{body}{timestamp}', { unit: 'ms', tolerance: 300 })],
    eventType: ['body:event', 'key:post', 'key:page', 'key:member', 'key:tag'],
    // The body of each `site.changed` is `{}`.
    usesTime: true,
  }),
  service('elevenlabs', 'ElevenLabs', 'provider', {
    schemes: [listHmac('elevenlabs-signature', ['t=', 'v0='], '{timestamp}.{body}', { unit: 's', tolerance: 1_800 })],
    eventType: ['body:type'],
  }),
]
