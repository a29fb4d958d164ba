import { is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { books } from '../../guestbook/tables'
import { columnsOf } from '../../kit/db/rows'
import { all, first, statement } from '../../kit/db/statements'
import * as schema from '../../schema'
import { type ConfigurationFault, findFaults, findStoredFault } from './configuration'

/* If a migration failed, only requests that need its tables fail. So the health check compares them with schema.ts. */

/** How many missing names a message lists. */
const LISTED = 3

const FIND_MISSING = statement<{ names: string }, { name: string }>(`
  select j.value as name from json_each(:names) j
  where j.value not in (
    select name from sqlite_master
    union all
    select tables.name || '.' || own.name from sqlite_master tables join pragma_table_info(tables.name) own
    where tables.type = 'table' and tables.name not like '$_cf%' escape '$')`)

/** @returns the names of all tables, indexes and columns (`table.column`) */
function neededNames(): string[] {
  const tables = Object.values(schema).filter((value) => is(value, SQLiteTable))
  return tables.flatMap((table) => {
    const { name, columns, indexes } = getTableConfig(table)
    return [
      name,
      ...indexes.map(({ config }) => config.name ?? ''),
      ...columns.map((column) => `${name}.${column.name}`),
    ]
  })
}

/** Databases that are complete. They stay so, because migrations only add. */
const complete = new WeakSet<D1Database>()

/** Reads the schema once in each isolate. @returns a fault if the database lacks something that the program needs */
async function findSchemaFault(env: Env): Promise<ConfigurationFault | null> {
  if (complete.has(env.DB)) return null
  const missing = await all(FIND_MISSING(env, { names: JSON.stringify(neededNames()) }))
  if (missing.length === 0) {
    complete.add(env.DB)
    return null
  }
  const listed = missing.slice(0, LISTED).map(({ name }) => name)
  const names = `${listed.join(', ')}${missing.length > LISTED ? ` and ${missing.length - LISTED} more` : ''}`
  const message = `DB is incomplete: a migration has failed or was not applied. Missing: ${names}. Run "npm run deploy", or "npm start" on your own machine.`
  return { name: 'DB', message }
}

const READ_ONE_ROW = columnsOf(books, 'slug').from("books where slug = 'main'")

/** @returns everything that is wrong with the configuration and the database. @throws if D1 does not respond */
export async function checkConfiguration(env: Env): Promise<ConfigurationFault[]> {
  const schema = await findSchemaFault(env)
  const faults = findFaults(env)
  // Without its tables, the rest of the database cannot be read.
  if (schema) return [...faults, schema]
  await first(READ_ONE_ROW(env, {}))
  if (faults.some(({ name }) => name === 'SECRETS_KEY')) return faults
  const stored = await findStoredFault(env)
  return stored ? [...faults, stored] : faults
}
