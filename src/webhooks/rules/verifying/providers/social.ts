import { HUB_CHALLENGE } from '../handshake'
import type { ValuePlace } from '../request'
import type { Provider } from '../scheme'
import { bodyHmac, service, timestampedHmac } from './schemes'

/** In the Account Activity API, the event type is a key: https://docs.x.com/x-api/account-activity/introduction */
const X_ACTIVITIES = [
  'tweet_create_events',
  'tweet_delete_events',
  'favorite_events',
  'follow_events',
  'block_events',
  'mute_events',
  'direct_message_events',
  'direct_message_indicate_typing_events',
  'direct_message_mark_read_events',
  'user_event',
].map((name): ValuePlace => `key:${name}`)

/** Social networks. */
export const SOCIAL: readonly Provider[] = [
  service('meta', 'Meta (Facebook, Instagram, WhatsApp)', 'provider', {
    schemes: [bodyHmac('x-hub-signature-256', 'hex', 'sha256=')],
    eventType: ['body:entry.0.changes.0.field', 'body:object'],
    handshakes: [HUB_CHALLENGE],
  }),
  service('x', 'X (Twitter)', 'provider', {
    schemes: [{ ...bodyHmac('x-twitter-webhooks-signature', 'base64', 'sha256='), objectOnly: true }],
    eventType: ['body:data.event_type', ...X_ACTIVITIES],
    handshakes: [
      {
        name: 'crc_token',
        when: { method: 'GET', has: ['query:crc_token'] },
        answer: {
          status: 200,
          json: { response_token: { hmac: 'query:crc_token', encoding: 'base64', prefix: 'sha256=' } },
        },
      },
    ],
  }),
  service('twitch', 'Twitch', 'owner', {
    schemes: [
      timestampedHmac(
        'twitch-eventsub-message-signature',
        'hex',
        '{header:twitch-eventsub-message-id}{timestamp}{body}',
        { at: 'header:twitch-eventsub-message-timestamp', unit: 'iso', tolerance: 600 },
        'sha256='
      ),
    ],
    eventType: ['header:twitch-eventsub-subscription-type'],
    deliveryId: ['header:twitch-eventsub-message-id'],
    handshakes: [
      {
        name: 'webhook_callback_verification',
        when: {
          method: 'POST',
          has: [['header:twitch-eventsub-message-type', 'webhook_callback_verification'], 'body:challenge'],
        },
        answer: { status: 200, text: { from: 'body:challenge' } },
      },
      {
        name: 'revocation',
        when: { method: 'POST', has: [['header:twitch-eventsub-message-type', 'revocation']] },
        answer: { status: 204 },
        verified: true,
      },
    ],
  }),
]
