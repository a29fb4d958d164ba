import type { Handshake, Provider } from '../scheme'
import { bodyMac, namesOf, timedMac } from './schemes'

/** WebSub and all that is made after it: https://www.w3.org/TR/websub/#hub-verifies-intent */
export const HUB_CHALLENGE: Handshake = {
  name: 'hub.challenge',
  description: 'The challenge is sent back.',
  // Nobody is to end a subscription by knowing the address.
  when: { method: 'GET', has: [['query:hub.mode', 'subscribe'], 'query:hub.challenge'] },
  token: 'query:hub.verify_token',
  answer: { status: 200, text: { from: 'query:hub.challenge' } },
}

/** An update is what its other field is called: https://core.telegram.org/bots/api#update */
const TELEGRAM_UPDATES = namesOf(
  'message edited_message channel_post edited_channel_post callback_query inline_query ' +
    'chosen_inline_result message_reaction message_reaction_count my_chat_member ' +
    'chat_member chat_join_request chat_boost removed_chat_boost poll poll_answer ' +
    'pre_checkout_query shipping_query purchased_paid_media business_connection ' +
    'business_message edited_business_message deleted_business_messages'
)

/** https://docs.x.com/x-api/account-activity/introduction */
const X_ACTIVITIES = namesOf(
  'tweet_create_events tweet_delete_events favorite_events follow_events block_events ' +
    'mute_events direct_message_events direct_message_indicate_typing_events ' +
    'direct_message_mark_read_events user_event'
)

const META: Provider = {
  slug: 'meta',
  name: 'Meta (Facebook, Instagram, WhatsApp)',
  secret: { what: 'App secret', where: 'The app > App settings > Basic', by: 'provider' },
  setup:
    'Under Webhooks (or WhatsApp > Configuration) in your app, enter this address as callback URL, and the verify token that you set here as an option; then subscribe to the fields that you want.',
  docs: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
  schemes: [bodyMac('x-hub-signature-256', 'hex', 'sha256=')],
  eventType: ['body:entry.0.changes.0.field', 'body:object'],
  deliveryId: [],
  handshakes: [HUB_CHALLENGE],
  sample: {
    body: '{"object":"page","entry":[{"id":"1022901","time":{now},"changes":[{"field":"feed","value":{"item":"comment","message":"Lovely page!","from":{"name":"Mira"}}}]}]}',
  },
}

/** Talk, video, social. */
export const CHAT: readonly Provider[] = [
  {
    slug: 'slack',
    name: 'Slack',
    secret: {
      what: 'Signing secret',
      where: 'api.slack.com/apps > the app > Basic information > App credentials',
      by: 'provider',
    },
    setup:
      'Save the signing secret here first. Then, under Event subscriptions, enter this address as request URL.',
    docs: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
    schemes: [
      timedMac(
        'x-slack-signature',
        'hex',
        'v0:{timestamp}:{body}',
        { at: 'header:x-slack-request-timestamp', unit: 's', tolerance: 300 },
        'v0='
      ),
    ],
    eventType: ['body:event.type', 'body:payload.type', 'body:command', 'body:type'],
    deliveryId: ['body:event_id'],
    handshakes: [
      {
        name: 'url_verification',
        description: 'The challenge is sent back.',
        when: { method: 'POST', has: [['body:type', 'url_verification'], 'body:challenge'] },
        answer: { status: 200, text: { from: 'body:challenge' } },
      },
    ],
    sample: {
      body: '{"team_id":"T0GUEST01","event":{"type":"message","user":"U0MIRA001","text":"Signed the guestbook!","channel":"C0GUEST01"},"type":"event_callback","event_id":"Ev{uuid}","event_time":{now}}',
    },
  },
  {
    slug: 'discord',
    name: 'Discord',
    secret: {
      what: 'Public key',
      where: 'discord.com/developers > the application > General information',
      by: 'provider',
    },
    setup:
      'Save the public key here first. Then enter this address on the Webhooks page of your application (or as interactions endpoint URL).',
    docs: 'https://docs.discord.com/developers/interactions/overview',
    schemes: [
      {
        kind: 'ed25519',
        key: 'raw',
        signature: { at: 'header:x-signature-ed25519' },
        encoding: 'hex',
        signed: '{timestamp}{body}',
        timestamp: { at: 'header:x-signature-timestamp', unit: 's', tolerance: 300 },
      },
    ],
    eventType: ['body:event.type', 'body:data.name', 'body:type'],
    deliveryId: ['body:id'],
    strict: true,
    handshakes: [
      {
        name: 'PING of webhook events',
        description: 'Answered with 204.',
        when: { method: 'POST', has: [['body:type', '0']] },
        answer: { status: 204 },
        verified: true,
      },
      {
        name: 'PING of interactions',
        description: 'Answered with {"type": 1}.',
        when: { method: 'POST', has: [['body:type', '1']], hasNot: ['body:event.type'] },
        answer: { status: 200, json: { type: 1 } },
        verified: true,
      },
    ],
    sample: {
      body: '{"version":1,"application_id":"1234560149643324752","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"{iso}","data":{"user":{"id":"302240147","username":"mira"}}}}',
    },
  },
  {
    slug: 'telegram',
    name: 'Telegram',
    secret: {
      what: 'secret_token',
      where: 'Given to setWebhook: letters, digits, _ and -',
      by: 'owner',
    },
    setup: 'Call setWebhook of your bot with this address as url and the secret as secret_token.',
    docs: 'https://core.telegram.org/bots/api#setwebhook',
    schemes: [
      { kind: 'shared-secret', at: 'header:x-telegram-bot-api-secret-token', format: 'plain' },
    ],
    eventType: TELEGRAM_UPDATES,
    deliveryId: ['body:update_id'],
    sample: {
      body: '{"update_id":{now},"message":{"message_id":42,"from":{"id":111,"first_name":"Mira"},"chat":{"id":111,"type":"private"},"date":{now},"text":"Lovely page!"}}',
    },
  },
  META,
  {
    slug: 'x',
    name: 'X (Twitter)',
    secret: {
      what: 'API key secret (consumer secret)',
      where: 'Developer portal > the app > Keys and tokens',
      by: 'provider',
    },
    setup:
      'Save the consumer secret here first. Then register this address by the API: POST /2/webhooks.',
    docs: 'https://docs.x.com/x-api/webhooks/quickstart',
    schemes: [
      { ...bodyMac('x-twitter-webhooks-signature', 'base64', 'sha256='), objectOnly: true },
    ],
    eventType: ['body:data.event_type', ...X_ACTIVITIES],
    deliveryId: [],
    handshakes: [
      {
        name: 'crc_token',
        description: 'The token is signed and sent back, at registration and every hour.',
        when: { method: 'GET', has: ['query:crc_token'] },
        answer: {
          status: 200,
          json: {
            response_token: { hmac: 'query:crc_token', encoding: 'base64', prefix: 'sha256=' },
          },
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
      where: 'Sent as transport.secret when the subscription is created',
      by: 'owner',
    },
    setup:
      'Create the subscription by the API: POST /helix/eventsub/subscriptions with transport.method webhook, this address as callback and the secret.',
    docs: 'https://dev.twitch.tv/docs/eventsub/handling-webhook-events/',
    schemes: [
      timedMac(
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
        description: 'The challenge is sent back.',
        when: {
          method: 'POST',
          has: [
            ['header:twitch-eventsub-message-type', 'webhook_callback_verification'],
            'body:challenge',
          ],
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
  {
    slug: 'zoom',
    name: 'Zoom',
    secret: {
      what: 'Secret token',
      where: 'App marketplace > Manage > the app > Features > Access',
      by: 'provider',
    },
    setup:
      'Save the secret token here first. Then, under Features > Access, add an event subscription with this address and press Validate.',
    docs: 'https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events',
    schemes: [
      timedMac(
        'x-zm-signature',
        'hex',
        'v0:{timestamp}:{body}',
        { at: 'header:x-zm-request-timestamp', unit: 's', tolerance: 300 },
        'v0='
      ),
    ],
    eventType: ['body:event'],
    deliveryId: [],
    handshakes: [
      {
        name: 'endpoint.url_validation',
        description: 'The token is signed and sent back, every three days.',
        when: {
          method: 'POST',
          has: [['body:event', 'endpoint.url_validation'], 'body:payload.plainToken'],
        },
        answer: {
          status: 200,
          json: {
            plainToken: { from: 'body:payload.plainToken' },
            encryptedToken: { hmac: 'body:payload.plainToken', encoding: 'hex' },
          },
        },
      },
    ],
    sample: {
      body: '{"event":"meeting.started","event_ts":{now_ms},"payload":{"account_id":"AAAA","object":{"id":"1234567890","topic":"Guestbook review","host_id":"x1yC"}}}',
    },
  },
  {
    slug: 'microsoft-teams',
    name: 'Microsoft Teams (outgoing webhook)',
    secret: { what: 'Security token', where: 'Shown once, when it is created', by: 'provider' },
    setup:
      'In the team, under Manage team > Apps, create an outgoing webhook with this address and copy its token here.',
    docs: 'https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook',
    schemes: [{ ...bodyMac('authorization', 'base64', 'HMAC '), key: 'base64' }],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
    sample: {
      body: '{"type":"message","id":"{now_ms}","timestamp":"{iso}","from":{"name":"Mira"},"text":"<at>Guestbook</at> lovely page!"}',
    },
  },
]
