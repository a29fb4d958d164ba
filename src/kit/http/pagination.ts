import * as z from 'zod'
import { type IdPrefix, isId } from '../lib/ids'
import { Refusal } from './problem'

/** How many rows a page of a list has: on the dashboard, and in the API unless it asks for more. */
export const PAGE_SIZE = 20

/** The query parameters of every list. */
export const listQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(PAGE_SIZE)
    .meta({ type: 'integer', minimum: 1, maximum: 100, default: PAGE_SIZE, description: 'How many items to return.' }),
  cursor: z.string().max(200).optional().describe('The `next` value of the previous page.'),
})

/** The response of every list. */
export function pageOf<T extends z.ZodType>(item: T, name: string) {
  return z
    .object({
      data: z.array(item),
      next: z.string().nullable().describe('The cursor for the next page, or null on the last page.'),
    })
    .meta({ id: name })
}

/** The response of a list that fits on one page. */
export function listOf<T extends z.ZodType>(item: T, name?: string) {
  const list = z.object({ data: z.array(item) })
  return name === undefined ? list : list.meta({ id: name })
}

/** @param cursor the last id of the previous page @throws Refusal 400 if it is not an id with this prefix */
export function readCursor(prefix: IdPrefix, cursor: string | undefined): string | undefined {
  if (cursor === undefined || isId(prefix, cursor)) return cursor
  throw new Refusal(400, 'bad_cursor', 'Use the "next" value from the previous page as the cursor, unchanged.')
}

/** Removes the extra row that was read to find out whether there is a next page. */
export function toPage<T extends { id: string }>(rows: T[], limit: number) {
  const data = rows.slice(0, limit)
  return { data, next: rows.length > limit ? (data.at(-1)?.id ?? null) : null }
}

/** Ends a page early if its entries are long: each character costs CPU time. @returns how many it has, at least one */
export function fittingIn(entries: EntryTexts[], limit: number, maxCharacters: number): number {
  let characters = 0
  const end = entries.findIndex(({ name, body, reply, answers, drawing }) => {
    characters += name.length + body.length + (reply?.length ?? 0) + answers.length + (drawing?.length ?? 0)
    return characters > maxCharacters
  })
  return Math.min(end < 0 ? limit : Math.max(end, 1), limit)
}

type EntryTexts = { name: string; body: string; reply: string | null; answers: string; drawing?: string | null }

/** A time in a request, in RFC 3339 format. */
export const timeSchema = z.iso.datetime({ offset: true, error: 'Use a time like "2026-11-24T10:00:00Z".' })

/** @param time in epoch milliseconds @returns the time in RFC 3339 format, in UTC */
export function iso(time: number): string
export function iso(time: number | null): string | null
export function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}
