import { z } from '@hono/zod-openapi'
import { type IdPrefix, isId } from '../core/lib/ids'
import { Refusal } from './problem'

export const DEFAULT_LIMIT = 20

/** `?limit=` and `?cursor=` of every list. */
export const listQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(DEFAULT_LIMIT)
    .openapi({ type: 'integer', description: 'How many to return, 1 to 100.' }),
  cursor: z.string().max(200).optional().openapi({ description: '`next` of the page before.' }),
})

/** The answer of every list. */
export function pageOf<T extends z.ZodType>(item: T, name: string) {
  return z
    .object({
      data: z.array(item),
      next: z
        .string()
        .nullable()
        .openapi({ description: 'Cursor of the next page; null on the last.' }),
    })
    .openapi(name)
}

/** A cursor is the id of the last row of the page before. @throws Refusal 400 for anything else */
export function readCursor(prefix: IdPrefix, cursor: string | undefined): string | undefined {
  if (cursor === undefined || isId(prefix, cursor)) return cursor
  throw new Refusal(400, 'bad_cursor', 'Use "next" of the page before as the cursor, unchanged.')
}

/** Cuts off the row that was read to see whether there are more. */
export function toPage<T>(rows: T[], limit: number, idOf: (row: T) => string) {
  const data = rows.slice(0, limit)
  const last = data.at(-1)
  return { data, next: rows.length > limit && last !== undefined ? idOf(last) : null }
}

export function iso(time: number): string
export function iso(time: number | null): string | null
export function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}
