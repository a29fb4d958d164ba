import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Checkout } from './checkout'

/*
 * The backup of docs/operating.md: `wrangler d1 export`, then `wrangler d1 execute --file`, with a database of every
 * kind of row. Wrangler runs against a local database, whose export is the same code as D1's.
 */

const FIXTURE = join(import.meta.dirname, '../fixtures/upgrades/5291525-addresses.sql')

let checkout: Checkout

beforeAll(async () => {
  checkout = new Checkout()
  const sql = readFileSync(FIXTURE, 'utf8').replaceAll('--> statement-breakpoint', '')
  writeFileSync(join(checkout.folder, 'old.sql'), sql)
  await checkout.wrangler('d1', 'execute', 'DB', '--local', '--file', 'old.sql')
  await checkout.wrangler('d1', 'migrations', 'apply', 'DB', '--local')
})

afterAll(() => checkout.remove())

type Row = Record<string, unknown>

async function select(state: string, ...queries: string[]): Promise<Row[][]> {
  const where = ['--local', '--persist-to', state, '--json', '--command', queries.join(';')]
  const output = await checkout.wrangler('d1', 'execute', 'DB', ...where)
  return (JSON.parse(output) as { results: Row[] }[]).map(({ results }) => results)
}

it('a backup by wrangler d1 export contains every table, row and index, and can be restored', async () => {
  await checkout.wrangler('d1', 'export', 'DB', '--local', '--output', 'backup.sql')
  await checkout.wrangler('d1', 'execute', 'DB', '--local', '--persist-to', 'restored', '--file', 'backup.sql')
  const schema = "select name, type, sql from sqlite_master where name not like '\\_cf%' escape '\\' order by name"
  const [before = []] = await select('.wrangler/state', schema)
  const tables = before.filter(({ type, name }) => type === 'table' && !String(name).startsWith('sqlite_'))
  const everything = [schema, ...tables.map(({ name }) => `select * from "${name}" order by 1, 2`)]
  expect(tables.length).toBeGreaterThan(15)
  expect(await select('restored', ...everything)).toEqual(await select('.wrangler/state', ...everything))
})
