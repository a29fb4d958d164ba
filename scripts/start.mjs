// npm start: runs the guestbook on this machine, even from a fresh clone. Ctrl-C stops everything.
import { existsSync, readFileSync } from 'node:fs'
import { ensureInstalled } from './lib/node.mjs'

ensureInstalled()

const { ensureDevVars, readDevVars } = await import('./lib/dev-vars.mjs')
const { claimState, migrate, requireFreePort, settings, startTicker, startWrangler, untilReady } = await import(
  './lib/dev-server.mjs'
)

const ancestors = parentIds()

try {
  await start()
} catch (cause) {
  console.error(`\n${cause.message}`)
  process.exit(1)
}

async function start() {
  const { port, state, tickMs } = settings()
  const url = `http://localhost:${port}`
  claimState(state)
  await requireFreePort(port)
  const isFirstStart = ensureDevVars()
  migrate(state)
  const child = startWrangler({ port, state }, url)
  stopTogether(child, startTicker(url, tickMs))
  await untilReady(url, child)
  console.log(`
  Guestbook   ${url}
  Dashboard   ${url}/admin
  ${isFirstStart ? `Admin token: ${readDevVars().ADMIN_TOKEN}   (shown only now; to see the token again: npm run token)` : 'Admin token: run `npm run token`'}

  To see webhooks arrive, start a receiver in a second terminal: npm run receiver
`)
}

/** Stops the guestbook when this process ends, and ends this process when the guestbook stops. */
function stopTogether(child, ticker) {
  const stop = () => child.kill('SIGTERM')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
  // A closed pipe (`npm start | head`) would otherwise end only this process.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', stop)
  // npm may be killed, and does not always forward signals, so stop when a parent process is gone.
  const watch = setInterval(() => parentIds().join() !== ancestors.join() && stop(), 500)
  child.on('exit', (code) => {
    clearInterval(ticker)
    clearInterval(watch)
    process.exit(code ?? 0)
  })
}

/**
 * Includes the grandparent on systems with /proc: npm starts this script through a shell, which outlives npm.
 * @returns process IDs
 */
function parentIds() {
  const file = `/proc/${process.ppid}/stat`
  const grandparent = existsSync(file) ? readFileSync(file, 'utf8').split(') ')[1]?.split(' ')[1] : ''
  return [process.ppid, grandparent]
}
