import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './node.mjs'

const FILE = join(ROOT, '.dev.vars')

/** Makes the secrets of this checkout once. @returns {boolean} whether they are new */
export function ensureDevVars() {
  if (existsSync(FILE)) return false
  const lines = [
    '# Secrets of this checkout, made by `npm start`. Not for production; never committed.',
    `ADMIN_TOKEN=${randomBytes(24).toString('base64url')}`,
    `SECRETS_KEY=${randomBytes(32).toString('base64')}`,
    'ALLOW_LOCAL_ENDPOINTS=true',
  ]
  try {
    writeFileSync(FILE, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' })
    return true
  } catch (cause) {
    // Another program started at the same moment, and was first.
    if (cause.code === 'EEXIST') return false
    throw cause
  }
}

/** @returns {Record<string, string>} */
export function readDevVars() {
  const lines = readFileSync(FILE, 'utf8').split('\n')
  const pairs = lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split(/=(.*)/s))
  return Object.fromEntries(pairs.map(([name, value]) => [name, value.replace(/^"(.*)"$/, '$1')]))
}
