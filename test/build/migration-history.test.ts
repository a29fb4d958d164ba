import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
// @ts-expect-error: a script without types
import { FIND_NAMES, planRepair } from '../../scripts/lib/edited-migrations.mjs'

/*
 * checksums.json can be edited together with a migration. The history cannot: this test reads every version of every
 * migration that was ever committed. It is skipped where git or the history is missing. CI has both.
 */

const ROOT = join(import.meta.dirname, '../..')
const FOLDER = join(ROOT, 'migrations')
const TODAY = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'))

/** How many versions were committed of the migrations that were edited before this test existed. Never add to it. */
const EDITED: Record<string, number> = {
  '0000_init.sql': 2,
  '0002_number_entries.sql': 1,
  '0004_trust.sql': 2,
  '0005_inbound.sql': 5,
  '0006_inbound_addresses.sql': 1,
  '0007_repair.sql': 2,
  '0008_erasure_and_retention.sql': 4,
  '0009_books.sql': 2,
  '0010_build_hooks.sql': 1,
  '0010_spam.sql': 1,
  '0010_webmentions.sql': 1,
  '0010_guestbook.sql': 2,
  '0011_owner.sql': 8,
}
const LAST_EDITED = '0011_owner.sql'

function git(...args: string[]): string {
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
  return execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio })
}

function hasHistory(): boolean {
  try {
    return git('rev-parse', '--is-shallow-repository').trim() === 'false'
  } catch {
    return false
  }
}

/** Every change on every branch that was merged: `-m` compares a merge with each of its parents. */
const LOG = ['log', '--full-history', '-m', '--no-renames']
const SQL = 'migrations/*.sql'

/** @returns the blobs that were committed under each name, with today's file */
function committedVersions(): Map<string, Set<string>> {
  const versions = new Map(TODAY.map((name) => [name, new Set([blobOf(name)])]))
  for (const line of git(...LOG, '--format=', '--raw', '--no-abbrev', '--', SQL).split('\n')) {
    const [, blob = '', name = ''] = /^:\d+ \d+ \w+ (\w+) \w\tmigrations\/(.+)$/.exec(line) ?? []
    if (name && !/^0+$/.test(blob)) versions.set(name, (versions.get(name) ?? new Set()).add(blob))
  }
  return versions
}

/** @returns the id that git gives to a file. Git may check files out with Windows line endings */
function blobOf(name: string): string {
  const text = Buffer.from(readFileSync(join(FOLDER, name), 'utf8').replaceAll('\r\n', '\n'))
  return createHash('sha1').update(`blob ${text.length}\0`).update(text).digest('hex')
}

type Migrations = Map<string, string>

/** @returns the migrations of each commit that changed them, without repetitions, by a short name of the commit */
function committedStates(): [string, Migrations][] {
  const commits = git(...LOG, '--reverse', '--format=%H', '--', SQL)
    .split('\n')
    .filter(Boolean)
  const states = new Map(commits.map((commit) => [git('ls-tree', commit, 'migrations/'), commit]))
  return [...states].map(([tree, commit]) => [commit.slice(0, 7), readTree(tree)])
}

const readBlob = remembered((blob) => git('cat-file', 'blob', blob))

function readTree(tree: string): Migrations {
  const files = [...tree.matchAll(/blob (\w+)\tmigrations\/(.+\.sql)$/gm)]
  return new Map(files.map(([, blob = '', name = '']) => [name, readBlob(blob)]))
}

function remembered(read: (key: string) => string): (key: string) => string {
  const known = new Map<string, string>()
  return (key) => {
    const value = known.get(key) ?? read(key)
    known.set(key, value)
    return value
  }
}

const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8')
const MIGRATIONS: Migrations = new Map(TODAY.map((name) => [name, read(name)]))

function newDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)')
  return database
}

/** Applies what a database does not have yet, one transaction for each migration. @throws Error as SQLite does */
function apply(database: DatabaseSync, migrations: Migrations): void {
  const done = new Set(namesIn(database))
  for (const name of [...migrations.keys()].toSorted().filter((name) => !done.has(name))) {
    database.exec('BEGIN')
    try {
      database.exec(`${migrations.get(name)}\n;INSERT INTO d1_migrations (name) VALUES ('${name}');COMMIT`)
    } catch (cause) {
      database.exec('ROLLBACK')
      throw cause
    }
  }
}

/** Does what `applyMigrations` of scripts/lib/edited-migrations.mjs does. */
function upgrade(database: DatabaseSync): void {
  try {
    apply(database, MIGRATIONS)
  } catch (cause) {
    const statements = planRepair(namesIn(database), read) as string[]
    if (statements.length === 0) throw cause
    database.exec(statements.join('\n'))
    apply(database, MIGRATIONS)
  }
}

function namesIn(database: DatabaseSync): string[] {
  return database
    .prepare(FIND_NAMES)
    .all()
    .map(({ name }) => String(name))
}

/** @returns everything that the schema consists of. Columns may be in another order, and spaces may differ */
function schemaOf(database: DatabaseSync): string[] {
  const objects = database.prepare("SELECT * FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'").all()
  return objects
    .flatMap(({ type, name, sql }) => {
      if (type !== 'table') return `${sql}`.replaceAll(/\s+/g, ' ')
      const columns = database.prepare(`SELECT * FROM pragma_table_info('${name}')`).all()
      return columns.map(({ cid, ...column }) => `${name} ${JSON.stringify(column)}`)
    })
    .toSorted()
}

describe.skipIf(!hasHistory())('the history of the migrations', () => {
  it('contains one version of each migration, the one of today', () => {
    const edited = [...committedVersions()].filter(([name, { size }]) => size > (EDITED[name] ?? 1))
    const advice = 'Databases may have run the first version. Restore it, and write a new migration.'
    expect(
      edited.map(([name]) => name),
      advice
    ).toEqual([])
  })

  it('contains no migration that was removed or renamed', () => {
    const removed = [...committedVersions().keys()].filter((name) => !TODAY.includes(name) && !(name in EDITED))
    expect(removed, 'Databases know migrations by their names. Restore these.').toEqual([])
  })

  it('has no exceptions for migrations that are newer than this test', () => {
    expect(Object.keys(EDITED).filter((name) => name > LAST_EDITED)).toEqual([])
  })
})

const STATES = hasHistory() ? committedStates() : []

describe.runIf(STATES.length > 0)('a database of the commit', () => {
  const fresh = newDatabase()
  apply(fresh, MIGRATIONS)

  it.each(STATES)('%s gets the schema of a new one', (_, migrations) => {
    const database = newDatabase()
    apply(database, migrations)
    upgrade(database)
    expect(schemaOf(database)).toEqual(schemaOf(fresh))
  })
})
