// Checks the size of the built Worker (see `npm run build`) against its budget.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ROOT } from '../lib/node.mjs'

const BUDGET_BYTES = 300_000
const dist = join(ROOT, 'dist')
const files = readdirSync(dist).filter((name) => name.endsWith('.js'))
const size = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name))).length, 0)
console.log(`budget  Worker bundle: ${size} bytes gzip (<= ${BUDGET_BYTES})`)
if (files.length === 0 || size > BUDGET_BYTES) process.exit(1)
