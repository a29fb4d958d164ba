import { getTableColumns, is, Param, Placeholder, type SQL, sql, type Table } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { noteSize } from './size'

/*
 * Each statement is defined once, when its module is loaded, and typed by the schema. A request only binds values.
 *
 * `compile` takes a query that drizzle can express. `statement` takes SQL that drizzle cannot express: json_each, index
 * hints, conditional inserts, `on conflict`. Both use named parameters, and return a function that binds the values.
 */

export type Value = string | number | null
export type Values = Record<string, Value>

declare const ROW: unique symbol
/** A statement with its bound values, to run alone or in a batch. `Row` is the shape of the rows that it returns. */
export type Bound<Row> = D1PreparedStatement & { readonly [ROW]?: Row }

/** @param values one value for each named parameter */
export type Statement<P extends Values, Row> = (env: Env, values: P) => Bound<Row>

/** Builds queries. It has no database, so it cannot run them. */
export const query = drizzle({} as D1Database)

/** Any drizzle query. */
interface Query<Row> {
  toSQL(): { sql: string; params: unknown[] }
  execute(): Promise<Row[] | D1Result<unknown>>
}

/** The type of the rows that a drizzle query returns. Without `select` or `returning`, there are none. */
type RowOf<Q> = Q extends { execute(): Promise<(infer Row)[]> } ? Row : never

/** A placeholder for each parameter, by name. */
export type Placeholders<P extends Values> = { [K in keyof P & string]: Placeholder<K, P[K]> }

/** Wraps a placeholder as SQL, which drizzle's types require in `set`. */
export function value<V>(placeholder: Placeholder<string, V>): SQL<V> {
  return sql<V>`${placeholder}`
}

const placeholders = new Proxy({}, { get: (_, name) => sql.placeholder(String(name)) })

/** Every statement. Tests prepare and explain each of them against the schema. */
export const STATEMENTS = new Set<string>()

/**
 * Compiles a drizzle query. This is done at startup, where it does not use up the CPU time of a request.
 * @param write gets a placeholder for each parameter; the type of its argument names the parameters
 */
export function compile<P extends Values, Q extends Query<unknown>>(
  write: (values: Placeholders<P>) => Q
): Statement<P, RowOf<Q>> {
  const { sql: text, params } = write(placeholders as Placeholders<P>).toSQL()
  const order = params.map(nameOf)
  STATEMENTS.add(text)
  return (env, values) => {
    const bound = order.map((name) => (typeof name === 'string' ? values[name] : name.constant))
    return env.DB.prepare(text).bind(...bound)
  }
}

function nameOf(param: unknown): string | { constant: unknown } {
  if (is(param, Placeholder)) return param.name
  if (is(param, Param) && is(param.value, Placeholder)) return param.value.name
  return { constant: param }
}

/** Matches named parameters such as `:now`, and quoted text, which is left unchanged. */
const NAMED = /'[^']*'|:([a-z_]+)/g

/**
 * Defines a statement that is written as SQL.
 * @param text SQL with named parameters such as `:now`, which are replaced by numbered ones, because D1 requires them
 */
export function statement<P extends Values, Row = never>(text: string): Statement<P, Row> {
  const order: string[] = []
  const numbered = text.replace(NAMED, (match, name: string | undefined) => {
    if (name === undefined) return match
    if (!order.includes(name)) order.push(name)
    return `?${order.indexOf(name) + 1}`
  })
  STATEMENTS.add(numbered)
  return (env, values) => env.DB.prepare(numbered).bind(...order.map((name) => values[name]))
}

/** Runs one statement. @returns its rows */
export async function all<Row>(bound: Bound<Row>): Promise<Row[]> {
  return (await bound.all<Row>()).results
}

/** Runs one statement. @returns its first row, or null */
export async function first<Row>(bound: Bound<Row>): Promise<Row | null> {
  return (await all(bound))[0] ?? null
}

/** Runs one statement. @returns how many rows it changed */
export async function run(bound: Bound<unknown>): Promise<number> {
  return (await bound.run()).meta.changes
}

export type Results<S extends readonly Bound<unknown>[]> = {
  -readonly [K in keyof S]: D1Result<S[K] extends Bound<infer Row> ? Row : never>
}

/** Runs statements in one transaction and one round trip. @returns the result of each statement, in order */
export async function batch<const S extends readonly Bound<unknown>[]>(env: Env, statements: S): Promise<Results<S>> {
  const results: D1Result<unknown>[] = await env.DB.batch([...statements])
  noteSize(env.DB, results)
  return results as Results<S>
}

type RowsByName<S> = { [K in keyof S]: (NonNullable<S[K]> extends Bound<infer Row> ? Row : never)[] }

/**
 * Runs statements in one transaction and one round trip, in the order in which the object lists them. Null stands for
 * a statement that is not needed.
 * @returns the rows of each statement, by name
 */
export async function batchNamed<S extends Record<string, Bound<unknown> | null>>(
  env: Env,
  statements: S
): Promise<RowsByName<S>> {
  const needed = Object.entries(statements).filter(([, bound]) => bound !== null)
  const results = await env.DB.batch<unknown>(needed.map(([, bound]) => bound as Bound<unknown>))
  noteSize(env.DB, results)
  const rows = new Map(needed.map(([name], i) => [name, results[i]?.results ?? []]))
  const byName = Object.keys(statements).map((name) => [name, rows.get(name) ?? []])
  return Object.fromEntries(byName) as RowsByName<S>
}

/** Picks columns of a table to select or return. The column names become the keys of the row. */
export function columns<T extends Table, K extends keyof T['_']['columns'] & string>(
  table: T,
  ...names: K[]
): Pick<T['_']['columns'], K> {
  const every = getTableColumns(table) as T['_']['columns']
  return Object.fromEntries(names.map((name) => [name, every[name]])) as Pick<T['_']['columns'], K>
}

/** Binds a query whose shape depends on the request, such as an update of some columns. */
export function bindQuery<Q extends Query<unknown>>(env: Env, built: Q): Bound<RowOf<Q>> {
  const { sql: text, params } = built.toSQL()
  return env.DB.prepare(text).bind(...params)
}

/** D1 reports "UNIQUE constraint failed: table.column: SQLITE_CONSTRAINT". */
export function isUniqueViolation(cause: unknown, column: string): boolean {
  return cause instanceof Error && cause.message.includes(`UNIQUE constraint failed: ${column}`)
}

/** D1 reports "NOT NULL constraint failed: table.column: SQLITE_CONSTRAINT". */
export function isNullViolation(cause: unknown, column: string): boolean {
  return cause instanceof Error && cause.message.includes(`NOT NULL constraint failed: ${column}`)
}
