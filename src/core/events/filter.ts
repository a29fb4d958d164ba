/**
 * Which event types an endpoint asks for: `*`, one type (`comment.published`), or a family (`comment.*`).
 * A type is dotted identifiers of letters, digits and underscores (Standard Webhooks, "Event types").
 */
export const EVENT_TYPE = /^[a-zA-Z0-9_]{1,64}(\.[a-zA-Z0-9_]{1,64}){0,4}$/
export const EVENT_FILTER =
  /^(\*|[a-zA-Z0-9_]{1,64}(\.[a-zA-Z0-9_]{1,64}){0,4}|[a-zA-Z0-9_]{1,64}(\.[a-zA-Z0-9_]{1,64}){0,3}\.\*)$/
export const MAX_EVENT_TYPE_LENGTH = 128

/**
 * All filters that match a type, so that matching is a comparison of strings and the database can do it.
 * @returns for `a.b.c`: `*`, `a.*`, `a.b.*`, `a.b.c`
 */
export function filtersFor(eventType: string): string[] {
  const parts = eventType.split('.')
  const families = parts.slice(1).map((_, i) => `${parts.slice(0, i + 1).join('.')}.*`)
  return ['*', ...families, eventType]
}
