/*
 * The demo guestbook: a book with made-up entries, to look at. Its changes cause no events, so no webhook reports them.
 */

export const DEMO_SLUG = 'demo'

/** The form that makes the demo guestbook posts to this path. */
export const DEMO_ACTION = '/admin/first-steps/demo'
