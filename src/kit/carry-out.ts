import type { Context as HonoContext } from 'hono'
import type { z } from 'zod'
import type { HonoEnv } from '../env'
import { noteNoChange, noteSubject } from './note-act'
import type { AnyOperation, Asked, Creation, Plan, ResponseSchema } from './operation'

/* What calls and forms do alike. */

export type AnyAsked = Asked<string, never>
export type Planner = Creation<string, z.ZodType, z.ZodType, Record<number, ResponseSchema>, unknown>

/** Tells the audit log what changed. */
export function noteResult(c: HonoContext<HonoEnv>, { subject, ...told }: AnyOperation, result: unknown): void {
  if (subject) noteSubject(c, subject(result))
  const [first, ...also] = told.acts?.(result) ?? []
  if (first) c.set('act', first.act)
  if (also.length > 0) c.set('also', also)
  const details = told.details?.(result)
  if (details) c.set('details', details)
  if (details?.length === 0 || told.changes?.(result) === false) noteNoChange(c)
}

/** Writes a plan. @param batch runs its statements @throws Refusal for what the database refuses */
export function writing<T>({ write }: Plan<unknown>, batch: () => Promise<T>): Promise<T> {
  return write ? write(batch) : batch()
}
