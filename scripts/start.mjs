// npm start: the guestbook on this machine, from a fresh clone too. Ctrl-C ends all of it.
import { ensureInstalled } from './node.mjs'

ensureInstalled()

const { ensureDevVars, readDevVars } = await import('./dev-vars.mjs')
const { migrate, settings, startTicker, startWrangler, untilReady } = await import(
  './dev-server.mjs'
)
await import('./vendor.mjs')

const { port, state, tickMs } = settings()
const url = `http://localhost:${port}`
const areNew = ensureDevVars()
migrate(state)
const child = startWrangler({ port, state })
const ticker = startTicker(url, tickMs)

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => child.kill('SIGTERM'))
}
child.on('exit', (code) => {
  clearInterval(ticker)
  process.exit(code ?? 0)
})

await untilReady(url, child)
console.log(`
  Guestbook   ${url}
  Dashboard   ${url}/admin
  ${areNew ? `Admin token ${readDevVars().ADMIN_TOKEN}   (shown this once; later: npm run token)` : 'Admin token npm run token'}

  Try a receiver in a second terminal: npm run receiver
`)
