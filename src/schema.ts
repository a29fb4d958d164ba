/* All tables, for drizzle-kit and for tests. Each room has its own: src/kit/db/tables.ts explains their style. */

export * from './access/tables'
export * from './guestbook/tables'
export * from './kit/db/tables'
export * from './owner/tables'
export * from './webhooks/tables/incoming'
export * from './webhooks/tables/outgoing'
