// Ends with code 0 if the local database in a folder has all migrations. Wrangler takes two seconds to find that out.
// If the answer is not known, for example because Miniflare names its files in a new way, the code is 1.
import { createHash, createHmac } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readConfig } from './config.mjs'
import { ROOT } from './node.mjs'

const KIND = 'miniflare-D1DatabaseObject'

const { preview_database_id, database_id, binding } = readConfig().d1_databases.find((one) => one.binding === 'DB')
const name = preview_database_id ?? database_id ?? binding
const file = join(process.argv[2], 'v3', 'd1', KIND, `${objectId(name)}.sqlite`)
if (!existsSync(file)) process.exit(1)
const database = new DatabaseSync(file, { readOnly: true })
const rows = database.prepare('SELECT name FROM d1_migrations').all()
const applied = new Set(rows.map(({ name }) => name))
const names = readdirSync(join(ROOT, 'migrations')).filter((name) => name.endsWith('.sql'))
process.exit(names.every((name) => applied.has(name)) ? 0 : 1)

/** The ID that Miniflare gives to the Durable Object of a database. */
function objectId(name) {
  const key = createHash('sha256').update(KIND).digest()
  const half = (data) => createHmac('sha256', key).update(data).digest().subarray(0, 16)
  const first = half(name)
  return Buffer.concat([first, half(first)]).toString('hex')
}
