import type { Provider } from '../scheme'
import { bodyHmac, listHmac, timestampedHmac } from './schemes'

/** Providers for shops, payments, and contracts. */
export const MONEY: readonly Provider[] = [
  {
    slug: 'stripe',
    name: 'Stripe',
    secret: {
      what: 'Signing secret (whsec_...)',
      where: 'Developers > Webhooks > the destination > Signing secret',
      by: 'provider',
    },
    setup:
      'Under Developers > Webhooks, add a destination with this URL. Then reveal its signing secret and copy it here.',
    docs: 'https://docs.stripe.com/webhooks/signature',
    schemes: [listHmac('stripe-signature', ['t=', 'v1='], '{timestamp}.{body}', { unit: 's', tolerance: 300 })],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
    sample: {
      body: '{"id":"evt_{uuid}","object":"event","created":{now},"livemode":false,"type":"checkout.session.completed","data":{"object":{"object":"checkout.session","amount_total":1500,"currency":"eur","customer_details":{"name":"Mira"}}}}',
    },
  },
  {
    slug: 'shopify',
    name: 'Shopify',
    secret: {
      what: 'Client secret of the app, or signing key of the shop',
      where: 'App: Settings > Credentials. Shop: Settings > Notifications > Webhooks',
      by: 'provider',
    },
    setup:
      'Under Settings > Notifications > Webhooks, create a webhook with this URL and the JSON format. Then copy the signing key from that page here.',
    docs: 'https://shopify.dev/docs/apps/build/webhooks/verify-deliveries',
    schemes: [bodyHmac(['x-shopify-hmac-sha256', 'shopify-hmac-sha256'], 'base64')],
    eventType: ['header:x-shopify-topic', 'header:shopify-topic'],
    deliveryId: ['header:x-shopify-webhook-id', 'header:shopify-webhook-id', 'header:x-shopify-event-id'],
    sample: {
      headers: {
        'x-shopify-api-version': '2026-07',
        'x-shopify-topic': 'orders/create',
        'x-shopify-shop-domain': 'guestbook-shop.myshopify.com',
        'x-shopify-webhook-id': '{uuid}',
      },
      body: '{"id":820982911,"name":"#1042","currency":"EUR","total_price":"24.00","line_items":[{"title":"Enamel pin","quantity":2}],"customer":{"first_name":"Mira"}}',
    },
  },
  {
    slug: 'square',
    name: 'Square',
    secret: {
      what: 'Signature key',
      where: 'Developer Console > the application > Webhooks > Subscriptions',
      by: 'provider',
    },
    setup:
      'In the Developer Console, under Webhooks > Subscriptions, add a subscription with this URL. Then show its signature key and copy it here.',
    docs: 'https://developer.squareup.com/docs/webhooks/step3validate',
    schemes: [{ ...bodyHmac('x-square-hmacsha256-signature', 'base64'), signed: '{url}{body}' }],
    eventType: ['body:type'],
    deliveryId: ['body:event_id'],
    sample: {
      body: '{"merchant_id":"MLGUEST","type":"payment.updated","event_id":"{uuid}","data":{"type":"payment","object":{"payment":{"status":"COMPLETED","amount_money":{"amount":1500,"currency":"GBP"}}}}}',
    },
  },
  {
    slug: 'paddle',
    name: 'Paddle',
    secret: {
      what: 'Endpoint secret key',
      where: 'Developer tools > Notifications > the destination > Edit',
      by: 'provider',
    },
    setup:
      'Under Developer tools > Notifications, add a destination with this URL. Then open it again and copy its secret key here.',
    docs: 'https://developer.paddle.com/webhooks/about/signature-verification',
    schemes: [
      listHmac('paddle-signature', ['ts=', 'h1='], '{timestamp}:{body}', { list: ';', unit: 's', tolerance: 300 }),
    ],
    eventType: ['body:event_type'],
    deliveryId: ['body:event_id'],
    sample: {
      body: '{"event_id":"evt_{uuid}","event_type":"transaction.completed","occurred_at":"{iso}","data":{"status":"completed","currency_code":"EUR"}}',
    },
  },
  {
    slug: 'woocommerce',
    name: 'WooCommerce',
    secret: { what: 'Secret', where: 'WooCommerce > Settings > Advanced > Webhooks > Secret', by: 'owner' },
    setup:
      'Under WooCommerce > Settings > Advanced > Webhooks, add a webhook. Set its status to Active, enter this URL as the delivery URL, and enter the secret (letters and digits).',
    docs: 'https://woocommerce.com/document/webhooks/',
    schemes: [bodyHmac('x-wc-webhook-signature', 'base64')],
    eventType: ['header:x-wc-webhook-topic'],
    deliveryId: ['header:x-wc-webhook-delivery-id'],
    handshakes: [
      {
        name: 'ping',
        description: 'Responds to the unsigned ping that WooCommerce sends when you save the webhook.',
        when: { method: 'POST', has: ['body:webhook_id'], hasNot: ['header:x-wc-webhook-signature', 'body:id'] },
        answer: { status: 200, text: 'OK' },
      },
    ],
    sample: {
      headers: { 'x-wc-webhook-topic': 'order.created', 'x-wc-webhook-delivery-id': '{uuid}' },
      body: '{"id":727,"status":"processing","currency":"EUR","total":"17.85","billing":{"first_name":"Mira"}}',
    },
  },
  {
    slug: 'docusign',
    name: 'DocuSign',
    secret: { what: 'HMAC key', where: 'Admin > Integrations > Connect > Connect keys (shown once)', by: 'provider' },
    setup:
      'Add a key under Connect keys and copy it here. Then, under Connect, add a configuration with this URL and the JSON format, and select "Include HMAC signature".',
    docs: 'https://developers.docusign.com/platform/webhooks/connect/validate',
    schemes: [bodyHmac('x-docusign-signature-*', 'base64')],
    eventType: ['body:event'],
    deliveryId: [],
    sample: {
      body: '{"event":"envelope-completed","retryCount":0,"generatedDateTime":"{iso}","data":{"envelopeId":"3f8a2b6c","envelopeSummary":{"status":"completed"}}}',
    },
  },
  {
    slug: 'authorize-net',
    name: 'Authorize.Net',
    secret: { what: 'Signature key', where: 'Account > Settings > API credentials & keys', by: 'provider' },
    setup:
      'Create a signature key and copy it here. Then, under Account > Settings > Webhooks, add an active endpoint with this URL.',
    docs: 'https://developer.authorize.net/api/reference/features/webhooks.html',
    schemes: [bodyHmac('x-anet-signature', 'hex', 'sha512=', 'SHA-512')],
    eventType: ['body:eventType'],
    deliveryId: ['body:notificationId'],
    sample: {
      body: '{"notificationId":"{uuid}","eventType":"net.authorize.payment.authcapture.created","payload":{"authAmount":17.5}}',
    },
  },
  {
    slug: 'webflow',
    name: 'Webflow',
    secret: {
      what: 'Client secret of the app, or secretKey of the webhook',
      where: 'Workspace settings > Apps & integrations, or the API response',
      by: 'provider',
    },
    setup: 'Create the webhook through the API: POST /v2/sites/{site_id}/webhooks with this URL.',
    docs: 'https://developers.webflow.com/data/docs/working-with-webhooks',
    schemes: [
      timestampedHmac('x-webflow-signature', 'hex', '{timestamp}:{body}', {
        at: 'header:x-webflow-timestamp',
        unit: 'ms',
        tolerance: 300,
      }),
    ],
    eventType: ['body:triggerType'],
    deliveryId: [],
    sample: {
      body: '{"triggerType":"form_submission","payload":{"name":"Guestbook","data":{"Name":"Mira","Message":"Lovely page!"},"id":"{uuid}"}}',
    },
  },
]
