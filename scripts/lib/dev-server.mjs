import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readDevVars } from './dev-vars.mjs'
import { ROOT, runNode, startNode, toolEnv, toolPath } from './node.mjs'

const WRANGLER = toolPath('wrangler/bin/wrangler.js')
const TICK_MS = 60_000

export function settings(env = process.env) {
  return {
    port: wholeNumber('PORT', env.PORT || '8787', 65_535),
    state: env.GUESTHOOK_STATE || join(ROOT, '.wrangler', 'state'),
    /** Never fires by itself in development, so this program is the clock. */
    tickMs: wholeNumber('GUESTHOOK_TICK_MS', env.GUESTHOOK_TICK_MS || String(TICK_MS), 3_600_000),
  }
}

function wholeNumber(name, text, max) {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new Error(`${name} must be a whole number from 1 to ${max}, not "${text}".`)
}

/** @throws Error when something listens there already: it would answer in our place */
export async function requireFreePort(port) {
  const server = createServer()
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  }).catch((cause) => {
    throw new Error(`Port ${port} is taken (${cause.code}). Choose another: PORT=8790 npm start`)
  })
  await new Promise((closed) => server.close(closed))
}

/**
 * Two programs on one database would each hold queues and memory of their own. Who has it is told by a file, which counts while that process lives.
 * @throws Error when another has it
 */
export function claimState(state) {
  const file = join(state, 'npm-start.pid')
  const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (owner > 0 && owner !== process.pid && isStarter(owner)) {
    throw new Error(
      `${state} is used by another "npm start" (process ${owner}). End that one, or choose another folder: GUESTHOOK_STATE=... PORT=8790 npm start`
    )
  }
  mkdirSync(state, { recursive: true })
  writeFileSync(file, String(process.pid))
}

/** Numbers of processes are used again, so where the system tells what one runs, that has to be this. */
function isStarter(pid) {
  try {
    process.kill(pid, 0)
  } catch (cause) {
    if (cause.code !== 'EPERM') return false
  }
  const told = `/proc/${pid}/cmdline`
  return (
    !existsSync('/proc/self') ||
    (existsSync(told) && readFileSync(told, 'utf8').includes('start.mjs'))
  )
}

/** Applies what is missing of the migrations to the local database; says nothing unless it fails. */
export function migrate(state) {
  const args = [WRANGLER, 'd1', 'migrations', 'apply', 'DB', '--local', '--persist-to', state]
  const code = runNode(args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: toolEnv({ CI: 'true' }),
  })
  if (code !== 0) throw new Error('The migrations could not be applied.')
}

/**
 * Starts `wrangler dev`, and passes on what is worth reading of what it prints: the worker's own log lines, and what went wrong.
 * @returns its process; it ends its own children on SIGTERM and SIGINT
 */
export function startWrangler({ port, state }) {
  const place = ['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0']
  const quiet = ['--show-interactive-dev-session=false', '--log-level', 'log']
  const args = [WRANGLER, 'dev', ...place, '--persist-to', state, ...quiet, ...previousKey()]
  const child = startNode(args, { stdio: ['ignore', 'pipe', 'pipe'] })
  passOn(child.stdout, process.stdout, (line) => line.startsWith('{"event":'))
  passOn(child.stderr, process.stderr, (line) => line.trim() !== '' && !CRON_ADVICE.test(line))
  return child
}

/** Of .dev.vars, wrangler takes only what wrangler.toml says is required; while SECRETS_KEY is rotated there is one more. */
function previousKey() {
  const { SECRETS_KEY_PREVIOUS: key } = readDevVars()
  return key ? ['--var', `SECRETS_KEY_PREVIOUS:${key}`] : []
}

/** `npm start` is the clock itself, so the advice on how to be one is of no use. */
const CRON_ADVICE =
  /Scheduled Workers are not|manually trigger a scheduled|cdn-cgi\/local\/scheduled|cron-triggers/

function passOn(from, to, isWanted) {
  createInterface({ input: from }).on('line', (line) => isWanted(line) && to.write(`${line}\n`))
}

/** Waits until the guestbook answers. @throws Error when it has not after `timeoutMs` */
export async function untilReady(url, child, timeoutMs = 60_000) {
  const deadline = Date.now() + timeoutMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`wrangler dev ended with code ${child.exitCode}.`)
    const answer = await fetch(`${url}/healthz`).catch(() => null)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  throw new Error(`Nothing answered at ${url} within ${timeoutMs / 1_000} s.`)
}

/** Fires the cron handler now and then. A missed tick is made good by the next one. */
export function startTicker(url, tickMs) {
  const tick = () => fetch(`${url}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).catch(() => null)
  return setInterval(tick, tickMs)
}
