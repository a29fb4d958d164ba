// Stands in for node_modules/wrangler/bin/wrangler.js in a clone: passes its command to a wrangler that is already loaded
// (server.cjs), because loading takes a second of a core. Without GUESTHOOK_WRANGLER, it is the real one.
const Module = require('node:module')
const { connect } = require('node:net')
const { join } = require('node:path')
const { createInterface } = require('node:readline')

if (process.env.GUESTHOOK_WRANGLER) ask(process.env.GUESTHOOK_WRANGLER)
else Module.runMain(join(__dirname, '../../../node_modules/wrangler/bin/wrangler.js'))

function ask(path) {
  const { argv, env } = process
  const socket = connect(path, () =>
    socket.write(`${JSON.stringify({ argv: argv.slice(2), env, cwd: process.cwd() })}\n`)
  )
  process.exitCode = 1
  createInterface({ input: socket }).on('line', (line) => {
    const { stream, text, code } = JSON.parse(line)
    if (stream) process[stream].write(text)
    else process.exitCode = code
  })
}
