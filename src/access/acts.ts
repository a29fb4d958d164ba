import { namedAct, namedActs } from '../kit/acts'

/*
 * Every route with which the owner changes something, and the name of that act in the audit log. The scopes of API keys
 * are derived from these names: see scopes.ts. A route that is missing here is open to no API key, and a test fails.
 */

/**
 * The acts of the routes that are not operations. Operations add their own when they are bound. `null`: the route only
 * computes something from what was sent. It changes nothing, so it is not logged.
 */
const PLAIN: Record<string, string | null> = {
  'POST /api/comments': 'comment.created',
  'PATCH /api/comments/:id': 'comment.updated',
  'DELETE /api/comments/:id': 'comment.deleted',
  'PUT /api/comments/:id/reply': 'reply.saved',
  'DELETE /api/comments/:id/reply': 'reply.removed',
  'POST /api/messages': 'message.published',
  'POST /api/import': 'import.started',
  'POST /api/restore': 'import.restored',
  'POST /api/erase': 'erase.entries',

  'POST /admin/login': 'session.opened',
  'POST /admin/logout': 'session.closed',
  'POST /admin/first-steps/receiver': 'endpoint.created',
  'POST /admin/first-steps/demo': 'book.created',
  'POST /admin/first-steps/hide': 'settings.updated',
  'POST /admin/first-steps/show': 'settings.updated',
  'POST /admin/comments': 'comment.moderated',
  'POST /admin/comments/:id': 'comment.moderated',
  'POST /admin/comments/:id/reply': 'reply.saved',
  'POST /admin/comments/:id/ban': 'ban.created',
  'POST /admin/endpoints/preview': null,
  'POST /admin/endpoints/:id/preview': null,
  'POST /admin/messages': 'message.published',
  'POST /admin/sources/:id/preview': null,
  'POST /admin/inbound/:id/send': 'inbound.sent',
  'POST /admin/moving/import': 'import.started',
  'POST /admin/moving/people/erase': 'erase.entries',
  'POST /admin/storage/measure': null,
  'POST /admin/access/sessions/revoke-others': 'session.others_revoked',

  'POST /moderate/:token': 'comment.moderated',
}

/** More exact names, for routes that can do several things: the new status of an entry, or its deletion. */
export const COMMENT_ACTS = {
  published: 'comment.published',
  held: 'comment.held',
  hidden: 'comment.hidden',
  spam: 'comment.marked_as_spam',
  deleted: 'comment.deleted',
} as const

/** @returns every route that changes something, and the name of the act */
export const allActs = (): Record<string, string | null> => ({ ...PLAIN, ...namedActs() })

/** @returns the names that the audit log contains, sorted */
export function actNames(): string[] {
  const names = [...Object.values(allActs()), ...Object.values(COMMENT_ACTS)].filter((act) => act !== null)
  return [...new Set(names)].toSorted()
}

/** @returns the name of the act; null if the route changes nothing; undefined if the table does not list it */
export function actOf(method: string, route: string): string | null | undefined {
  const name = `${method} ${route}`
  return name in PLAIN ? PLAIN[name] : namedAct(name)
}
