import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { all, type Statement, statement } from '../../kit/db/statements'
import * as schema from '../../schema'

/* D1 reports only the size of the whole database, so the sweep reads each table in pages. Indexes are not counted. */

/** The tables that can become large. The others have at most a few hundred short rows. */
const TABLES: SQLiteTable[] = [
  schema.comments,
  schema.messages,
  schema.deliveries,
  schema.attempts,
  schema.inboundMessages,
  schema.inboundChunks,
  schema.idempotencyKeys,
  schema.endpoints,
  schema.jobs,
  schema.auditLog,
  schema.importedRecords,
  schema.pictures,
  schema.buttons,
  schema.webmentions,
  schema.importChunks,
]

/** How many rows one statement reads. */
export const TABLE_PAGE = 250

type KeyPart = string | number
type MeasuredRow = { bytes: number; key: string }

interface MeasuredTable {
  name: string
  /** The key that sorts before every row. */
  start: KeyPart[]
  read: Statement<{ after: string }, MeasuredRow>
}

/** Reads the size and the key of each row of the next page. `after` is the key of the previous row, as JSON. */
function measured(table: SQLiteTable): MeasuredTable {
  const { name, columns, primaryKeys } = getTableConfig(table)
  const keys = (primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)).map((column) => column.name)
  const bytes = columns.map((column) => `coalesce(octet_length("${column.name}"), 0)`).join(' + ')
  const after = keys.map((_, i) => `:after ->> ${i}`).join(', ')
  const read = statement<{ after: string }, MeasuredRow>(`
  select ${bytes} as bytes, json_array(${keys.join(', ')}) as key
  from ${name}
  where (${keys.join(', ')}) > (${after})
  order by ${keys.join(', ')}
  limit ${TABLE_PAGE}`)
  return { name, start: keys.map(() => ''), read }
}

const MEASURED = TABLES.map(measured)

export type TableSize = { name: string; rows: number; bytes: number }

/** How far a walk through the tables has come. */
interface Walk {
  /** The sizes of the tables so far. The last one is not complete yet. */
  sizes: TableSize[]
  /** The key of the last row that was read, or null if the next table starts. */
  after: KeyPart[] | null
}

export const NEW_WALK: Walk = { sizes: [], after: null }
export const isComplete = ({ sizes, after }: Walk): boolean => sizes.length === MEASURED.length && after === null

/** Reads the next page of rows. */
export async function measurePage(env: Env, walk: Walk): Promise<Walk> {
  const earlier = walk.after === null ? walk.sizes : walk.sizes.slice(0, -1)
  const table = MEASURED[earlier.length]
  if (!table) return walk
  const so_far = walk.after === null ? { rows: 0, bytes: 0 } : walk.sizes.at(-1)
  const rows = await all(table.read(env, { after: JSON.stringify(walk.after ?? table.start) }))
  const size = {
    name: table.name,
    rows: (so_far?.rows ?? 0) + rows.length,
    bytes: rows.reduce((sum, { bytes }) => sum + bytes, so_far?.bytes ?? 0),
  }
  const last = rows.at(-1)
  return { sizes: [...earlier, size], after: last && rows.length === TABLE_PAGE ? JSON.parse(last.key) : null }
}
