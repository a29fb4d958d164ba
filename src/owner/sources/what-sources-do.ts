/** What a source does with its requests, as described on the pages. */
export const ACTS = {
  keep: { label: 'Store only', effect: 'only store it', hint: 'View the requests in the dashboard.' },
  publish: {
    label: 'Publish an event',
    effect: 'publish an event',
    hint: 'Send inbound.received to the endpoints that subscribe to it.',
  },
  sign: { label: 'Sign the guestbook', effect: 'sign the guestbook', hint: 'Each request becomes an entry.' },
} as const
