/*
 * Which endpoints want a message, as SQL. `filtersFor` in core/events/filter.ts applies the same rule to event types.
 */

/** The condition that any filter matches the type of the message `m`. @param filters SQL for a JSON list of filters */
export function wantsType(filters: string): string {
  return `exists (
      select 1 from json_each(${filters}) t
      where t.value = '*'
        or t.value = m.type
        or (substr(t.value, -2) = '.*'
          and substr(m.type, 1, length(t.value) - 1) = substr(t.value, 1, length(t.value) - 1)))`
}

/**
 * The condition that an endpoint wants the book of the message `m`. A message without a book is for all endpoints.
 * @param endpoint the alias of the endpoint's row
 */
export function wantsBook(endpoint: string): string {
  return `(${endpoint}.books is null
      or m.book is null
      or m.book in (select value from json_each(${endpoint}.books)))`
}
