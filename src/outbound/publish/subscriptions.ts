/*
 * Which endpoints want a message, as SQL: core/events/filter.ts has the same rule for event types.
 */

/** @param types a JSON list of filters: see core/event-filter.ts */
export function asks(types: string): string {
  return `exists (select 1 from json_each(${types}) t where t.value = '*' or t.value = m.type
    or (substr(t.value, -2) = '.*' and substr(m.type, 1, length(t.value) - 1) = substr(t.value, 1, length(t.value) - 1)))`
}

/** Whether the endpoint wants messages of the message's book `m.book`; what is of no book is for all. */
export function wantsBook(endpoint: string): string {
  return `(${endpoint}.books is null or m.book is null
    or m.book in (select value from json_each(${endpoint}.books)))`
}
