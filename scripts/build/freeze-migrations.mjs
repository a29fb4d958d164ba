// Adds new migrations to migrations/checksums.json, so that a test notices when one of them is changed later.
// usage: node scripts/build/freeze-migrations.mjs [<file> ...]
// Files named on the command line are frozen again. Do this only if no database has run the migration yet.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ROOT } from '../lib/node.mjs'

const folder = join(ROOT, 'migrations')
const list = join(folder, 'checksums.json')
const renewed = process.argv.slice(2).map((file) => basename(file))

const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
const unknown = renewed.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`There is no migration ${unknown.join(', ')}.`)
  process.exit(1)
}

const frozen = JSON.parse(readFileSync(list, 'utf8'))
for (const name of names.toSorted()) {
  if (name in frozen && !renewed.includes(name)) continue
  // Git may check files out with Windows line endings.
  const text = readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n')
  frozen[name] = createHash('sha256').update(text).digest('hex')
  console.log(`Frozen: ${name}`)
}
writeFileSync(list, `${JSON.stringify(frozen, null, 2)}\n`)
