import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

/*
 * Databases of earlier versions, as test/fixtures/upgrades/README.md describes them.
 */

const FILES = import.meta.glob<string>('../../fixtures/upgrades/*.sql', {
  query: '?raw',
  import: 'default',
  eager: true,
})
const IS_OURS = `name not like '\\_cf%' escape '\\' and name not like 'sqlite\\_%' escape '\\' and name <> 'd1_migrations'`
const SEPARATOR = '\n--> statement-breakpoint\n'

/** What a test has to know about an old database: ids, and secrets that are stored sealed or hashed. */
export interface Facts {
  /** The URL that all endpoints have in common. */
  receiver: string
  /** The endpoint that works, and gets all events. */
  endpoint: { id: string; secret: string }
  /** The id of an endpoint that failed until the upgrade. */
  recovering: string
  /** The id of an entry. */
  comment: string
  /** The id of a message that has never been dispatched. */
  lost: string
  /** The id of a replay that was under way. */
  job?: string
  /** An integrator's token for managing an endpoint. */
  link?: string
  /** The token for pulling the messages of `endpoint`. */
  pull?: string
  /** The public keys, newest first. */
  kids?: string[]
  inbound?: InboundFacts
  /** How many rows each table has. */
  rows: Record<string, number>
}

interface InboundFacts {
  /** A source for GitHub, and a message that it received. */
  kept: { path: string; secret: string; id: string; delivery: string }
  /** A message with a wrong signature, from the same source. */
  refused: { id: string; delivery: string }
  /** A request that a strict source refused. */
  strict: { id: string }
  /** A source that signs the book. */
  signing: { path: string }
  /** A paused source, and a message that waits there. */
  paused: { source_id: string; path: string; id: string }
  deleted: { path: string }
}

export interface OldDatabase {
  name: string
  facts: Facts
  statements: string[]
}

export const OLD_DATABASES: OldDatabase[] = Object.entries(FILES).map(([path, sql]) => {
  const head = sql.split('\n').filter((line) => line.startsWith('-- '))
  const facts = head
    .slice(1)
    .map((line) => line.slice(3))
    .join('\n')
  return {
    name: path.replace(/^.*\//, ''),
    facts: JSON.parse(facts),
    statements: sql.slice(head.join('\n').length).split(SEPARATOR),
  }
})

type Row = Record<string, unknown>

/** Replaces the database of the test with an old one. @param receiver a URL that replaces the one in the fixture */
export async function restore({ facts, statements }: OldDatabase, receiver: string): Promise<void> {
  await reset()
  const prepared = statements.map((sql) => env.DB.prepare(sql.replaceAll(facts.receiver, receiver)))
  await env.DB.batch(prepared)
}

/** Applies the migrations that the database does not have yet, as `wrangler d1 migrations apply` does. */
export async function migrate(): Promise<void> {
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
}

/** The rows of each migrated database, as statements. */
const migrated = new Map<string, string[]>()

/**
 * Gives the test an old database that was migrated. The first test of each database migrates it; the others get its rows
 * in a database of today, because migrating takes longer than most tests.
 */
export async function restoreMigrated(old: OldDatabase, receiver: string): Promise<void> {
  const statements = migrated.get(old.name) ?? (await migrateAndRead(old))
  await writeRows(statements.map((sql) => sql.replaceAll(old.facts.receiver, receiver)))
}

async function migrateAndRead(old: OldDatabase): Promise<string[]> {
  await restore(old, old.facts.receiver)
  await migrate()
  const statements = await readRows()
  migrated.set(old.name, statements)
  return statements
}

/** @returns the statements that write the rows of this database into another one, in place of its own */
export async function readRows(): Promise<string[]> {
  const tables = await rowsOf(`select name from sqlite_schema where type = 'table' and ${IS_OURS}`)
  return (await Promise.all(tables.map(({ name }) => statementsOf(String(name))))).flat()
}

export async function writeRows(statements: string[]): Promise<void> {
  await env.DB.batch(statements.map((sql) => env.DB.prepare(sql)))
}

/** `quote` writes each value with its type. */
async function statementsOf(table: string): Promise<string[]> {
  const columns = (await rowsOf(`select name from pragma_table_info('${table}')`)).map(({ name }) => `"${name}"`)
  const values = columns.map((column) => `quote(${column})`).join(" || ',' || ")
  const rows = await rowsOf(`select ${values} as 'values' from "${table}"`)
  return [`delete from "${table}"`, ...rows.map((row) => `insert into "${table}" (${columns}) values (${row.values})`)]
}

async function rowsOf(sql: string): Promise<Row[]> {
  return (await env.DB.prepare(sql).all<Row>()).results
}

/** @returns every table, index and trigger as SQL, and every column */
export async function readSchema() {
  const objects = await rowsOf(`
    select type, name, tbl_name, sql
    from sqlite_schema
    where ${IS_OURS}
    order by type, name`)
  const columns: Record<string, Row[]> = {}
  for (const { type, name } of objects) {
    if (type === 'table') columns[String(name)] = await rowsOf(`select * from pragma_table_info('${name}')`)
  }
  return { objects, columns }
}

/** @returns the rows of every table, in the order of their keys */
export async function readTables(names: string[]): Promise<Record<string, Row[]>> {
  const tables: Record<string, Row[]> = {}
  for (const name of names) tables[name] = await rowsOf(`select * from ${name}`)
  return tables
}
