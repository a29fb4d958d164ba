/** What a source does with its requests, as described on the pages. More is in public/help.json. */
export const ACTS = {
  keep: { label: 'Store only', effect: 'only store it' },
  publish: { label: 'Publish an event', effect: 'publish an event' },
  sign: { label: 'Sign the guestbook', effect: 'sign the guestbook' },
} as const
