/*
 * Which endpoints want a message, as SQL. `filtersFor` in core/events/filter.ts is the same rule for event types.
 */

/** A condition: one of the filters, SQL of a JSON list, matches the type of the message `m`. */
export function wantsType(filters: string): string {
  return `exists (
      select 1 from json_each(${filters}) t
      where t.value = '*'
        or t.value = m.type
        or (substr(t.value, -2) = '.*'
          and substr(m.type, 1, length(t.value) - 1) = substr(t.value, 1, length(t.value) - 1)))`
}

/** A condition: the endpoint, an alias, wants the book of the message `m`. A message without a book is for all. */
export function wantsBook(endpoint: string): string {
  return `(${endpoint}.books is null
      or m.book is null
      or m.book in (select value from json_each(${endpoint}.books)))`
}
