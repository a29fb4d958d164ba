import type * as z from 'zod'
import { createContext } from '#jsx'
import type { Control } from '../../kit/html/controls'
import type { Provider } from '../rules/verifying/scheme'

/* One field of a source is one row of fields.tsx. The API, the form, the column and the export follow from the row. */

/** @typeParam S the schema of the value. @typeParam C the value in the column of the same name */
export interface SourceField<S extends z.ZodType = z.ZodType, C = unknown> {
  /** What the API accepts and returns. */
  schema: S
  /** What a new source has, if nothing else is given. */
  initial: z.output<S>
  /** How the value is stored. */
  stored: Stored<z.output<S>, C>
  /** Its inputs in the form, with label and hint. */
  control: Control<z.output<S>>
}

export interface Stored<V, C> {
  write(value: V): C
  read(column: C): V
}

/** A value that the column has as it is. */
export const asItIs = <V>(): Stored<V, V> => ({ write: (value) => value, read: (column) => column })

export const asFlag: Stored<boolean, number> = { write: Number, read: (column) => column === 1 }

/** @param schema reads what is stored, which an earlier version may have written */
export const asJson = <S extends z.ZodType>(schema: S): Stored<z.output<S>, string> => ({
  write: (value) => JSON.stringify(value),
  read: (column) => schema.parse(JSON.parse(column)),
})

/** Like `asJson`, for a value that may be missing. */
export function asOptionalJson<S extends z.ZodType>(schema: S): Stored<z.output<S> | null, string | null> {
  const { write, read } = asJson(schema)
  return {
    write: (value) => value && write(value),
    read: (column) => (column === null ? null : read(column)),
  }
}

export type SourceFields = Record<string, SourceField>

/** Checks the types of a row. */
export const field = <S extends z.ZodType, C>(row: SourceField<S, C>): SourceField<S, C> => row

/** @returns the schema of each field */
export function schemasOf<F extends Record<string, { schema: z.ZodType }>>(fields: F) {
  const schemas = Object.entries(fields).map(([name, { schema }]) => [name, schema])
  return Object.fromEntries(schemas) as { [N in keyof F]: F[N]['schema'] }
}

/** @returns the schema of each field of a new source, which may leave them out */
export function newSchemasOf<F extends Record<string, { schema: z.ZodType; initial: unknown }>>(fields: F) {
  const schemas = Object.entries(fields).map(([name, { schema, initial }]) => [name, schema.default(initial)])
  return Object.fromEntries(schemas) as { [N in keyof F]: z.ZodDefault<F[N]['schema']> }
}

interface Edited {
  /** It decides on the options. */
  provider: Provider
  /** The books that a template can choose. */
  books: { slug: string; title: string }[]
  /** The book of a template that names none. */
  defaultBook: string
}

/** The source whose form is shown. */
export const EditedSource = createContext<Edited | null>(null)
