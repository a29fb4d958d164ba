// npm start: the guestbook on this machine, from a fresh clone too. Ctrl-C ends all of it.
import { existsSync, readFileSync } from 'node:fs'
import { ensureInstalled } from './lib/node.mjs'

ensureInstalled()

const { ensureDevVars, readDevVars } = await import('./lib/dev-vars.mjs')
const { claimState, migrate, requireFreePort, settings, startTicker, startWrangler, untilReady } =
  await import('./lib/dev-server.mjs')
await import('./build/vendor.mjs')

const parents = lineage()

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
  const areNew = ensureDevVars()
  migrate(state)
  const child = startWrangler({ port, state })
  endWith(child, startTicker(url, tickMs))
  await untilReady(url, child)
  console.log(`
  Guestbook   ${url}
  Dashboard   ${url}/admin
  ${areNew ? `Admin token: ${readDevVars().ADMIN_TOKEN}   (shown this once; later: npm run token)` : 'Admin token: run `npm run token`'}

  Try a receiver in a second terminal: npm run receiver
`)
}

/** Whatever ends this ends the guestbook, and the other way round. */
function endWith(child, ticker) {
  const stop = () => child.kill('SIGTERM')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
  // Nobody reads any more (`npm start | head`): a pipe that breaks unheard would end us alone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', stop)
  // npm does not always pass on a signal that is sent to it alone, and may be killed: then nobody would be left to end this.
  const watch = setInterval(() => lineage().join() !== parents.join() && stop(), 500)
  child.on('exit', (code) => {
    clearInterval(ticker)
    clearInterval(watch)
    process.exit(code ?? 0)
  })
}

/** Our parent and, where the system tells, its parent: npm runs a shell between itself and us, which outlives it. */
function lineage() {
  const file = `/proc/${process.ppid}/stat`
  const grandparent = existsSync(file)
    ? readFileSync(file, 'utf8').split(') ')[1]?.split(' ')[1]
    : ''
  return [process.ppid, grandparent]
}
