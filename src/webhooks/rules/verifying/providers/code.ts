import type { Provider } from '../scheme'
import { bodyHmac, standardWebhooks, timestampedHmac } from './schemes'

/** Providers for code, issues, and deployments. */
export const CODE: readonly Provider[] = [
  {
    slug: 'github',
    name: 'GitHub',
    secret: { what: 'Webhook secret', by: 'owner' },
    schemes: [bodyHmac('x-hub-signature-256', 'hex', 'sha256=')],
    eventType: ['header:x-github-event'],
    deliveryId: ['header:x-github-delivery'],
  },
  {
    slug: 'gitlab',
    name: 'GitLab',
    secret: { what: 'Signing token (whsec_...)', by: 'provider' },
    schemes: standardWebhooks('webhook').filter(({ kind }) => kind === 'hmac'),
    eventType: ['header:x-gitlab-event', 'body:object_kind'],
    deliveryId: ['header:webhook-id', 'header:idempotency-key'],
  },
  {
    slug: 'gitlab-token',
    name: 'GitLab (secret token)',
    secret: { what: 'Secret token', by: 'owner' },
    schemes: [{ kind: 'shared-secret', at: 'header:x-gitlab-token', format: 'plain' }],
    eventType: ['header:x-gitlab-event', 'body:object_kind'],
    deliveryId: ['header:idempotency-key', 'header:x-gitlab-event-uuid'],
  },
  {
    slug: 'bitbucket',
    name: 'Bitbucket',
    secret: { what: 'Webhook secret', by: 'owner' },
    schemes: [bodyHmac('x-hub-signature', 'hex', 'sha256=')],
    eventType: ['header:x-event-key'],
    deliveryId: ['header:x-request-uuid', 'header:x-request-id'],
  },
  {
    slug: 'jira',
    name: 'Jira',
    secret: { what: 'Secret', by: 'owner' },
    schemes: [bodyHmac('x-hub-signature', 'hex', 'sha256=')],
    eventType: ['body:webhookEvent'],
    deliveryId: ['header:x-atlassian-webhook-identifier'],
  },
  {
    slug: 'linear',
    name: 'Linear',
    secret: { what: 'Signing secret (lin_wh_...)', by: 'provider' },
    schemes: [
      timestampedHmac('linear-signature', 'hex', '{body}', { at: 'body:webhookTimestamp', unit: 'ms', tolerance: 60 }),
    ],
    eventType: ['header:linear-event', 'body:type'],
    deliveryId: ['header:linear-delivery'],
  },
  {
    slug: 'sentry',
    name: 'Sentry',
    secret: { what: 'Client secret', by: 'provider' },
    schemes: [bodyHmac(['sentry-hook-signature', 'sentry-app-signature'], 'hex')],
    eventType: ['header:sentry-hook-resource'],
    deliveryId: ['header:request-id'],
  },
  {
    slug: 'vercel',
    name: 'Vercel',
    secret: { what: 'Webhook secret', by: 'provider' },
    schemes: [bodyHmac('x-vercel-signature', 'hex', '', 'SHA-1')],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
  },
  {
    slug: 'trello',
    name: 'Trello',
    secret: { what: 'Power-Up secret', by: 'provider' },
    schemes: [{ ...bodyHmac('x-trello-webhook', 'base64', '', 'SHA-1'), signed: '{body}{url}' }],
    eventType: ['body:action.type'],
    deliveryId: ['body:action.id'],
  },
  {
    slug: 'asana',
    name: 'Asana',
    secret: { what: 'X-Hook-Secret', by: 'nobody' },
    schemes: [bodyHmac('x-hook-signature', 'hex')],
    eventType: ['body:events.0.action'],
    deliveryId: [],
    handshakes: [
      {
        name: 'X-Hook-Secret',
        when: { method: 'POST', has: ['header:x-hook-secret'], hasNot: ['header:x-hook-signature'] },
        secret: 'header:x-hook-secret',
        answer: { status: 200, headers: { 'X-Hook-Secret': { from: 'header:x-hook-secret' } } },
      },
    ],
  },
  {
    slug: 'notion',
    name: 'Notion',
    secret: { what: 'Verification token (secret_...)', by: 'nobody' },
    schemes: [bodyHmac('x-notion-signature', 'hex', 'sha256=')],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
    handshakes: [
      {
        name: 'verification_token',
        when: { method: 'POST', has: ['body:verification_token'], hasNot: ['body:id'] },
        secret: 'body:verification_token',
        answer: { status: 200, text: 'OK' },
      },
    ],
  },
]
