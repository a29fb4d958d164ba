import type { Provider } from '../scheme'

/** Cloud platforms that send webhooks. */
export const CLOUD: readonly Provider[] = [
  {
    slug: 'event-grid',
    name: 'Azure Event Grid',
    secret: {
      what: 'A secret of your choice, in the "code" query parameter',
      where: 'The end of the URL that you enter in Azure, after ?code=',
      by: 'owner',
      optional: true,
    },
    setup:
      'Create an event subscription with the endpoint type Web Hook. Enter this URL, followed by ?code= and the secret.',
    docs: 'https://learn.microsoft.com/en-us/azure/event-grid/end-point-validation-event-grid-events-schema',
    schemes: [{ kind: 'shared-secret', at: 'query:code', format: 'plain' }],
    eventType: ['body:0.eventType', 'header:ce-type', 'body:type'],
    deliveryId: ['body:0.id', 'header:ce-id', 'body:id'],
    handshakes: [
      {
        name: 'SubscriptionValidationEvent',
        description: 'Echoes the validation code.',
        when: {
          method: 'POST',
          has: [['body:0.eventType', 'Microsoft.EventGrid.SubscriptionValidationEvent'], 'body:0.data.validationCode'],
        },
        answer: { status: 200, json: { validationResponse: { from: 'body:0.data.validationCode' } } },
      },
    ],
    sample: {
      headers: { 'aeg-event-type': 'Notification' },
      body: '[{"id":"{uuid}","subject":"/guestbook/17.txt","eventType":"Microsoft.Storage.BlobCreated","eventTime":"{iso}","data":{"contentType":"text/plain"}}]',
    },
  },
  {
    slug: 'microsoft-graph',
    name: 'Microsoft Graph',
    secret: {
      what: 'clientState, up to 128 characters',
      where: 'The clientState field of the request that creates the subscription',
      by: 'owner',
    },
    setup:
      'Create the subscription through the API: POST /v1.0/subscriptions with this URL as notificationUrl and the secret as clientState. Renew it before it expires.',
    docs: 'https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks',
    schemes: [{ kind: 'shared-secret', at: 'body:value.*.clientState', format: 'plain' }],
    eventType: ['body:value.0.changeType', 'body:value.0.lifecycleEvent'],
    deliveryId: [],
    handshakes: [
      {
        name: 'validationToken',
        description: 'Echoes the token.',
        when: { method: 'POST', has: ['query:validationToken'] },
        answer: { status: 200, text: { from: 'query:validationToken' } },
      },
    ],
    sample: {
      body: '{"value":[{"subscriptionId":"{uuid}","clientState":"{secret}","changeType":"created","resource":"Users/1/Messages/2"}]}',
    },
  },
]
