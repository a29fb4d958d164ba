import { noteResults } from './size'

/*
 * Each statement is SQL that is defined once, when its module is loaded. A request only binds values to its named
 * parameters. `sql/rows.ts` writes the columns of a table, and knows the types of its rows.
 */

export type Value = string | number | null
export type Values = Record<string, Value>

declare const ROW: unique symbol
const DB = Symbol('database')
/** A statement with its bound values, to run alone or in a batch. `Row` is the shape of the rows that it returns. */
export type Bound<Row> = D1PreparedStatement & { readonly [DB]: D1Database; readonly [ROW]?: Row }

/** @param values one value for each named parameter */
export type Statement<P extends Values, Row> = (env: Env, values: P) => Bound<Row>

/** Every statement. Tests prepare and explain each of them against the schema. */
export const STATEMENTS = new Set<string>()

/** Matches named parameters such as `:now`, and quoted text, which is left unchanged. */
const NAMED = /'[^']*'|:([a-z_]+)/g

/** @param text SQL with parameters such as `:now`. They become numbered ones, because D1 requires that */
export function statement<P extends Values, Row = never>(text: string): Statement<P, Row> {
  const { numbered, bind } = parse(text)
  STATEMENTS.add(numbered)
  return bind
}

/** Binds SQL whose shape depends on the request, such as an update of some columns. */
export function bindSql<Row = never>(env: Env, text: string, values: Values): Bound<Row> {
  return parse(text).bind(env, values)
}

function parse(text: string) {
  const order: string[] = []
  const numbered = text.replace(NAMED, (match, name: string | undefined) => {
    if (name === undefined) return match
    if (!order.includes(name)) order.push(name)
    return `?${order.indexOf(name) + 1}`
  })
  const bind = ({ DB: db }: Env, values: Values) =>
    Object.assign(db.prepare(numbered).bind(...order.map((name) => values[name])), { [DB]: db })
  return { numbered, bind }
}

/** Runs one statement. @returns its rows */
export async function all<Row>(bound: Bound<Row>): Promise<Row[]> {
  const result = await bound.all()
  noteResults(bound[DB], [result])
  return result.results as Row[]
}

/** Runs one statement. @returns its first row, or null */
export const first = async <Row>(bound: Bound<Row>): Promise<Row | null> => (await all(bound))[0] ?? null

const TRIES = 3
const PAUSE_MS = 250

/**
 * Repeats a write after any error, because what it stores has happened, and cannot happen again.
 * @param write changes nothing if an earlier try was stored, but its response was lost @throws the last error
 */
export async function insist<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = TRIES; ; tries--) {
    try {
      return await write()
    } catch (cause) {
      if (tries <= 1) throw cause
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

/** Runs one statement. @returns how many rows it changed */
export async function run(bound: Bound<unknown>): Promise<number> {
  const result = await bound.run()
  noteResults(bound[DB], [result])
  return result.meta.changes
}

export type Results<S extends readonly Bound<unknown>[]> = {
  -readonly [K in keyof S]: D1Result<S[K] extends Bound<infer Row> ? Row : never>
}

/** Runs statements in one transaction and one round trip. @returns the result of each statement, in order */
export async function batch<const S extends readonly Bound<unknown>[]>(env: Env, statements: S): Promise<Results<S>> {
  const results: D1Result<unknown>[] = await env.DB.batch([...statements])
  noteResults(env.DB, results)
  return results as Results<S>
}

type RowsByName<S> = { [K in keyof S]: (NonNullable<S[K]> extends Bound<infer Row> ? Row : never)[] }

/** Runs statements in one transaction, in the order of the object; skips null. @returns the rows of each, by name */
export async function batchNamed<S extends Record<string, Bound<unknown> | null>>(env: Env, statements: S) {
  const names = Object.keys(statements)
  const needed = names.filter((name) => statements[name])
  const bounds = needed.map((name) => statements[name] as Bound<unknown>)
  const results = await batch(env, bounds)
  const byName = names.map((name) => [name, results[needed.indexOf(name)]?.results ?? []])
  return Object.fromEntries(byName) as RowsByName<S>
}

/** D1 reports "UNIQUE constraint failed: table.column: SQLITE_CONSTRAINT". */
export function isUniqueViolation(cause: unknown, column: string): boolean {
  return cause instanceof Error && cause.message.includes(`UNIQUE constraint failed: ${column}`)
}

/** D1 reports "NOT NULL constraint failed: table.column: SQLITE_CONSTRAINT". */
export function isNullViolation(cause: unknown, column: string): boolean {
  return cause instanceof Error && cause.message.includes(`NOT NULL constraint failed: ${column}`)
}
