import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'
import { setBack } from './clock'

const ATTEMPTS = 3
/** A test that stored more than this leaves free pages, which count as storage: the next test gets a new database. */
const LARGE_BYTES = 4_000_000

interface Prepared {
  schema: string
  /** Reads the schema, and which tables have rows: one row with a column for each table. */
  look: D1PreparedStatement[]
  /** By table: deletes all its rows, and writes those of the migrations again. */
  emptying: Record<string, D1PreparedStatement[]>
}
/**
 * One isolate runs all test files, each with this file before it. The first test of all prepares the rest: later, rows
 * that a test leaves behind could be taken for rows that a migration wrote.
 */
const PREPARED = Symbol.for('guesthook.prepared')
const shared = globalThis as { [PREPARED]?: Prepared }

// A file reads the clock while it is loaded, before its first test. The last test of another file may have moved it.
setBack()

/** Every test starts with an empty database that has all migrations. Emptying it takes a tenth of making a new one. */
beforeEach(async () => {
  setBack()
  const prepared = shared[PREPARED]
  if (prepared !== undefined && (await hasEmptied(prepared))) return
  await makeNew()
  shared[PREPARED] ??= await prepare()
})

/** @returns false if the last test changed the schema or stored much */
async function hasEmptied({ schema, look, emptying }: Prepared): Promise<boolean> {
  // It fails if a table is missing.
  const [found, filled] = await env.DB.batch<Record<string, unknown>>(look).catch(() => [])
  if (JSON.stringify(found?.results) !== schema) return false
  const hasRows = filled?.results[0] ?? {}
  const needed = Object.entries(emptying).filter(([name, all]) => hasRows[name] === 1 || all.length > 1)
  const statements = needed.flatMap(([, all]) => all)
  if (statements.length > 0) await env.DB.batch(statements)
  return (filled?.meta.size_after ?? 0) < LARGE_BYTES
}

async function prepare(): Promise<Prepared> {
  const ours = "name not glob 'sqlite_*' and name not glob '_cf_*' and name != 'd1_migrations'"
  const ofTables = `select name from sqlite_master where type = 'table' and ${ours}`
  const names = (await env.DB.prepare(ofTables).all<{ name: string }>()).results.map(({ name }) => name)
  const readSchema = env.DB.prepare('select name, sql from sqlite_master order by name')
  const columns = names.map((name) => `exists (select 1 from "${name}") as "${name}"`)
  const look = [readSchema, env.DB.prepare(`select ${columns}`)]
  const schema = JSON.stringify((await readSchema.all()).results)
  return { schema, look, emptying: Object.fromEntries(await Promise.all(names.map(emptyingOf))) }
}

async function emptyingOf(name: string): Promise<[string, D1PreparedStatement[]]> {
  return [name, [env.DB.prepare(`delete from "${name}"`), ...(await rowsAgain(name))]]
}

async function rowsAgain(table: string): Promise<D1PreparedStatement[]> {
  const { results } = await env.DB.prepare(`select * from "${table}"`).all()
  return results.map((row) => {
    const columns = Object.keys(row).map((name) => `"${name}"`)
    const places = columns.map(() => '?')
    return env.DB.prepare(`insert into "${table}" (${columns}) values (${places})`).bind(...Object.values(row))
  })
}

async function makeNew(): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await reset()
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
    if (await isEmpty()) return
  }
  throw new Error('The database still has the rows of another test.')
}

/** On a busy machine, `reset` has left the database of the previous test as it was, twice so far. */
async function isEmpty(): Promise<boolean> {
  return (await env.DB.prepare('select 1 from comments union all select 1 from endpoints limit 1').first()) === null
}
