import type { Provider } from '../scheme'
import { bodyHmac, listHmac, service, timestampedHmac } from './schemes'

/** Providers for shops, payments, and contracts. */
export const MONEY: readonly Provider[] = [
  service('stripe', 'Stripe', 'provider', {
    schemes: [listHmac('stripe-signature', ['t=', 'v1='], '{timestamp}.{body}', { unit: 's', tolerance: 300 })],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
  }),
  service('shopify', 'Shopify', 'provider', {
    schemes: [bodyHmac(['x-shopify-hmac-sha256', 'shopify-hmac-sha256'], 'base64')],
    eventType: ['header:x-shopify-topic', 'header:shopify-topic'],
    deliveryId: ['header:x-shopify-webhook-id', 'header:shopify-webhook-id', 'header:x-shopify-event-id'],
  }),
  service('square', 'Square', 'provider', {
    schemes: [{ ...bodyHmac('x-square-hmacsha256-signature', 'base64'), signed: '{url}{body}' }],
    eventType: ['body:type'],
    deliveryId: ['body:event_id'],
  }),
  service('paddle', 'Paddle', 'provider', {
    schemes: [
      listHmac('paddle-signature', ['ts=', 'h1='], '{timestamp}:{body}', { list: ';', unit: 's', tolerance: 300 }),
    ],
    eventType: ['body:event_type'],
    deliveryId: ['body:event_id'],
  }),
  service('woocommerce', 'WooCommerce', 'owner', {
    schemes: [bodyHmac('x-wc-webhook-signature', 'base64')],
    eventType: ['header:x-wc-webhook-topic'],
    // All deliveries of one second have the same X-WC-Webhook-Delivery-ID.
    handshakes: [
      {
        name: 'ping',
        when: { method: 'POST', has: ['body:webhook_id'], hasNot: ['header:x-wc-webhook-signature', 'body:id'] },
        answer: { status: 200, text: 'OK' },
      },
    ],
  }),
  service('buy-me-a-coffee', 'Buy Me a Coffee', 'provider', {
    schemes: [bodyHmac('x-signature-sha256', 'hex')],
    eventType: ['body:type'],
    deliveryId: ['body:event_id'],
    // Each test has the ID 1.
    idScope: ['body:created'],
  }),
  service('ko-fi', 'Ko-fi', 'provider', {
    schemes: [{ kind: 'shared-secret', at: 'body:data.verification_token', format: 'plain' }],
    eventType: ['body:data.type'],
    deliveryId: ['body:data.message_id'],
    // The tests of all types have one ID.
    idScope: ['body:data.type'],
  }),
  service('docusign', 'DocuSign', 'provider', {
    schemes: [bodyHmac('x-docusign-signature-*', 'base64')],
    eventType: ['body:event'],
  }),
  service('authorize-net', 'Authorize.Net', 'provider', {
    schemes: [bodyHmac('x-anet-signature', 'hex', 'sha512=', 'SHA-512')],
    eventType: ['body:eventType'],
    deliveryId: ['body:notificationId'],
  }),
  service('webflow', 'Webflow', 'provider', {
    schemes: [
      timestampedHmac('x-webflow-signature', 'hex', '{timestamp}:{body}', {
        at: 'header:x-webflow-timestamp',
        unit: 'ms',
        tolerance: 300,
      }),
    ],
    eventType: ['body:triggerType'],
  }),
]
