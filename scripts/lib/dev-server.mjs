import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readDevVars } from './dev-vars.mjs'
import { applyMigrations } from './edited-migrations.mjs'
import { ROOT, runNode, startNode, toolEnv, toolPath } from './node.mjs'

const WRANGLER = toolPath('wrangler/bin/wrangler.js')
const TICK_MS = 60_000

/** @throws Error if a variable is not a whole number in range */
export function settings(env = process.env) {
  return {
    port: wholeNumber('PORT', env.PORT || '8787', 65_535),
    state: env.GUESTHOOK_STATE || join(ROOT, '.wrangler', 'state'),
    /** Wrangler does not run cron triggers in development, so `startTicker` does. */
    tickMs: wholeNumber('GUESTHOOK_TICK_MS', env.GUESTHOOK_TICK_MS || String(TICK_MS), 3_600_000),
  }
}

function wholeNumber(name, text, max) {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new Error(`${name} must be a whole number from 1 to ${max}, not "${text}".`)
}

/** @throws Error if the port is in use, because the program that uses it would respond instead of the guestbook */
export async function requireFreePort(port) {
  const server = createServer()
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  }).catch((cause) => {
    throw new Error(`Port ${port} is already in use (${cause.code}). Choose another port: PORT=8790 npm start`)
  })
  await new Promise((closed) => server.close(closed))
}

/**
 * Claims the database for this process with a file that contains the process ID. Two programs must not share a
 * database, because each program has its own queues and its own memory.
 * @throws Error if another running process has claimed it
 */
export function claimState(state) {
  const file = join(state, 'npm-start.pid')
  const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (owner > 0 && owner !== process.pid && isStarter(owner)) {
    throw new Error(
      `${state} is being used by another "npm start" (process ${owner}). Stop that process, or choose another folder: GUESTHOOK_STATE=... PORT=8790 npm start`
    )
  }
  mkdirSync(state, { recursive: true })
  writeFileSync(file, String(process.pid))
}

/** The system reuses process IDs. On systems with /proc, this function therefore also checks the command line. */
function isStarter(pid) {
  try {
    process.kill(pid, 0)
  } catch (cause) {
    if (cause.code !== 'EPERM') return false
  }
  if (!existsSync('/proc/self')) return true
  const file = `/proc/${pid}/cmdline`
  return existsSync(file) && readFileSync(file, 'utf8').includes('start.mjs')
}

/** Applies new migrations to the local database. @throws Error if that fails */
export function migrate(state) {
  if (runNode([join(ROOT, 'scripts', 'lib', 'is-migrated.mjs'), state], { stdio: 'ignore' }) === 0) return
  const options = { env: { CI: 'true' }, stdio: ['ignore', 'ignore', 'inherit'] }
  try {
    applyMigrations(['--local', '--persist-to', state], options)
  } catch (cause) {
    throw new Error('Could not apply the migrations to the local database.', { cause })
  }
}

/**
 * Starts `wrangler dev`, and prints only the Worker's log lines and error messages.
 * @returns the process, which stops its children on SIGTERM and SIGINT
 */
export function startWrangler({ port, state }, url) {
  const address = ['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0']
  const quiet = ['--show-interactive-dev-session=false', '--log-level', 'log']
  const variables = [...publicUrl(url), ...noPlan(), ...previousKey()]
  // Tests start the same Worker by an entry of their own.
  const entry = process.env.GUESTHOOK_ENTRY ? [process.env.GUESTHOOK_ENTRY] : []
  const args = [WRANGLER, 'dev', ...entry, ...address, '--persist-to', state, ...quiet, ...variables]
  const child = startNode(args, { stdio: ['ignore', 'pipe', 'pipe'], env: toolEnv(DEV_ENV) })
  passOn(child.stdout, process.stdout, (line) => line.startsWith('{"event":'))
  passOn(child.stderr, process.stderr, (line) => line.trim() !== '' && !CRON_ADVICE.test(line))
  return child
}

const DEV_ENV = {
  // Two features of `wrangler dev` show every row and every request to any page that this machine's browser opens.
  X_LOCAL_EXPLORER: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${new URL('end-with-parent.mjs', import.meta.url)}`.trim(),
}

/** Links must not come from the Host header of a request. `.dev.vars` can name another address, such as a tunnel's. */
function publicUrl(url) {
  return readDevVars().PUBLIC_URL ? [] : ['--var', `PUBLIC_URL:${url}`]
}

/** This machine does not have the limits of the Free plan. `.dev.vars` can set FREE_PLAN to try them out. */
function noPlan() {
  return readDevVars().FREE_PLAN ? [] : ['--var', 'FREE_PLAN:false']
}

/**
 * Wrangler reads only variables named in wrangler.toml from .dev.vars. Rotating SECRETS_KEY requires one more, and all
 * users of this machine can read command lines, so it is named in a copy of the configuration.
 */
function previousKey() {
  if (!readDevVars().SECRETS_KEY_PREVIOUS) return []
  const file = join(ROOT, `.wrangler-dev-${process.pid}.json`)
  process.once('exit', () => rmSync(file, { force: true }))
  if (runNode([join(ROOT, 'scripts', 'lib', 'dev-config.mjs'), file]) === 0) return ['--config', file]
  throw new Error('Could not read wrangler.toml.')
}

/** Wrangler's advice on triggering cron jobs manually, which is not printed, because `npm start` triggers them. */
const CRON_ADVICE = /Scheduled Workers are not|manually trigger a scheduled|cdn-cgi\/local\/scheduled|cron-triggers/

function passOn(from, to, isWanted) {
  createInterface({ input: from }).on('line', (line) => isWanted(line) && to.write(`${line}\n`))
}

/**
 * Waits until the guestbook responds, and prints what is wrong with its configuration.
 * @throws Error if `wrangler dev` exits, or after `timeoutMs`
 */
export async function untilReady(url, child, timeoutMs = 60_000) {
  const deadline = Date.now() + timeoutMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`wrangler dev exited with code ${child.exitCode}.`)
    const response = await fetch(`${url}/healthz`).catch(() => null)
    if (response?.ok) return
    const { status, faults = [] } = (await response?.json().catch(() => null)) ?? {}
    for (const { message } of faults) console.error(`Warning: ${message}`)
    if (status === 'misconfigured') return
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  throw new Error(`${url} did not respond within ${timeoutMs / 1_000} seconds.`)
}

/** Triggers the cron handler at regular intervals. Failures are ignored, because the next run does the same work. */
export function startTicker(url, tickMs) {
  const tick = () => fetch(`${url}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).catch(() => null)
  return setInterval(tick, tickMs)
}
