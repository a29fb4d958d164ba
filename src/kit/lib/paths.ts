/*
 * The addresses of the pages, as rows. They are a contract: bookmarks and messages in chats contain them. This file
 * imports nothing, so that any view, rule or operation can use it.
 */

/** The pages of the dashboard. What belongs to one thing is below: `${DASHBOARD.endpoints}/${id}`. */
export const DASHBOARD = {
  overview: '/admin',
  login: '/admin/login',
  logout: '/admin/logout',
  firstSteps: '/admin/first-steps',
  entries: '/admin/comments',
  books: '/admin/books',
  bans: '/admin/bans',
  endpoints: '/admin/endpoints',
  messages: '/admin/messages',
  eventTypes: '/admin/event-types',
  signature: '/admin/signature',
  sources: '/admin/sources',
  requests: '/admin/inbound',
  settings: '/admin/settings',
  signingKeys: '/admin/keys',
  access: '/admin/access',
  auditLog: '/admin/access/audit',
  storage: '/admin/storage',
  moving: '/admin/moving',
  people: '/admin/moving/people',
  system: '/admin/system',
} as const
