// drizzle as wrangler bundles it (see [alias] in wrangler.toml): the names of tables, columns, keys and indexes, which is all
// that the Worker needs, because it contains its statements as SQL. drizzle only defines the tables and generates
// migrations; its query builder would add 13 KB. All of drizzle would make thousands of objects when an isolate starts.
export class SQLiteTable {
  #config

  constructor(name, columns, constraints) {
    for (const [key, column] of Object.entries(columns)) column.name = key
    Object.assign(this, columns)
    // `#doc` leaves out checks, which the Worker does not need.
    const all = (constraints?.(columns) ?? []).filter(Boolean)
    const primaryKeys = all.filter((one) => one.kind === 'key')
    const indexes = all.filter((one) => one.kind === 'index')
    this.#config = { name, columns: Object.values(columns), primaryKeys, indexes }
  }

  static configOf(table) {
    return table.#config
  }
}

export const sqliteTable = (name, columns, constraints) => new SQLiteTable(name, columns, constraints)
export const getTableConfig = SQLiteTable.configOf
export const getTableName = (table) => getTableConfig(table).name
export const getTableColumns = (table) => ({ ...table })
export const is = (value, type) => value instanceof type

const SAME = { notNull: same, default: same, $type: same, on: same, where: same }

function same() {
  return this
}

function column() {
  return { ...SAME, primary: false, primaryKey: () => ({ ...SAME, primary: true }) }
}

function indexNamed(name) {
  return { ...SAME, kind: 'index', config: { name } }
}

export { column as integer, column as text, indexNamed as index, indexNamed as uniqueIndex }
export const primaryKey = ({ columns }) => ({ kind: 'key', columns })
export const check = () => ({ kind: 'check' })
export const sql = () => null
sql.raw = () => null
