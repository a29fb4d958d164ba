/** What a source does with its requests, as described on the pages. */
export const ACTS = {
  keep: { label: 'Store only', hint: 'View the requests in the dashboard.', effect: 'only store it' },
  publish: {
    label: 'Publish an event',
    hint: 'Send inbound.received to the endpoints that subscribe to it.',
    effect: 'publish an event',
  },
  sign: { label: 'Sign the guestbook', hint: 'Each request becomes an entry.', effect: 'sign the guestbook' },
} as const
