import { SCOPES } from '../kit/actor'
import { listedRoutes, type OwnerRoute } from '../kit/acts'

/*
 * Every route that changes something. Those of the owner: the name of the act in the audit log, and which API keys may
 * call it; a route that is missing here is open to no API key. Those of strangers: what limits them. A test fails for a
 * route that is missing. Operations list their own.
 */

interface OpenRoute {
  /** Who may call it. */
  by: 'guest' | 'author' | 'integrator' | 'site' | 'sender'
  /** The rate limit for one visitor, or for one private link. Quotas of the day apply, too: see docs/limits.md. */
  limit: 'SIGN_LIMIT' | 'TEST_LIMIT' | 'REGISTER_LIMIT' | null
}

/** The routes of strangers. The forms of a private link are `managed` in operations, with their limits. */
export const STRANGERS: Record<string, OpenRoute> = {
  'POST /api/comments': { by: 'guest', limit: 'SIGN_LIMIT' },
  'POST /sign': { by: 'guest', limit: 'SIGN_LIMIT' },
  'POST /b/:slug/sign': { by: 'guest', limit: 'SIGN_LIMIT' },
  'POST /embed/:slug/sign': { by: 'guest', limit: 'SIGN_LIMIT' },
  'PATCH /api/comments/:id': { by: 'author', limit: 'SIGN_LIMIT' },
  'DELETE /api/comments/:id': { by: 'author', limit: 'SIGN_LIMIT' },
  'POST /comments/:id/edit': { by: 'author', limit: 'SIGN_LIMIT' },
  'POST /comments/:id/delete': { by: 'author', limit: 'SIGN_LIMIT' },
  'POST /webmention': { by: 'site', limit: 'SIGN_LIMIT' },
  'POST /webhooks': { by: 'integrator', limit: 'TEST_LIMIT' },
  'POST /webhooks/renew/:token': { by: 'integrator', limit: 'REGISTER_LIMIT' },
  // A service may send many webhooks at once. Each source has a quota of the day.
  'ALL /in/:token': { by: 'sender', limit: null },
}

/** The routes of the owner that are no operations. */
const PLAIN: Record<string, OwnerRoute> = {
  'GET /api/comments': { may: ['read', 'moderate'] },
  'GET /api/comments/:id': { may: ['read', 'moderate'] },
  'POST /api/comments': { act: 'comment.created', may: 'moderate' },
  'GET /api/endpoints/:id/messages': { may: 'read' },
  'POST /api/messages': { act: 'message.published', may: 'write' },
  'POST /api/import': { act: 'import.started', may: 'person' },
  'POST /api/restore': { act: 'import.restored', may: 'person' },
  'GET /api/audit': { may: 'read' },
  'GET /api/export': { may: 'person' },
  'GET /api/metrics': { may: ['read', 'metrics'] },
  'GET /api/people': { may: 'read' },
  'GET /api/people/export': { may: 'person' },
  // Each tool needs the scope of the call that it makes.
  'POST /mcp': { may: SCOPES },

  'POST /admin/login': { act: 'session.opened' },
  'POST /admin/logout': { act: 'session.closed' },
  'POST /admin/first-steps/receiver': { act: 'endpoint.created' },
  'POST /admin/first-steps/demo': { act: 'book.created' },
  'POST /admin/first-steps/hide': { act: 'settings.updated' },
  'POST /admin/first-steps/show': { act: 'settings.updated' },
  'POST /admin/comments': { act: 'comment.moderated' },
  'POST /admin/comments/:id': { act: 'comment.moderated' },
  'POST /admin/comments/:id/reply': { act: 'reply.saved' },
  'POST /admin/comments/:id/ban': { act: 'ban.created' },
  'POST /admin/endpoints/preview': { act: null },
  'POST /admin/endpoints/:id/preview': { act: null },
  'POST /admin/messages': { act: 'message.published' },
  'POST /admin/sources/:id/preview': { act: null },
  'POST /admin/inbound/:id/send': { act: 'inbound.sent' },
  'POST /admin/moving/import': { act: 'import.started' },
  'POST /admin/storage/measure': { act: null },
  'POST /admin/access/sessions/revoke-others': { act: 'session.others_revoked' },
  'POST /moderate/:token': { act: 'comment.moderated' },
}

/** More exact names, for routes that can do several things: the new status of an entry, or its deletion. */
export const COMMENT_ACTS = {
  published: 'comment.published',
  held: 'comment.held',
  hidden: 'comment.hidden',
  spam: 'comment.marked_as_spam',
  deleted: 'comment.deleted',
} as const

/** @returns every route of the owner */
const ownerRoutes = (): Record<string, OwnerRoute> => ({ ...PLAIN, ...listedRoutes() })

/** @returns every route that changes or computes something, and the name of the act */
export function allActs(): Record<string, string | null> {
  const acts = Object.entries(ownerRoutes()).flatMap(([route, { act }]) => (act === undefined ? [] : [[route, act]]))
  return Object.fromEntries(acts)
}

/** @returns the names that the audit log contains, sorted */
export function actNames(): string[] {
  const names = [...Object.values(allActs()), ...Object.values(COMMENT_ACTS)].filter((act) => act !== null)
  return [...new Set(names)].toSorted()
}

/** @param route like `/api/endpoints/:id`. @returns what is listed about it, or undefined */
export function ownerRoute(method: string, route: string): OwnerRoute | undefined {
  const name = `${method} ${route}`
  return Object.hasOwn(PLAIN, name) ? PLAIN[name] : listedRoutes()[name]
}

/** @returns the name of the act; null if the route changes nothing; undefined if it only reads, or is not listed */
export const actOf = (method: string, route: string): string | null | undefined => ownerRoute(method, route)?.act
