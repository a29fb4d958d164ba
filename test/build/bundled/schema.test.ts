import { join } from 'node:path'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import * as schema from '../../../src/schema'

/* The Worker contains scripts/build/drizzle.mjs instead of drizzle. */

const ROOT = join(import.meta.dirname, '../../..')
const BUNDLED = join(ROOT, 'scripts/build/drizzle.mjs')

type Names = { name: string; columns: string[]; keys: string[]; indexes: string[] }
type Config = {
  name: string
  columns: { name: string; primary: boolean }[]
  primaryKeys: { columns: { name: string }[] }[]
  indexes: { config: { name?: string } }[]
}

function namesIn({ name, columns, primaryKeys, indexes }: Config): Names {
  const keys = primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)
  return {
    name,
    columns: columns.map((column) => column.name),
    keys: keys.map((key) => key.name),
    indexes: indexes.map(({ config }) => config.name ?? ''),
  }
}

async function loadBundled() {
  const contents = `export * as schema from './src/schema'; export { getTableConfig, is, SQLiteTable } from 'drizzle-orm'`
  const alias = { 'drizzle-orm/sqlite-core': BUNDLED, 'drizzle-orm': BUNDLED }
  const options = { bundle: true, format: 'esm', write: false, alias } as const
  const { outputFiles } = await build({ ...options, stdin: { contents, resolveDir: ROOT, loader: 'ts' } })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? '').toString('base64')}`)
}

it('the Worker knows every table, column, key and index by the same name', async () => {
  const bundled = await loadBundled()
  const expected = Object.entries(schema).flatMap(([name, table]) =>
    table instanceof SQLiteTable ? [[name, namesIn(getTableConfig(table) as Config)]] : []
  )
  const found = Object.entries(bundled.schema).flatMap(([name, table]) =>
    bundled.is(table, bundled.SQLiteTable) ? [[name, namesIn(bundled.getTableConfig(table))]] : []
  )
  expect(expected.length).toBeGreaterThan(20)
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
})
