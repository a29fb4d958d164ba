import type { Provider } from '../scheme'
import { bodyHmac, keyPlaces, timestampedHmac } from './schemes'

/** The type of an update is one of its keys: https://core.telegram.org/bots/api#update */
const TELEGRAM_UPDATES = keyPlaces(
  'message edited_message channel_post edited_channel_post callback_query inline_query ' +
    'chosen_inline_result message_reaction message_reaction_count my_chat_member ' +
    'chat_member chat_join_request chat_boost removed_chat_boost poll poll_answer ' +
    'pre_checkout_query shipping_query purchased_paid_media business_connection ' +
    'business_message edited_business_message deleted_business_messages'
)

/** Slack's scheme, which Zoom also uses. */
function slackHmac(header: string, timestampHeader: string) {
  const timestamp = { at: `header:${timestampHeader}`, unit: 's', tolerance: 300 } as const
  return timestampedHmac(header, 'hex', 'v0:{timestamp}:{body}', timestamp, 'v0=')
}

/** Providers for chat and video calls. */
export const CHAT: readonly Provider[] = [
  {
    slug: 'slack',
    name: 'Slack',
    secret: {
      what: 'Signing secret',
      where: 'api.slack.com/apps > the app > Basic information > App credentials',
      by: 'provider',
    },
    setup: 'Save the signing secret here first. Then, under Event subscriptions, enter this URL as the request URL.',
    docs: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
    schemes: [slackHmac('x-slack-signature', 'x-slack-request-timestamp')],
    eventType: ['body:event.type', 'body:payload.type', 'body:command', 'body:type'],
    deliveryId: ['body:event_id'],
    handshakes: [
      {
        name: 'url_verification',
        description: 'Echoes the challenge.',
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
      'Save the public key here first. Then enter this URL on the Webhooks page of your application, or as its interactions endpoint URL.',
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
        name: 'PING for webhook events',
        description: 'Responds with 204.',
        when: { method: 'POST', has: [['body:type', '0']] },
        answer: { status: 204 },
        verified: true,
      },
      {
        name: 'PING for interactions',
        description: 'Responds with {"type": 1}.',
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
      where: 'The secret_token parameter of setWebhook (letters, digits, _ and -)',
      by: 'owner',
    },
    setup: 'Call setWebhook for your bot, with this URL as url and the secret as secret_token.',
    docs: 'https://core.telegram.org/bots/api#setwebhook',
    schemes: [{ kind: 'shared-secret', at: 'header:x-telegram-bot-api-secret-token', format: 'plain' }],
    eventType: TELEGRAM_UPDATES,
    deliveryId: ['body:update_id'],
    sample: {
      body: '{"update_id":{now},"message":{"message_id":42,"from":{"id":111,"first_name":"Mira"},"chat":{"id":111,"type":"private"},"date":{now},"text":"Lovely page!"}}',
    },
  },
  {
    slug: 'zoom',
    name: 'Zoom',
    secret: { what: 'Secret token', where: 'App Marketplace > Manage > the app > Features > Access', by: 'provider' },
    setup:
      'Save the secret token here first. Then, under Features > Access, add an event subscription with this URL and press Validate.',
    docs: 'https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events',
    schemes: [slackHmac('x-zm-signature', 'x-zm-request-timestamp')],
    eventType: ['body:event'],
    deliveryId: [],
    handshakes: [
      {
        name: 'endpoint.url_validation',
        description: 'Signs and returns the token when you validate the URL, and every three days after that.',
        when: { method: 'POST', has: [['body:event', 'endpoint.url_validation'], 'body:payload.plainToken'] },
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
    secret: { what: 'Security token', where: 'Shown once, when you create the webhook', by: 'provider' },
    setup:
      'In the team, under Manage team > Apps, create an outgoing webhook with this URL. Then copy its security token here.',
    docs: 'https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook',
    schemes: [{ ...bodyHmac('authorization', 'base64', 'HMAC '), key: 'base64' }],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
    sample: {
      body: '{"type":"message","id":"{now_ms}","timestamp":"{iso}","from":{"name":"Mira"},"text":"<at>Guestbook</at> lovely page!"}',
    },
  },
]
