import type { Bytes } from '../../../kit/lib/bytes'

/* Only the beginning of a body that is answered on arrival is kept: anyone who knows the URL can send such requests. */

/** A multiple of 3, so that the base64 of a longer body is always longer than the base64 of this beginning. */
export const KEPT_BYTES = 1_023
export const KEPT_BEGINNING = `Only the first ${Math.ceil(KEPT_BYTES / 1_024)} KB of the body was kept`
const KEPT_BASE64_CHARACTERS = (KEPT_BYTES / 3) * 4

/** @returns the beginning of a body, or the whole of a short one. Text is not cut within a character */
export function beginningOf(body: Bytes): Bytes {
  if (body.length <= KEPT_BYTES) return body
  let end = KEPT_BYTES
  // In UTF-8, the bytes after the first byte of a character have the form 10xxxxxx, and there are up to three of them.
  while (end > KEPT_BYTES - 3 && ((body[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return body.subarray(0, end)
}

/** Why a body is incomplete: its retention period has ended, or only its beginning was ever stored. */
export type WhyIncomplete = 'body_removed' | 'body_not_kept'

/** @returns null if the whole body is stored */
export function explainBody(isWhole: boolean, hasAny: boolean): WhyIncomplete | null {
  if (isWhole) return null
  return hasAny ? 'body_not_kept' : 'body_removed'
}

/**
 * SQL: the whole body is stored. If the body is longer than the beginning that is kept of a refused one, the first
 * chunk tells. @param m the alias of the message's row
 */
export function hasWholeBody(m: string): string {
  return `(${m}.size = 0 or exists (
        select 1 from inbound_chunks c
        where c.message_id = ${m}.id
          and c.number = 0
          and (
            ${m}.size <= ${KEPT_BYTES}
            or octet_length(c.content) > iif(c.encoding = 'utf8', ${KEPT_BYTES}, ${KEPT_BASE64_CHARACTERS})
          )))`
}

/** The SQL condition that a part of the body of a message is stored. @param m the alias of the message's row */
export const hasAnyBody = (m: string): string => `exists (select 1 from inbound_chunks c where c.message_id = ${m}.id)`
