import type { Provider } from '../scheme'
import { bodyHmac, service, timestampedHmac } from './schemes'

/** Slack's scheme, which Zoom also uses. */
function slackHmac(header: string, timestampHeader: string) {
  const timestamp = { at: `header:${timestampHeader}`, unit: 's', tolerance: 300 } as const
  return timestampedHmac(header, 'hex', 'v0:{timestamp}:{body}', timestamp, 'v0=')
}

/** Providers for chat and video calls. */
export const CHAT: readonly Provider[] = [
  service('slack', 'Slack', 'provider', {
    schemes: [slackHmac('x-slack-signature', 'x-slack-request-timestamp')],
    eventType: ['body:event.type', 'body:payload.type', 'body:command', 'body:type'],
    deliveryId: ['body:event_id'],
    handshakes: [
      {
        name: 'url_verification',
        when: { method: 'POST', has: [['body:type', 'url_verification'], 'body:challenge'] },
        answer: { status: 200, text: { from: 'body:challenge' } },
      },
    ],
  }),
  service('discord', 'Discord', 'provider', {
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
        when: { method: 'POST', has: [['body:type', '0']] },
        answer: { status: 204 },
        verified: true,
      },
      {
        name: 'PING for interactions',
        when: { method: 'POST', has: [['body:type', '1']], hasNot: ['body:event.type'] },
        answer: { status: 200, json: { type: 1 } },
        verified: true,
      },
    ],
  }),
  service('telegram', 'Telegram', 'owner', {
    schemes: [{ kind: 'shared-secret', at: 'header:x-telegram-bot-api-secret-token', format: 'plain' }],
    // The type of an update is its other key: https://core.telegram.org/bots/api#update
    eventType: ['key:!update_id'],
    deliveryId: ['body:update_id'],
  }),
  service('zoom', 'Zoom', 'provider', {
    schemes: [slackHmac('x-zm-signature', 'x-zm-request-timestamp')],
    eventType: ['body:event'],
    handshakes: [
      {
        name: 'endpoint.url_validation',
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
  }),
  service('microsoft-teams', 'Microsoft Teams (outgoing webhook)', 'provider', {
    schemes: [{ ...bodyHmac('authorization', 'base64', 'HMAC '), key: 'base64' }],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
  }),
]
