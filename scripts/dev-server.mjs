import { join } from 'node:path'
import { readDevVars } from './dev-vars.mjs'
import { ROOT, runNode, startNode, toolPath } from './node.mjs'

const WRANGLER = toolPath('wrangler/bin/wrangler.js')
const TICK_MS = 60_000

export function settings(env = process.env) {
  return {
    port: Number(env.PORT ?? 8787),
    state: env.GUESTHOOK_STATE ?? join(ROOT, '.wrangler', 'state'),
    /** Never fires by itself in development, so this program is the clock. */
    tickMs: Number(env.GUESTHOOK_TICK_MS ?? TICK_MS),
  }
}

/** Applies what is missing of the migrations to the local database; says nothing unless it fails. */
export function migrate(state) {
  const args = [WRANGLER, 'd1', 'migrations', 'apply', 'DB', '--local', '--persist-to', state]
  const env = { ...process.env, CI: 'true' }
  const output = runNode(args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...env, WRANGLER_HIDE_BANNER: 'true' },
  })
  if (output !== 0) throw new Error('The migrations could not be applied.')
}

/** Starts `wrangler dev`. @returns its process; it ends its own children on SIGTERM and SIGINT */
export function startWrangler({ port, state }, stdio = 'inherit') {
  // Only the secrets that wrangler.toml requires are read from .dev.vars; this one is a plain variable.
  const local = readDevVars().ALLOW_LOCAL_ENDPOINTS ?? 'false'
  return startNode(
    [
      WRANGLER,
      'dev',
      '--ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--inspector-port',
      '0',
      '--persist-to',
      state,
      '--var',
      `ALLOW_LOCAL_ENDPOINTS:${local}`,
      '--show-interactive-dev-session=false',
      '--log-level',
      process.env.GUESTHOOK_LOG_LEVEL ?? 'log',
    ],
    { stdio }
  )
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
