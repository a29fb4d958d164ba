import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Deployment } from './deployment'

/*
 * Databases made on 26 November 2026, while migrations 0010 and 0011 were still being edited. `npm run deploy` adds
 * what they lack. test/build/migration-history.test.ts examines every such database; here, the scripts and wrangler do
 * it.
 */

const FOLDER = join(import.meta.dirname, '../../migrations')
const COMPLETE = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.sql'))
  .toSorted()
/** What the first committed version of 0011 contained. */
const ROLLUPS = `CREATE TABLE rollups (span text NOT NULL, start integer NOT NULL, counted_to integer NOT NULL,
  figures text NOT NULL, PRIMARY KEY(span, start)) WITHOUT ROWID;
  ALTER TABLE attempts ADD late_at integer`

let deployment: Deployment

beforeEach(async () => {
  deployment = await Deployment.begin()
})

afterEach(() => deployment.end())

/** Creates a database with the migrations up to a number, as they are today, and one more in an earlier version. */
async function createDatabase(last: string, edited: string, sql: string): Promise<void> {
  const { account } = deployment
  const { uuid } = account.createDatabase({ name: 'guesthook' })
  const whole = COMPLETE.filter((name) => name <= last)
  const texts = [...whole.map((name) => readFileSync(join(FOLDER, name), 'utf8')), sql]
  const names = [...whole, edited].map((name) => `('${name}')`)
  await account.runtime.run(uuid, [
    'CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    ...texts.flatMap((text) => text.split('--> statement-breakpoint')),
    `INSERT INTO d1_migrations (name) VALUES ${names}`,
  ])
  account.addWorker('guesthook', [{ name: 'DB', type: 'd1', id: uuid }])
}

it.each([
  ['0009_books.sql~', '0010_spam.sql', "ALTER TABLE books ADD spam text DEFAULT '{}' NOT NULL"],
  ['0010_guestbook.sql~', '0011_owner.sql', ROLLUPS],
])('a database up to %s with an early %s is completed', async (last, edited, sql) => {
  await createDatabase(last, edited, sql)
  const { checkout, cloudflare } = deployment
  const run = await checkout.deploy(cloudflare, ['--yes'])
  expect(run.code, run.output).toBe(0)
  const guestbook = await deployment.run('guesthook')
  const health = await guestbook.fetch('/healthz')
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
})
