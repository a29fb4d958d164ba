import { getTableColumns, getTableName, type Table } from 'drizzle-orm'
import { type Bound, bindSql, type Statement, statement, type Value, type Values } from './statements'

/*
 * The columns of a table in a statement that is written as SQL. A column that does not exist is a type error, and the
 * type of the row follows from the columns.
 */

export type ColumnOf<T extends Table> = keyof T['_']['columns'] & string

/** Some columns of a table, which make a row. */
interface Columns<Row> {
  /** Selects the columns. @param alias of the table; none if a statement reads nothing else */
  of(alias?: string): Selected<Row>
  /** Defines a statement that selects the columns. @param rest what follows `from`: SQL */
  from<P extends Values>(rest: string): Statement<P, Row>
  /** Assigns each column from the field with its name in `j.value`, an item of a JSON list. @param value other SQL */
  assigned(value?: (name: keyof Row & string) => string): string
  /**
   * Defines a statement that inserts a row. Each column gets the parameter with its name.
   * @param values SQL for columns that get something else
   * @param rest what follows the values: SQL
   */
  insert<P extends Values, Returned = never>(values: Others<Row, P>, rest?: string): Statement<P, Returned>
  /**
   * Defines a statement that inserts a row for each item `j.value` of a JSON list. Each column gets the field with its
   * name. `Item` is the type of the items.
   * @param list the parameter with the list
   */
  insertEach<Item, P extends Values, Returned = never>(
    list: keyof P & string,
    values: Others<Row, Item>,
    rest: string
  ): Statement<P, Returned>
}

/** SQL for columns. Those for which nothing is `Given` must be there. */
type Others<Row, Given> = { [K in Exclude<keyof Row, keyof Given>]: string } & { [K in keyof Row]?: string }

declare const ROW: unique symbol

/** What a statement selects. As text, it is the list of its expressions. */
export interface Selected<Row> {
  readonly expressions: readonly string[]
  readonly [ROW]?: Row
  toString(): string
  /** Adds expressions. `More` has their names. */
  and<More>(...expressions: string[]): Selected<Row & More>
  /** Defines a statement. @param rest what follows `from`: SQL */
  from<P extends Values>(rest: string): Statement<P, Row>
}

/** The type of the rows that columns or a statement select. */
export type RowOf<S> = S extends Columns<infer Row> | Selected<infer Row> ? Row : never

/** @param names of columns; without any, all columns */
export function columnsOf<T extends Table, N extends ColumnOf<T> = ColumnOf<T>>(
  table: T,
  ...names: N[]
): Columns<Pick<T['$inferSelect'], N>> {
  return named(table, names.length > 0 ? names : Object.keys(getTableColumns(table)))
}

/** All columns but some. */
export function columnsWithout<T extends Table, N extends ColumnOf<T>>(
  table: T,
  ...names: N[]
): Columns<Omit<T['$inferSelect'], N>> {
  const omitted: readonly string[] = names
  const rest = Object.keys(getTableColumns(table)).filter((name) => !omitted.includes(name))
  return named(table, rest)
}

/** Binds an update of the columns that are not undefined. @param rest SQL that follows them @param values for `rest` */
export function bindUpdate<T extends Table, Row = never>(
  env: Env,
  table: T,
  changes: { [K in keyof T['$inferSelect']]?: T['$inferSelect'][K] | undefined },
  rest: string,
  values: Values
): Bound<Row> {
  const given = Object.entries(changes as Record<string, Value | undefined>).filter(([, value]) => value !== undefined)
  const set = given.map(([name]) => `"${name}" = :new_${name}`).join(', ')
  const all = { ...Object.fromEntries(given.map(([name, value]) => [`new_${name}`, value as Value])), ...values }
  return bindSql(env, `update ${getTableName(table)} set ${set} ${rest}`, all)
}

function named<Row>(table: Table, names: readonly string[]): Columns<Row> {
  const quoted = names.map((name) => `"${name}"`)
  const inserting = (values: { [K in keyof Row]?: string }, value: (name: string) => string) => {
    const all = names.map((name) => values[name as keyof Row] ?? value(name))
    return `insert into ${getTableName(table)} (${quoted.join(', ')}) select ${all.join(', ')}`
  }
  return {
    from: (rest) => selected<Row>(quoted).from(rest),
    of: (alias) => selected(alias === undefined ? quoted : quoted.map((name) => `${alias}.${name}`)),
    assigned: (value = fieldOf) => names.map((name) => `"${name}" = ${value(name as keyof Row & string)}`).join(', '),
    insert: (values, rest = '') => statement(`${inserting(values, (name) => `:${name}`)} ${rest}`),
    insertEach: (list, values, rest) => statement(`${inserting(values, fieldOf)} from json_each(:${list}) j ${rest}`),
  }
}

const fieldOf = (name: string): string => `j.value ->> '${name}'`

function selected<Row>(expressions: readonly string[]): Selected<Row> {
  return {
    expressions,
    toString: () => expressions.join(', '),
    and: (...more) => selected([...expressions, ...more]),
    from: (rest) => statement(`select ${expressions.join(', ')} from ${rest}`),
  }
}
