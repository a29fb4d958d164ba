import { IS_NOT_ERASED } from '../deliver/erase'

/* Which endpoints want a message, as SQL. For types, `wantsType` in webhooks/rules/events/filter.ts has the rule. */

/** The condition that any filter matches the type of the message `m`. @param filters SQL for a JSON list of filters */
export function hasType(filters: string): string {
  return `exists (
      select 1 from json_each(${filters}) t
      where t.value = '*'
        or t.value = m.type
        or (substr(t.value, -2) = '.*'
          and substr(m.type, 1, length(t.value) - 1) = substr(t.value, 1, length(t.value) - 1)))`
}

/**
 * SQL: an endpoint wants the message `m`, apart from its `when`, which when.ts decides. Only the tested endpoint gets a
 * test. A message without a book is for the endpoints of all books. @param endpoint the alias of the endpoint's row
 */
export function isWanted(endpoint: string): string {
  return `(m.audience is null or m.audience = ${endpoint}.id)
    and m.about is not ${endpoint}.id
    and ${IS_NOT_ERASED}
    and (${endpoint}.books is null
      or m.book is null
      or m.book in (select value from json_each(${endpoint}.books)))
    and ${hasType(`${endpoint}.event_types`)}`
}
