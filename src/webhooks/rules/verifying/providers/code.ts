import type { Provider } from '../scheme'
import { bodyHmac, service, standardWebhooks, timestampedHmac } from './schemes'

/** Providers for code, issues, and deployments. */
export const CODE: readonly Provider[] = [
  service('github', 'GitHub', 'owner', {
    schemes: [bodyHmac('x-hub-signature-256', 'hex', 'sha256=')],
    eventType: ['header:x-github-event'],
    deliveryId: ['header:x-github-delivery'],
  }),
  service('gitlab', 'GitLab', 'provider', {
    schemes: standardWebhooks('webhook').slice(0, 1),
    eventType: ['header:x-gitlab-event', 'body:object_kind'],
    deliveryId: ['header:webhook-id', 'header:idempotency-key'],
  }),
  service('gitlab-token', 'GitLab (secret token)', 'owner', {
    schemes: [{ kind: 'shared-secret', at: 'header:x-gitlab-token', format: 'plain' }],
    eventType: ['header:x-gitlab-event', 'body:object_kind'],
    deliveryId: ['header:idempotency-key', 'header:x-gitlab-event-uuid'],
  }),
  service('gitea', 'Gitea, Forgejo', 'owner', {
    schemes: [bodyHmac(['x-gitea-signature', 'x-forgejo-signature'], 'hex')],
    eventType: ['header:x-gitea-event', 'header:x-forgejo-event'],
    deliveryId: ['header:x-gitea-delivery', 'header:x-forgejo-delivery'],
  }),
  service('bitbucket', 'Bitbucket', 'owner', {
    schemes: [bodyHmac('x-hub-signature', 'hex', 'sha256=')],
    eventType: ['header:x-event-key'],
    deliveryId: ['header:x-request-uuid', 'header:x-request-id'],
  }),
  service('jira', 'Jira', 'owner', {
    schemes: [bodyHmac('x-hub-signature', 'hex', 'sha256=')],
    eventType: ['body:webhookEvent'],
    deliveryId: ['header:x-atlassian-webhook-identifier'],
  }),
  service('linear', 'Linear', 'provider', {
    schemes: [
      timestampedHmac('linear-signature', 'hex', '{body}', { at: 'body:webhookTimestamp', unit: 'ms', tolerance: 60 }),
    ],
    eventType: ['header:linear-event', 'body:type'],
    deliveryId: ['header:linear-delivery'],
  }),
  service('sentry', 'Sentry', 'provider', {
    schemes: [bodyHmac(['sentry-hook-signature', 'sentry-app-signature'], 'hex')],
    eventType: ['header:sentry-hook-resource'],
    deliveryId: ['header:request-id'],
  }),
  service('vercel', 'Vercel', 'provider', {
    schemes: [bodyHmac('x-vercel-signature', 'hex', '', 'SHA-1')],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
  }),
  service('trello', 'Trello', 'provider', {
    schemes: [{ ...bodyHmac('x-trello-webhook', 'base64', '', 'SHA-1'), signed: '{body}{url}' }],
    eventType: ['body:action.type'],
    deliveryId: ['body:action.id'],
  }),
  service('asana', 'Asana', 'nobody', {
    schemes: [bodyHmac('x-hook-signature', 'hex')],
    eventType: ['body:events.0.action'],
    handshakes: [
      {
        name: 'X-Hook-Secret',
        when: { method: 'POST', has: ['header:x-hook-secret'], hasNot: ['header:x-hook-signature'] },
        secret: 'header:x-hook-secret',
        answer: { status: 200, headers: { 'X-Hook-Secret': { from: 'header:x-hook-secret' } } },
      },
    ],
  }),
  service('notion', 'Notion', 'nobody', {
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
  }),
]
