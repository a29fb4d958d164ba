import { HUB_CHALLENGE } from '../handshake'
import type { Provider } from '../scheme'
import { bodyHmac, keyPlaces, timestampedHmac } from './schemes'

/** In the Account Activity API, the event type is a key: https://docs.x.com/x-api/account-activity/introduction */
const X_ACTIVITIES = keyPlaces(
  'tweet_create_events tweet_delete_events favorite_events follow_events block_events ' +
    'mute_events direct_message_events direct_message_indicate_typing_events ' +
    'direct_message_mark_read_events user_event'
)

/** Social networks. */
export const SOCIAL: readonly Provider[] = [
  {
    slug: 'meta',
    name: 'Meta (Facebook, Instagram, WhatsApp)',
    secret: { what: 'App secret', where: 'The app > App settings > Basic', by: 'provider' },
    setup:
      "In your app, under Webhooks (or WhatsApp > Configuration), enter this URL as the callback URL, and the verify token from this source's options. Then subscribe to the fields that you need.",
    docs: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
    schemes: [bodyHmac('x-hub-signature-256', 'hex', 'sha256=')],
    eventType: ['body:entry.0.changes.0.field', 'body:object'],
    deliveryId: [],
    handshakes: [HUB_CHALLENGE],
    sample: {
      body: '{"object":"page","entry":[{"id":"1022901","time":{now},"changes":[{"field":"feed","value":{"item":"comment","message":"Lovely page!","from":{"name":"Mira"}}}]}]}',
    },
  },
  {
    slug: 'x',
    name: 'X (Twitter)',
    secret: {
      what: 'API key secret (consumer secret)',
      where: 'Developer portal > the app > Keys and tokens',
      by: 'provider',
    },
    setup: 'Save the consumer secret here first. Then register this URL through the API: POST /2/webhooks.',
    docs: 'https://docs.x.com/x-api/webhooks/quickstart',
    schemes: [{ ...bodyHmac('x-twitter-webhooks-signature', 'base64', 'sha256='), objectOnly: true }],
    eventType: ['body:data.event_type', ...X_ACTIVITIES],
    deliveryId: [],
    handshakes: [
      {
        name: 'crc_token',
        description: 'Signs and returns the token when you register the URL, and every hour after that.',
        when: { method: 'GET', has: ['query:crc_token'] },
        answer: {
          status: 200,
          json: { response_token: { hmac: 'query:crc_token', encoding: 'base64', prefix: 'sha256=' } },
        },
      },
    ],
    sample: {
      body: '{"data":{"event_type":"post.mention.create","payload":{"id":"{now_ms}","text":"@guestbook hello there","author_id":"2244994945"}}}',
    },
  },
  {
    slug: 'twitch',
    name: 'Twitch',
    secret: {
      what: 'Webhook secret, 10 to 100 characters',
      where: 'The transport.secret field of the request that creates the subscription',
      by: 'owner',
    },
    setup:
      'Create the subscription through the API: POST /helix/eventsub/subscriptions with webhook as transport.method, this URL as transport.callback, and the secret as transport.secret.',
    docs: 'https://dev.twitch.tv/docs/eventsub/handling-webhook-events/',
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
        description: 'Echoes the challenge.',
        when: {
          method: 'POST',
          has: [['header:twitch-eventsub-message-type', 'webhook_callback_verification'], 'body:challenge'],
        },
        answer: { status: 200, text: { from: 'body:challenge' } },
      },
    ],
    sample: {
      headers: {
        'twitch-eventsub-message-id': '{uuid}',
        'twitch-eventsub-message-type': 'notification',
        'twitch-eventsub-subscription-type': 'stream.online',
      },
      body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_name":"Mira","type":"live","started_at":"{iso}"}}',
    },
  },
]
