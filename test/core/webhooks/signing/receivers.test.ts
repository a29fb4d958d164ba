import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import SNIPPETS from '../../../../public/snippets.json'
import { freePort } from '../../../support/program/free-port'

/* The receivers of the guide, which are started as it says, and get a challenge and an event. */

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`
const CHALLENGE = '5f2b8c1e9a7d4036b1c2d3e4f5a60718'
const has = (command: string) => spawnSync(command, [command === 'go' ? 'version' : '--version']).status === 0

/** @param port instead of the one in the guide, which may be in use */
function filesOf(language: string, port: number): { code: string; server: string } {
  const { code = [], server = [] } = SNIPPETS.find((one) => one.language === language) ?? {}
  const filled = server.join('\n').replaceAll('%{secret}', 'GUIDE_SECRET').replaceAll('3000', String(port))
  return { code: code.join('\n'), server: filled }
}

/** What stands in for Rack, which does not come with Ruby: it calls `run` with one request for each line. */
const RACK = `
require 'socket'
require 'stringio'
def run(app)
  server = TCPServer.new('127.0.0.1', Integer(ENV.fetch('PORT')))
  loop do
    client = server.accept
    client.gets
    env = {}
    while (line = client.gets.chomp) != ''
      name, value = line.split(': ', 2)
      env["HTTP_#{name.upcase.tr('-', '_')}"] = value
    end
    env['rack.input'] = StringIO.new(client.read(Integer(env['HTTP_CONTENT_LENGTH'])))
    status, headers, body = app.call(env)
    client.write("HTTP/1.1 #{status} x\\r\\nconnection: close\\r\\n#{headers.map { |pair| pair.join(': ') }.join("\\r\\n")}\\r\\n\\r\\n#{body.join}")
    client.close
  end
end
`

type Start = [command: string, files: (code: string, server: string) => Record<string, string>, args: string[]]

const STARTS: Record<string, Start> = {
  JavaScript: ['node', (code, server) => ({ 'verify.mjs': code, 'receiver.mjs': server }), ['receiver.mjs']],
  Python: ['python3', (code, server) => ({ 'verify.py': code, 'receiver.py': server }), ['receiver.py']],
  PHP: [
    'php',
    (code, server) => ({ 'verify.php': code, 'receiver.php': server }),
    ['-S', '127.0.0.1:PORT', 'receiver.php'],
  ],
  Go: ['go', (code, server) => ({ 'verify.go': code, 'main.go': server }), ['run', 'main.go', 'verify.go']],
  Ruby: ['ruby', (code, server) => ({ 'verify.rb': code, 'config.rb': RACK + server }), ['config.rb']],
  Java: [
    'java',
    (code, server) => ({ 'Receiver.java': server.replace('  // Put the method from step 3 here.', code) }),
    ['Receiver.java'],
  ],
}

let running: ChildProcess | undefined
/** `go run` starts another process, so the group ends. */
afterEach(() => running?.pid && process.kill(-running.pid, 'SIGKILL'))

async function start(language: string): Promise<(body: string, headers?: Record<string, string>) => Promise<Response>> {
  const [command, files, args] = STARTS[language] as Start
  const port = await freePort()
  const { code, server } = filesOf(language, port)
  const cwd = mkdtempSync(join(tmpdir(), 'receiver-'))
  for (const [name, text] of Object.entries(files(code, server))) writeFileSync(join(cwd, name), text)
  const env = { ...process.env, GUIDE_SECRET: SECRET, PORT: String(port), GO111MODULE: 'off' }
  running = spawn(
    command,
    args.map((arg) => arg.replace('PORT', String(port))),
    { cwd, env, detached: true, stdio: 'ignore' }
  )
  const post = (body: string, headers = {}) =>
    fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', ...headers },
    })
  // Go compiles its library first.
  for (let left = 2_400; left > 0; left--) {
    const response = await post('{}').catch(() => null)
    if (response) return post
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`${language} does not listen.`)
}

describe.each(Object.keys(STARTS))('the receiver for %s', (language) => {
  it.skipIf(!has(STARTS[language]?.[0] ?? ''))(
    'answers the challenge, and accepts only what is signed',
    { timeout: 250_000 },
    async () => {
      const post = await start(language)
      const asked = await post(JSON.stringify({ type: 'endpoint.verify', data: { challenge: CHALLENGE } }))
      expect([asked.status, await asked.text()]).toEqual([200, CHALLENGE])
      const body = JSON.stringify({ type: 'comment.published', data: { text: 'Zoë' } })
      const now = new Date()
      const headers = {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': new Webhook(SECRET).sign('msg_1', now, body),
      }
      expect((await post(body, headers)).ok).toBe(true)
      expect((await post(body, { ...headers, 'webhook-id': 'msg_2' })).status).toBe(400)
      expect((await post(body)).status).toBe(400)
    }
  )
})
