import { MINUTE_MS } from '../../../../kit/lib/time'
import type { Provider } from '../scheme'
import { service } from './schemes'

/** Cloud platforms that send webhooks. */
export const CLOUD: readonly Provider[] = [
  {
    slug: 'event-grid',
    name: 'Azure Event Grid',
    secret: { by: 'owner', optional: true },
    schemes: [{ kind: 'shared-secret', at: 'query:code', format: 'plain' }],
    eventType: ['body:0.eventType', 'header:ce-type', 'body:type', 'body:0.type'],
    deliveryId: ['body:*1.id', 'header:ce-id', 'body:id'],
    idScope: ['header:ce-source', 'body:source', 'body:*1.source'],
    handshakes: [
      {
        name: 'SubscriptionValidationEvent',
        when: {
          method: 'POST',
          has: [['body:0.eventType', 'Microsoft.EventGrid.SubscriptionValidationEvent'], 'body:0.data.validationCode'],
        },
        answer: { status: 200, json: { validationResponse: { from: 'body:0.data.validationCode' } } },
      },
    ],
  },
  service('microsoft-graph', 'Microsoft Graph', 'owner', {
    schemes: [{ kind: 'shared-secret', at: 'body:value.*.clientState', format: 'plain' }],
    eventType: ['body:value.0.changeType', 'body:value.0.lifecycleEvent'],
    // Each change of a drive has the same notification.
    sameContentMs: MINUTE_MS,
    handshakes: [
      {
        name: 'validationToken',
        when: { method: 'POST', has: ['query:validationToken'] },
        answer: { status: 200, text: { from: 'query:validationToken' } },
      },
    ],
  }),
]
