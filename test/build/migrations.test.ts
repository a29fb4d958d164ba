import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/*
 * A database runs each migration once. If a migration is changed later, databases that have run it stay as they are,
 * and are different from new ones from then on. migrations/checksums.json therefore freezes every migration.
 */

const FOLDER = join(import.meta.dirname, '../../migrations')
const FROZEN: Record<string, string> = JSON.parse(readFileSync(join(FOLDER, 'checksums.json'), 'utf8'))
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'))

/** Git may check files out with Windows line endings. */
function checksum(name: string): string {
  const text = readFileSync(join(FOLDER, name), 'utf8').replaceAll('\r\n', '\n')
  return createHash('sha256').update(text).digest('hex')
}

it('no committed migration has been changed', () => {
  const changed = NAMES.filter((name) => FROZEN[name] && FROZEN[name] !== checksum(name))
  const advice = `Existing databases never run a migration again, so a change to it does not reach them.
Undo the change: git checkout migrations/${changed[0]}
Then write a new migration: npm run migration -- --name what
Only if this migration has never been committed: node scripts/build/freeze-migrations.mjs ${changed[0]}`
  expect(changed, advice).toEqual([])
})

it('no committed migration has been removed or renamed', () => {
  const removed = Object.keys(FROZEN).filter((name) => !NAMES.includes(name))
  const advice = `Existing databases know migrations by their names. Restore: git checkout migrations/${removed[0]}`
  expect(removed, advice).toEqual([])
})

it('every migration is in the list of checksums', () => {
  const added = NAMES.filter((name) => FROZEN[name] === undefined)
  const advice = 'There is a new migration. When it is final, freeze it: node scripts/build/freeze-migrations.mjs'
  expect(added, advice).toEqual([])
})

it('migrations are numbered without gaps, and new ones come last', () => {
  const numbers = NAMES.toSorted().map((name) => Number(name.slice(0, 4)))
  expect(numbers).toEqual(NAMES.map((_, i) => i))
})
