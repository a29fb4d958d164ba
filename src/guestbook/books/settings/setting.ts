import type * as z from 'zod'
import { createContext } from '#jsx'
import type { Control } from '../../../kit/html/controls'
import type { Result } from '../../../kit/lib/result'

/** One setting of a book. Its value is stored as JSON in the column `settings`, so a new setting needs no migration. */
export interface Setting<S extends z.ZodType = z.ZodType, P extends boolean = boolean> {
  /** The heading of the group in the form, if this setting is the first of the group. */
  heading?: string
  /** A few words that name it, for what has changed. */
  title: string
  /** What the API accepts and returns. */
  schema: S
  /** What it does, for the API document. */
  about: string
  /** What applies until the owner changes the setting. It is not stored. */
  initial: z.output<S>
  /** @returns the value cleaned, or what is wrong with it, if the schema cannot say that. Never asked about null */
  judge?: (value: NonNullable<z.output<S>>) => Result<z.output<S>, string>
  /** Its inputs in the form, with label and hint. */
  control: Control<z.output<S>>
  /** Whether everybody can read the setting with the API. Others are only for the owner. */
  isPublic?: P
}

/** Checks the types of a setting, and describes its schema. */
export function setting<S extends z.ZodType, P extends boolean = false>(row: Setting<S, P>): Setting<S, P> {
  return { ...row, schema: row.schema.meta({ description: row.about }) }
}

/** @returns the rows with their names, for what treats all of them alike */
export function listRows(rows: Record<string, { schema: z.ZodType }>): [name: string, row: Setting][] {
  return Object.entries(rows) as [string, Setting][]
}

/** The book whose settings a form shows, for hints. `path` is the path of its settings in the dashboard. */
export const EditedBook = createContext({ path: '', published: 0 })
