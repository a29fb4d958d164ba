import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'
import { setBack } from './clock'

const ATTEMPTS = 3
/** A test that stored more than this leaves free pages, which count as storage: the next test gets a new database. */
const LARGE_BYTES = 4_000_000

type Prepared = { schema: string; statements: D1PreparedStatement[] }
/**
 * One isolate runs all test files, each with this file before it. The first test of all prepares the rest: later, rows
 * that a test leaves behind could be taken for rows that a migration wrote.
 */
const PREPARED = Symbol.for('guesthook.prepared')
const shared = globalThis as { [PREPARED]?: Prepared }

/** Every test starts with an empty database that has all migrations. Emptying it takes a tenth of making a new one. */
beforeEach(async () => {
  setBack()
  const prepared = shared[PREPARED]
  if (prepared !== undefined && (await hasEmptied(prepared))) return
  await makeNew()
  shared[PREPARED] ??= { schema: await readSchema(), statements: await statementsToEmpty() }
})

/** @returns false if the last test changed the schema or stored much */
async function hasEmptied({ schema, statements }: Prepared): Promise<boolean> {
  if ((await readSchema()) !== schema) return false
  const results = await env.DB.batch(statements)
  return (results.at(-1)?.meta.size_after ?? 0) < LARGE_BYTES
}

async function readSchema(): Promise<string> {
  const { results } = await env.DB.prepare('select name, sql from sqlite_master order by name').all()
  return JSON.stringify(results)
}

/** Deletes all rows, except those that the migrations wrote. */
async function statementsToEmpty(): Promise<D1PreparedStatement[]> {
  const ours = "name not glob 'sqlite_*' and name not glob '_cf_*' and name != 'd1_migrations'"
  const ofTables = `select name from sqlite_master where type = 'table' and ${ours}`
  const { results: tables } = await env.DB.prepare(ofTables).all<{ name: string }>()
  const emptied = tables.map(({ name }) => env.DB.prepare(`delete from "${name}"`))
  const written = await Promise.all(tables.map(({ name }) => rowsAgain(name)))
  return [...emptied, ...written.flat()]
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
