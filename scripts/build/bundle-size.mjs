// Checks the size of the built Worker (see `npm run build`) against its budget.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ROOT } from '../lib/node.mjs'

/** In KiB, as wrangler prints the size. */
const BUDGET = 300
const dist = join(ROOT, 'dist')
const files = readdirSync(dist).filter((name) => name.endsWith('.js'))
const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name))).length, 0)
console.log(`budget  Worker bundle: ${(bytes / 1_024).toFixed(1)} KiB gzip (${bytes} bytes; <= ${BUDGET} KiB)`)
if (files.length === 0 || bytes > BUDGET * 1_024) process.exit(1)
