import type { Provider } from '../scheme'
import { bodyHmac, standardWebhooks, timestampedHmac } from './schemes'

/** Providers for code, issues, and deployments. */
export const CODE: readonly Provider[] = [
  {
    slug: 'github',
    name: 'GitHub',
    secret: { what: 'Webhook secret', where: 'Repository or organization > Settings > Webhooks > Secret', by: 'owner' },
    setup:
      'Under Settings > Webhooks, add a webhook. Enter this URL as the payload URL, choose the content type application/json, enter the secret, and select the events that you need.',
    docs: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
    schemes: [bodyHmac('x-hub-signature-256', 'hex', 'sha256=')],
    eventType: ['header:x-github-event'],
    deliveryId: ['header:x-github-delivery'],
    sample: {
      headers: { 'x-github-event': 'star', 'x-github-delivery': '{uuid}', 'user-agent': 'GitHub-Hookshot/sample' },
      body: '{"action":"created","starred_at":"{iso}","repository":{"id":9001,"name":"guestbook","full_name":"example/guestbook","html_url":"https://github.com/example/guestbook"},"sender":{"login":"mira-dev","id":501,"html_url":"https://github.com/mira-dev"}}',
    },
  },
  {
    slug: 'gitlab',
    name: 'GitLab',
    secret: {
      what: 'Signing token (whsec_...)',
      where: 'Project or group > Settings > Webhooks > Signing token (shown once)',
      by: 'provider',
    },
    setup:
      'Under Settings > Webhooks, add a webhook with this URL. Generate a signing token and copy it here before you save. For GitLab before 19.0, choose the provider "GitLab (secret token)" instead.',
    docs: 'https://docs.gitlab.com/user/project/integrations/webhooks/#signing-tokens',
    schemes: standardWebhooks('webhook').filter(({ kind }) => kind === 'hmac'),
    eventType: ['header:x-gitlab-event', 'body:object_kind'],
    deliveryId: ['header:webhook-id', 'header:idempotency-key'],
    sample: {
      headers: { 'x-gitlab-event': 'Push Hook', 'webhook-id': '{uuid}' },
      body: '{"object_kind":"push","ref":"refs/heads/main","user_name":"Mira","project":{"name":"guestbook","path_with_namespace":"example/guestbook"},"total_commits_count":1}',
    },
  },
  {
    slug: 'gitlab-token',
    name: 'GitLab (secret token)',
    secret: { what: 'Secret token', where: 'Project or group > Settings > Webhooks > Secret token', by: 'owner' },
    setup: 'Under Settings > Webhooks, add a webhook with this URL. Enter the secret as its secret token.',
    docs: 'https://docs.gitlab.com/user/project/integrations/webhooks/',
    schemes: [{ kind: 'shared-secret', at: 'header:x-gitlab-token', format: 'plain' }],
    eventType: ['header:x-gitlab-event', 'body:object_kind'],
    deliveryId: ['header:idempotency-key', 'header:x-gitlab-event-uuid'],
    sample: {
      headers: { 'x-gitlab-event': 'Issue Hook', 'idempotency-key': '{uuid}' },
      body: '{"object_kind":"issue","user":{"name":"Mira"},"project":{"path_with_namespace":"example/guestbook"},"object_attributes":{"iid":8,"title":"Typo","action":"open"}}',
    },
  },
  {
    slug: 'bitbucket',
    name: 'Bitbucket',
    secret: { what: 'Webhook secret', where: 'Repository settings > Webhooks > Secret', by: 'owner' },
    setup: 'Under Repository settings > Webhooks, add a webhook with this URL and the secret.',
    docs: 'https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/',
    schemes: [bodyHmac('x-hub-signature', 'hex', 'sha256=')],
    eventType: ['header:x-event-key'],
    deliveryId: ['header:x-request-uuid', 'header:x-request-id'],
    sample: {
      headers: { 'x-event-key': 'repo:push', 'x-request-uuid': '{uuid}' },
      body: '{"actor":{"display_name":"Mira"},"repository":{"full_name":"example/guestbook"},"push":{"changes":[{"new":{"type":"branch","name":"main"}}]}}',
    },
  },
  {
    slug: 'jira',
    name: 'Jira',
    secret: { what: 'Secret', where: 'Settings > System > WebHooks > Secret', by: 'owner' },
    setup:
      'As an administrator, go to System > WebHooks and create a webhook with this URL and the secret. Webhooks registered by apps use a different signature.',
    docs: 'https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks',
    schemes: [bodyHmac('x-hub-signature', 'hex', 'sha256=')],
    eventType: ['body:webhookEvent'],
    deliveryId: ['header:x-atlassian-webhook-identifier'],
    sample: {
      headers: { 'x-atlassian-webhook-identifier': '{uuid}' },
      body: '{"timestamp":{now_ms},"webhookEvent":"jira:issue_created","user":{"displayName":"Mira"},"issue":{"key":"GB-17","fields":{"summary":"Answer Mira"}}}',
    },
  },
  {
    slug: 'linear',
    name: 'Linear',
    secret: { what: 'Signing secret (lin_wh_...)', where: 'Settings > API > Webhooks > the webhook', by: 'provider' },
    setup: 'Under Settings > API, add a webhook with this URL. Then copy its signing secret here.',
    docs: 'https://linear.app/developers/webhooks#securing-webhooks',
    schemes: [
      timestampedHmac('linear-signature', 'hex', '{body}', { at: 'body:webhookTimestamp', unit: 'ms', tolerance: 60 }),
    ],
    eventType: ['header:linear-event', 'body:type'],
    deliveryId: ['header:linear-delivery'],
    sample: {
      headers: { 'linear-event': 'Issue', 'linear-delivery': '{uuid}' },
      body: '{"action":"create","type":"Issue","actor":{"name":"Mira"},"data":{"identifier":"GB-12","title":"Counter shows minus one"},"webhookTimestamp":{now_ms}}',
    },
  },
  {
    slug: 'sentry',
    name: 'Sentry',
    secret: {
      what: 'Client secret',
      where: 'Settings > Developer settings > the integration > Credentials',
      by: 'provider',
    },
    setup:
      'Under Settings > Developer settings, create an internal integration with this URL as its webhook URL. Then copy its client secret here.',
    docs: 'https://docs.sentry.io/organization/integrations/integration-platform/webhooks/',
    schemes: [bodyHmac(['sentry-hook-signature', 'sentry-app-signature'], 'hex')],
    eventType: ['header:sentry-hook-resource'],
    deliveryId: ['header:request-id'],
    sample: {
      headers: { 'sentry-hook-resource': 'issue', 'request-id': '{uuid}' },
      body: '{"action":"created","data":{"issue":{"shortId":"GUESTBOOK-1","title":"TypeError: entry is undefined","project":{"slug":"guestbook"}}},"actor":{"name":"Sentry"}}',
    },
  },
  {
    slug: 'vercel',
    name: 'Vercel',
    secret: {
      what: 'Webhook secret',
      where: 'Team settings > Webhooks (shown once). For an integration, use its client secret',
      by: 'provider',
    },
    setup:
      'Under Team settings > Webhooks, create a webhook with this URL. Copy the secret here immediately, because Vercel shows it only once.',
    docs: 'https://vercel.com/docs/webhooks/webhooks-api',
    schemes: [bodyHmac('x-vercel-signature', 'hex', '', 'SHA-1')],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
    sample: {
      body: '{"id":"evt_{uuid}","type":"deployment.succeeded","createdAt":{now_ms},"payload":{"deployment":{"name":"guestbook","url":"guestbook.example.app"}}}',
    },
  },
  {
    slug: 'trello',
    name: 'Trello',
    secret: {
      what: 'Power-Up secret',
      where: 'trello.com/power-ups/admin > the Power-Up > API key > Secret',
      by: 'provider',
    },
    setup:
      'Create the webhook through the API: POST /1/webhooks with this URL as callbackURL and the board ID as idModel.',
    docs: 'https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/#webhook-signatures',
    schemes: [{ ...bodyHmac('x-trello-webhook', 'base64', '', 'SHA-1'), signed: '{body}{url}' }],
    eventType: ['body:action.type'],
    deliveryId: ['body:action.id'],
    sample: {
      body: '{"action":{"id":"{uuid}","type":"createCard","data":{"board":{"name":"Guestbook"},"card":{"name":"Answer Mira"}},"memberCreator":{"fullName":"Ada"}},"model":{"name":"Guestbook"}}',
    },
  },
  {
    slug: 'asana',
    name: 'Asana',
    secret: {
      what: 'X-Hook-Secret',
      where: 'Asana sends it when you create the webhook, and we save it',
      by: 'nobody',
    },
    setup:
      'Leave the secret empty here. Create the webhook through the API: POST /api/1.0/webhooks with resource set to the ID of the resource and target set to this URL. Add one source for each webhook.',
    docs: 'https://developers.asana.com/docs/webhooks-guide',
    schemes: [bodyHmac('x-hook-signature', 'hex')],
    eventType: ['body:events.0.action'],
    deliveryId: [],
    handshakes: [
      {
        name: 'X-Hook-Secret',
        description: 'Saves the secret and echoes it.',
        when: { method: 'POST', has: ['header:x-hook-secret'], hasNot: ['header:x-hook-signature'] },
        secret: 'header:x-hook-secret',
        answer: { status: 200, headers: { 'X-Hook-Secret': { from: 'header:x-hook-secret' } } },
      },
    ],
    sample: {
      body: '{"events":[{"created_at":"{iso}","action":"added","resource":{"gid":"1209","resource_type":"task","name":"Answer Mira"}}]}',
    },
  },
  {
    slug: 'notion',
    name: 'Notion',
    secret: { what: 'Verification token (secret_...)', where: 'Notion sends it once, and we save it', by: 'nobody' },
    setup:
      "In your connection's settings, under Webhooks, create a subscription with this URL. Notion then sends a verification token, which we save as the secret. Finally, show the secret here and paste it into the Verify dialog in Notion.",
    docs: 'https://developers.notion.com/reference/webhooks',
    schemes: [bodyHmac('x-notion-signature', 'hex', 'sha256=')],
    eventType: ['body:type'],
    deliveryId: ['body:id'],
    handshakes: [
      {
        name: 'verification_token',
        description: 'Saves the token as the secret.',
        when: { method: 'POST', has: ['body:verification_token'], hasNot: ['body:id'] },
        secret: 'body:verification_token',
        answer: { status: 200, text: 'OK' },
      },
    ],
    sample: {
      body: '{"id":"{uuid}","timestamp":"{iso}","type":"page.created","authors":[{"type":"person"}],"attempt_number":1,"entity":{"id":"153104cd","type":"page"}}',
    },
  },
]
