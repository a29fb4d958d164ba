/*
 * Filters: `*`, one event type (`comment.published`), or a family (`comment.*`).
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#event-types
 */

export const EVENT_TYPE = /^[a-zA-Z0-9_]{1,64}(\.[a-zA-Z0-9_]{1,64}){0,4}$/
export const EVENT_FILTER =
  /^(\*|[a-zA-Z0-9_]{1,64}(\.[a-zA-Z0-9_]{1,64}){0,4}|[a-zA-Z0-9_]{1,64}(\.[a-zA-Z0-9_]{1,64}){0,3}\.\*)$/
export const MAX_EVENT_TYPE_LENGTH = 128

/** @returns all filters that match: `*`, `a.*`, `a.b.*`, and `a.b.c` for the event type `a.b.c` */
export function filtersFor(eventType: string): string[] {
  const parts = eventType.split('.')
  const families = parts.slice(1).map((_, i) => `${parts.slice(0, i + 1).join('.')}.*`)
  return ['*', ...families, eventType]
}

/** @returns whether any of the filters matches an event type */
export function wantsType(filters: string[], eventType: string): boolean {
  return filtersFor(eventType).some((filter) => filters.includes(filter))
}
