// Reports the size of the built Worker (see `npm run build`), and which rooms and packages it consists of. Above the
// number of the design it warns, and does not fail: what users feel is the time of the first request (`npm run bench`).
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ROOT } from '../lib/node.mjs'

const WARN_BYTES = 500_000
const PLATFORM_BYTES = 3_000_000

const dist = join(ROOT, 'dist')
const files = readdirSync(dist).filter((name) => name.endsWith('.js'))
if (files.length === 0) throw new Error('There is no built Worker. Run `npm run build` first.')
const size = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name))).length, 0)
console.log(`budget  Worker bundle: ${size} bytes gzip (a warning above ${WARN_BYTES})`)
console.log(`        uncompressed: ${parts().join(', ')}`)
if (size > WARN_BYTES) console.warn(`WARNING The bundle grew. The platform allows ${PLATFORM_BYTES} bytes.`)

/** @returns texts such as "webhooks 210 KB", the largest first */
function parts() {
  const { outputs } = JSON.parse(readFileSync(join(dist, 'bundle-meta.json'), 'utf8'))
  const bytes = new Map()
  for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
    const name = partOf(path)
    bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput)
  }
  const sorted = [...bytes].toSorted(([, a], [, b]) => b - a)
  return sorted.map(([name, count]) => `${name} ${Math.ceil(count / 1000)} KB`)
}

/** @returns the package or the room that a file belongs to */
function partOf(path) {
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)
  if (inPackage) return inPackage[1]
  return /^(?:\.\.\/)*src\/([^/]+)\//.exec(path)?.[1] ?? 'other'
}
