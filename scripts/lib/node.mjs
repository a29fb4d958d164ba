import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/*
 * Every script loads this file first, so the file must run on Node 20.12 without any packages installed.
 */

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const BIN = join(ROOT, 'node_modules', '.bin')
/** npm writes this file when an installation finishes. */
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json')
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** Runs `npm ci` if the lock file is newer than the last installation. @throws Error if `npm ci` fails */
export function ensureInstalled() {
  if (modifiedAt(INSTALLED) >= modifiedAt(join(ROOT, 'package-lock.json'))) return
  console.log('Installing packages …')
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync(npm, args, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) throw new Error(`npm ci failed with code ${status}.`)
}

/** @returns {number} epoch milliseconds; 0 if there is no such file */
function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** @returns the environment for tools, in which the project's own Node and packages take precedence */
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

/**
 * Prefers the version of Node that npm installed for the project, because the running version may be too old.
 * @throws Error if npm has no Node for this platform and the running version is older than 22.12
 */
export function nodePath() {
  const own = join(BIN, process.platform === 'win32' ? 'node.cmd' : 'node')
  if (existsSync(own)) return own
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 12)) return process.execPath
  throw new Error(`npm has no Node 24 for ${process.platform}-${process.arch}. Install Node 22.12 or later.`)
}

/** @param {string} tool the entry point of a package, for example `wrangler/bin/wrangler.js` */
export function toolPath(tool) {
  return join(ROOT, 'node_modules', tool)
}

export function startNode(args, options = {}) {
  return spawn(nodePath(), args, { cwd: ROOT, stdio: 'inherit', env: toolEnv(), ...options })
}

/** Runs a script and waits for it. @returns {number} the exit code */
export function runNode(args, options = {}) {
  const result = spawnSync(nodePath(), args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: toolEnv(),
    ...options,
  })
  return result.status ?? 1
}
