import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readWrangler, runWrangler } from './deploy/wrangler.mjs'
import { ROOT } from './node.mjs'

/*
 * Two migrations were edited after databases had been made with them. Such a database cannot run the rest of the
 * migrations: 0010 fails ("duplicate column name"), or 0012 does ("no such column"). The edits only added tables,
 * indexes and columns, so what is missing can be found by name.
 */

/** Each edited migration, and the names under which a database may have run a part of it. */
const EDITED = {
  '0010_guestbook.sql': ['0010_guestbook.sql', '0010_build_hooks.sql', '0010_spam.sql', '0010_webmentions.sql'],
  '0011_owner.sql': ['0011_owner.sql'],
}

/** The names of migrations that have run, of tables and indexes, and of columns (`table.column`). */
export const FIND_NAMES = `SELECT name FROM d1_migrations
  UNION ALL SELECT name FROM sqlite_master
  UNION ALL SELECT t.name || '.' || c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE '\\_cf%' ESCAPE '\\'`

/**
 * @param {string[]} names what a database has, from FIND_NAMES
 * @param {(file: string) => string} read reads a migration
 * @returns {string[]} the statements that give a database what edited migrations have today; none for other databases
 */
export function planRepair(names, read) {
  const found = new Set(names)
  const begun = Object.entries(EDITED).filter(([, traces]) => traces.some((name) => found.has(name)))
  return begun.flatMap(([file]) => {
    const statements = read(file).split('--> statement-breakpoint')
    const missing = statements.map((sql) => sql.trim()).filter((sql) => !found.has(madeBy(sql)))
    return found.has(file) ? missing : [...missing, `INSERT INTO d1_migrations (name) VALUES ('${file}');`]
  })
}

/** @returns the name of the table, index or column that a statement adds. @throws Error if it does anything else */
function madeBy(sql) {
  const column = /^ALTER TABLE `(\w+)` ADD `(\w+)`/.exec(sql)
  if (column) return `${column[1]}.${column[2]}`
  const object = /^CREATE (?:TABLE|INDEX|UNIQUE INDEX) `(\w+)`/.exec(sql)
  if (object) return object[1]
  throw new Error(`Not a statement that only adds: ${sql}`)
}

/**
 * Applies new migrations. If that fails because of an edited migration, adds what is missing and tries again.
 * @param {string[]} where arguments of wrangler: which database
 * @param {{ env?: Record<string, string>, stdio?: string[] }} [options]
 * @throws Error if it fails
 */
export function applyMigrations(where, options = {}) {
  const apply = () => runWrangler(['d1', 'migrations', 'apply', 'DB', ...where], options.env, options.stdio)
  try {
    apply()
  } catch (cause) {
    const statements = planRepair(readNames(where, options.env), readMigration)
    if (statements.length === 0) throw cause
    console.log('A version of 26 November 2026 made this database. Adding what is missing, then trying again.')
    const command = ['d1', 'execute', 'DB', ...where, '--command', statements.join('\n')]
    runWrangler(command, options.env, options.stdio)
    apply()
  }
}

function readNames(where, env) {
  const output = readWrangler(['d1', 'execute', 'DB', ...where, '--json', '--command', FIND_NAMES], env)
  return output === null ? [] : JSON.parse(output).flatMap(({ results }) => results.map(({ name }) => name))
}

function readMigration(file) {
  return readFileSync(join(ROOT, 'migrations', file), 'utf8')
}
