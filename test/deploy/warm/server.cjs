// A wrangler that is loaded once and runs many commands, one after another. See client.cjs and warm-wrangler.ts.
const { readFileSync } = require('node:fs')
const { createServer } = require('node:net')
const { createInterface } = require('node:readline')
const Module = require('node:module')

const main = loadWrangler()
const write = { stdout: process.stdout.write, stderr: process.stderr.write }
let last = Promise.resolve()

createServer((socket) => {
  createInterface({ input: socket }).once('line', (line) => {
    last = last.then(() => run(socket, JSON.parse(line)))
  })
}).listen(process.argv[2], () => process.stdout.write('ready'))
// Ends with the process that started it. Wrangler would close a channel of messages.
process.stdin.resume().once('end', () => process.kill(process.pid, 'SIGKILL'))

/** Wrangler runs its command only if it is the main module, and does not export the function that does. */
function loadWrangler() {
  const file = require.resolve('wrangler')
  const loaded = new Module(file, module)
  Object.assign(loaded, { filename: file, paths: Module._nodeModulePaths(file) })
  loaded._compile(`${readFileSync(file, 'utf8')}\nexports.main = main`, file)
  return loaded.exports.main
}

/** As a process of its own: with the environment, folder and output of the client. */
async function run(socket, { argv, env, cwd }) {
  const tell = (message) => socket.destroyed || socket.write(`${JSON.stringify(message)}\n`)
  process.chdir(cwd)
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  for (const stream of ['stdout', 'stderr'])
    process[stream].write = (text, ...more) => {
      tell({ stream, text: String(text) })
      more.find((one) => typeof one === 'function')?.()
      return true
    }
  process.exitCode = undefined
  const failure = await main(argv).then(
    () => null,
    (cause) => cause
  )
  const code = failure === null ? (process.exitCode ?? 0) : failure.code || 1
  for (const stream of ['stdout', 'stderr']) process[stream].write = write[stream]
  tell({ code })
  socket.end()
}
