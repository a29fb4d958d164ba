import type * as z from 'zod'
import type { Child } from '#jsx'
import type { Control, Filled } from './html/controls'
import type { NamedPart } from './html/pairs'

/*
 * The fields of a thing as rows. Each field is declared once, with its schema, its column and its control. What the API
 * takes and returns, what the form contains, what its page says and what is stored follow from the rows.
 */

/**
 * @typeParam S the schema of the value
 * @typeParam C the value in the column of the same name
 * @typeParam Row the stored thing
 */
export interface FieldRow<S extends z.ZodType = z.ZodType, C = unknown, Row = unknown> {
  /** What the API accepts and returns. */
  schema: S
  /** What a new thing has, if nothing else is given. */
  initial: z.output<S>
  /** How the value is stored. */
  stored: Stored<z.output<S>, C>
  /** Its inputs in the form, with label and hint. */
  control: Control<z.output<S>>
  /** What the page of the thing says about it, if it is not in a form there. */
  said?: SaidOnPage<z.output<S>, Row>
}

export interface SaidOnPage<V, Row> {
  label: string
  /** @returns null if there is nothing to say: for the usual value */
  show(value: V, row: Row): Child | null
  /** Whether integrators see it, too. Otherwise, only the owner does. */
  isForIntegrators?: true
}

export interface Stored<V, C> {
  write(value: V): C
  read(column: C): V
}

/** A value that the column has as it is. */
export const asItIs = <V>(): Stored<V, V> => ({ write: (value) => value, read: (column) => column })

export const asFlag: Stored<boolean, number> = { write: Number, read: (column) => column === 1 }

/** @param schema reads what is stored, which an earlier version may have written */
export const asJsonColumn = <S extends z.ZodType>(schema: S): Stored<z.output<S>, string> => ({
  write: (value) => JSON.stringify(value),
  read: (column) => schema.parse(JSON.parse(column)),
})

/** Like `asJsonColumn`, for a value that may be missing. */
export function asOptionalJson<S extends z.ZodType>(schema: S): Stored<z.output<S> | null, string | null> {
  const { write, read } = asJsonColumn(schema)
  return {
    write: (value) => value && write(value),
    read: (column) => (column === null ? null : read(column)),
  }
}

/** @returns the schema of each field */
export function schemasOf<F extends Record<string, { schema: z.ZodType }>>(fields: F) {
  const schemas = Object.entries(fields).map(([name, { schema }]) => [name, schema])
  return Object.fromEntries(schemas) as { [N in keyof F]: F[N]['schema'] }
}

/** @returns the schema of each field of a new thing, which may leave them out */
export function newSchemasOf<F extends Record<string, { schema: z.ZodType; initial: unknown }>>(fields: F) {
  const schemas = Object.entries(fields).map(([name, { schema, initial }]) => [name, schema.default(initial)])
  return Object.fromEntries(schemas) as { [N in keyof F]: z.ZodDefault<F[N]['schema']> }
}

/** @returns the value of each field of a new thing */
export function initialOf<F extends Record<string, { schema: z.ZodType; initial: unknown }>>(fields: F): ValuesOf<F> {
  const values = Object.entries(fields).map(([name, { initial }]) => [name, initial])
  return Object.fromEntries(values) as ValuesOf<F>
}

type Some<T> = { [K in keyof T]?: T[K] | undefined }

/** The values of fields, by their names. */
export type ValuesOf<F extends Record<string, { schema: z.ZodType }>> = { [N in keyof F]: z.output<F[N]['schema']> }

// biome-ignore lint/suspicious/noExplicitAny: the values of fields have different types
type AnyFields<Row = any> = Record<string, FieldRow<any, any, Row>>

/** The columns of fields. They have the names of the fields. */
type ColumnsOf<F extends AnyFields> = { [N in keyof F]: ReturnType<F[N]['stored']['write']> }

/** Rows, and what follows from them. */
interface FieldRows<F extends AnyFields> {
  rows: F
  names: (keyof F & string)[]
  /** @returns the value of one field */
  valueIn<N extends keyof F & string>(row: Pick<ColumnsOf<F>, N>, name: N): ValuesOf<F>[N]
  /** @param row of the table @returns the value of each field */
  valuesIn(row: ColumnsOf<F>): ValuesOf<F>
  /** @returns what the columns of some fields contain. A value that is undefined stays so: its column does not change */
  columnsFor(values: ValuesOf<F>): ColumnsOf<F>
  columnsFor(values: Some<ValuesOf<F>>): Some<ColumnsOf<F>>
  /** @returns what the inputs of the form contain */
  fill(values: ValuesOf<F>): Filled
  /** @returns the fields as the API takes them, not yet checked. @throws Refusal 422 */
  read(form: URLSearchParams): Record<string, unknown>
}

export function fieldRows<F extends AnyFields>(fields: F): FieldRows<F> {
  const names = Object.keys(fields)
  const entries = Object.entries(fields)
  const valueIn = (row: Record<string, unknown>, name: string) => fields[name]?.stored.read(row[name])
  const following = {
    rows: fields,
    names,
    valueIn,
    valuesIn: (row: Record<string, unknown>) => Object.fromEntries(names.map((name) => [name, valueIn(row, name)])),
    columnsFor: (values: Record<string, unknown>) => {
      const given = entries.filter(([name]) => values[name] !== undefined)
      return Object.fromEntries(given.map(([name, { stored }]) => [name, stored.write(values[name])]))
    },
    fill: (values: Record<string, unknown>) =>
      Object.assign({}, ...entries.map(([name, { control }]) => control.fill(values[name], name))),
    read: (form: URLSearchParams) =>
      Object.fromEntries(entries.map(([name, { control }]) => [name, control.read(form, name)])),
  }
  return following as FieldRows<F>
}

/** @returns what a page says about each field. @param isOwner false for an integrator */
export function stepsOfRow<Row extends object>(fields: AnyFields<Row>, row: Row, isOwner: boolean): NamedPart[] {
  const columns = new Map<string, unknown>(Object.entries(row))
  return Object.entries(fields).flatMap(([name, { said, stored }]) => {
    if (!said || !(isOwner || said.isForIntegrators)) return []
    const shown = said.show(stored.read(columns.get(name)), row)
    return shown === null ? [] : [[said.label, shown] as const]
  })
}
