import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/*
 * What every script needs before anything else: this file runs on Node 20 with nothing installed.
 */

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const BIN = join(ROOT, 'node_modules', '.bin')
/** npm writes this last. */
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json')
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** Installs exactly what the lock file says, only when it is newer than what npm installed last. */
export function ensureInstalled() {
  if (modifiedAt(INSTALLED) >= modifiedAt(join(ROOT, 'package-lock.json'))) return
  console.log('Installing what package-lock.json names …')
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync(npm, args, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) throw new Error(`npm ci failed with code ${status}.`)
}

/** @returns {number} epoch milliseconds; 0 when there is no such file */
function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** The environment in which tools find the project's own Node and each other first. */
export function toolEnv(extra = {}) {
  return {
    ...process.env,
    PATH: `${BIN}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_SEND_METRICS: 'false',
    ...extra,
  }
}

/** The project's own Node where npm has one for this platform, else this one, if it is new enough. */
export function nodePath() {
  const own = join(BIN, process.platform === 'win32' ? 'node.cmd' : 'node')
  if (existsSync(own)) return own
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 12)) return process.execPath
  throw new Error(
    `npm has no Node 24 for ${process.platform}-${process.arch}. Install Node 22.12 or later.`
  )
}

/** @param {string} tool the package's own entry, for example `wrangler/bin/wrangler.js` */
export function toolPath(tool) {
  return join(ROOT, 'node_modules', tool)
}

export function startNode(args, options = {}) {
  return spawn(nodePath(), args, { cwd: ROOT, stdio: 'inherit', env: toolEnv(), ...options })
}

/** Runs to the end. @returns {number} the exit code */
export function runNode(args, options = {}) {
  const result = spawnSync(nodePath(), args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: toolEnv(),
    ...options,
  })
  return result.status ?? 1
}
