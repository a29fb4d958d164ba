import type { Provider } from '../scheme'
import { bodyHmac, listHmac, timestampedHmac } from './schemes'

/** Providers for shops, payments, and contracts. */
export const MONEY: readonly Provider[] = [
  {
    slug: 'stripe',
    name: 'Stripe',
    secret: { by: 'provider' },
    schemes: [listHmac('stripe-signature', ['t=', 'v1='], '{timestamp}.{body}', { unit: 's', tolerance: 300 })],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
  },
  {
    slug: 'shopify',
    name: 'Shopify',
    secret: { by: 'provider' },
    schemes: [bodyHmac(['x-shopify-hmac-sha256', 'shopify-hmac-sha256'], 'base64')],
    eventType: ['header:x-shopify-topic', 'header:shopify-topic'],
    deliveryId: ['header:x-shopify-webhook-id', 'header:shopify-webhook-id', 'header:x-shopify-event-id'],
  },
  {
    slug: 'square',
    name: 'Square',
    secret: { by: 'provider' },
    schemes: [{ ...bodyHmac('x-square-hmacsha256-signature', 'base64'), signed: '{url}{body}' }],
    eventType: ['body:type'],
    deliveryId: ['body:event_id'],
  },
  {
    slug: 'paddle',
    name: 'Paddle',
    secret: { by: 'provider' },
    schemes: [
      listHmac('paddle-signature', ['ts=', 'h1='], '{timestamp}:{body}', { list: ';', unit: 's', tolerance: 300 }),
    ],
    eventType: ['body:event_type'],
    deliveryId: ['body:event_id'],
  },
  {
    slug: 'woocommerce',
    name: 'WooCommerce',
    secret: { by: 'owner' },
    schemes: [bodyHmac('x-wc-webhook-signature', 'base64')],
    eventType: ['header:x-wc-webhook-topic'],
    deliveryId: ['header:x-wc-webhook-delivery-id'],
    handshakes: [
      {
        name: 'ping',
        when: { method: 'POST', has: ['body:webhook_id'], hasNot: ['header:x-wc-webhook-signature', 'body:id'] },
        answer: { status: 200, text: 'OK' },
      },
    ],
  },
  {
    slug: 'buy-me-a-coffee',
    name: 'Buy Me a Coffee',
    secret: { by: 'provider' },
    schemes: [bodyHmac('x-signature-sha256', 'hex')],
    eventType: ['body:type'],
    deliveryId: ['body:event_id'],
  },
  {
    slug: 'ko-fi',
    name: 'Ko-fi',
    secret: { by: 'provider' },
    schemes: [{ kind: 'shared-secret', at: 'body:data.verification_token', format: 'plain' }],
    eventType: ['body:data.type'],
    deliveryId: ['body:data.message_id'],
  },
  {
    slug: 'docusign',
    name: 'DocuSign',
    secret: { by: 'provider' },
    schemes: [bodyHmac('x-docusign-signature-*', 'base64')],
    eventType: ['body:event'],
    deliveryId: [],
  },
  {
    slug: 'authorize-net',
    name: 'Authorize.Net',
    secret: { by: 'provider' },
    schemes: [bodyHmac('x-anet-signature', 'hex', 'sha512=', 'SHA-512')],
    eventType: ['body:eventType'],
    deliveryId: ['body:notificationId'],
  },
  {
    slug: 'webflow',
    name: 'Webflow',
    secret: { by: 'provider' },
    schemes: [
      timestampedHmac('x-webflow-signature', 'hex', '{timestamp}:{body}', {
        at: 'header:x-webflow-timestamp',
        unit: 'ms',
        tolerance: 300,
      }),
    ],
    eventType: ['body:triggerType'],
    deliveryId: [],
  },
]
