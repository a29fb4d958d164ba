/* The demo guestbook: a book with made-up entries, to look at. Its changes are no events, so no webhook reports them. */

export const DEMO_SLUG = 'demo'

/** Where a form asks for the demo guestbook. */
export const DEMO_ACTION = '/admin/first-steps/demo'
