// npm start: the guestbook on this machine, from a fresh clone too. Ctrl-C ends all of it.
import { ensureInstalled } from './node.mjs'

ensureInstalled()

const { ensureDevVars, readDevVars } = await import('./dev-vars.mjs')
const { migrate, requireFreePort, settings, startTicker, startWrangler, untilReady } = await import(
  './dev-server.mjs'
)
await import('./vendor.mjs')

const { port, state, tickMs } = settings()
const url = `http://localhost:${port}`
await requireFreePort(port)
const areNew = ensureDevVars()
migrate(state)
const child = startWrangler({ port, state })
const ticker = startTicker(url, tickMs)
const stop = () => child.kill('SIGTERM')

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
// npm does not pass on a signal that is sent to it alone: without it, nobody would be left to end this.
const parent = process.ppid
const watch = setInterval(() => process.ppid !== parent && stop(), 500)
child.on('exit', (code) => {
  clearInterval(ticker)
  clearInterval(watch)
  process.exit(code ?? 0)
})

await untilReady(url, child)
console.log(`
  Guestbook   ${url}
  Dashboard   ${url}/admin
  ${areNew ? `Admin token ${readDevVars().ADMIN_TOKEN}   (shown this once; later: npm run token)` : 'Admin token npm run token'}

  Try a receiver in a second terminal: npm run receiver
`)
