import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../support/program/free-port'

/* What the scripts make of their command lines. No guestbook runs, and a server counts the requests to one. */

const folder = mkdtempSync(join(tmpdir(), 'guesthook-scripts-'))
const file = (name: string, content = '') => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

let server: Server
let url = ''
let requests = 0
/** What the server refuses each request with. */
let refusal: string | null = null

beforeAll(async () => {
  server = createServer((_, response) => {
    requests += 1
    if (refusal !== null) response.writeHead(422).end(refusal)
    else response.end('{"type":"guesthook.export","version":1}\n{"type":"end"}\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

function run(program: string, args: string[], env: Record<string, string> = {}) {
  const all = { ...process.env, GUESTHOOK_TOKEN: 'token', ...env }
  return new Promise<{ status: unknown; output: string }>((resolve) =>
    execFile(program, args, { env: all }, (fault, stdout, stderr) =>
      resolve({ status: fault?.code ?? 0, output: `${stdout}${stderr}` })
    )
  )
}

const script = (name: string, ...args: string[]) => run(process.execPath, [`scripts/${name}.mjs`, ...args])

it('a script that cannot reach the guestbook says so before it tries again', async () => {
  const args = ['scripts/backup.mjs', '--url', `http://127.0.0.1:${await freePort()}`, join(folder, 'none')]
  const child = spawn(process.execPath, args, { env: { ...process.env, GUESTHOOK_TOKEN: 'token' } })
  const [line] = await once(child.stderr, 'data')
  child.kill()
  expect(String(line)).toMatch(/http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. Retrying/)
})

it('the receiver prints the address that it listens on', async () => {
  const child = spawn(process.execPath, ['scripts/receiver.mjs'], { env: { ...process.env, RECEIVER_PORT: '0' } })
  const [line] = await once(child.stdout, 'data')
  const address = /http:\S+\/ok/.exec(String(line))?.[0] ?? ''
  const status = await fetch(address, { method: 'POST', body: '{}' }).then(
    (response) => response.status,
    (cause) => String(cause)
  )
  child.kill()
  expect(status).toBe(200)
})

it('a script shows each error of a refusal', async () => {
  const errors = [{ path: 'book', message: 'Choose a book that exists.' }]
  refusal = JSON.stringify({ detail: 'See "errors".', errors })
  const { output } = await script('backup', '--url', url, join(folder, 'none'))
  refusal = null
  expect(output).toContain('Choose a book that exists.')
})

it('a backup adds nothing but the log', async () => {
  expect(await script('backup', '--url', url, '--include', 'logs', join(folder, 'none'))).toMatchObject({ status: 2 })
})

it('a deployment refuses to run without the address that npm took', async () => {
  const env = { npm_config_public_url: 'https://example.com', CLOUDFLARE_API_BASE_URL: url, CLOUDFLARE_API_TOKEN: 'x' }
  expect(await run(process.execPath, ['scripts/deploy.mjs', '--yes'], env)).toMatchObject({ status: 2 })
})

it.each([
  ['backup', ['--url', 'localhost:8787', 'x']],
  ['import', ['--url', 'localhost:8787', 'x']],
  ['restore', ['--url', 'ftp://localhost', 'x']],
  ['listen', ['--url', 'localhost:8787', '--to', 'http://localhost:3000']],
  ['listen', ['--to', 'localhost:3000/hook']],
  ['listen', []],
])('%s %j asks for a full URL', async (name, args) => {
  const { status, output } = await script(name, ...args)
  expect(output).toMatch(/full URL/)
  expect(status).toBe(2)
})

describe('a script that reads or writes one file', () => {
  it.each(['import', 'backup', 'restore'])('%s refuses a second one', async (name) => {
    const before = requests
    const { status, output } = await script(name, '--url', url, file('a.csv'), file('b.csv'))
    expect(output).toContain('Usage')
    expect(status).toBe(2)
    expect(requests).toBe(before)
  })

  it.each([
    ['import', '--dry-run'],
    ['backup', '--passphrase-file=p.txt'],
  ])('%s refuses to run without %s, which npm takes if it comes before "--"', async (name, option) => {
    const before = requests
    const { status, output } = await run('npm', ['run', '-s', name, option, '--', '--url', url, file('a.csv')])
    expect(output).toContain('"--"')
    expect(status).toBe(2)
    expect(requests).toBe(before)
  })

  it.each([
    ['an empty file', ['--passphrase-file', file('empty')], {}],
    ['no file, after its name got lost', ['--passphrase-file', ''], {}],
    ['an empty variable', [], { GUESTHOOK_PASSPHRASE: '' }],
  ])('makes no backup without secrets if the passphrase is from %s', async (_, options, env) => {
    const target = join(folder, 'sealed.ndjson')
    const args = ['scripts/backup.mjs', '--url', url, ...options, target]
    expect(await run(process.execPath, args, env)).toMatchObject({ status: 1 })
    expect(existsSync(target)).toBe(false)
  })

  it('replaces a backup, but no other file', async () => {
    const secret = file('p.txt', 'correct horse battery staple\n')
    expect(await script('backup', '--url', url, secret)).toMatchObject({ status: 1 })
    expect(readFileSync(secret, 'utf8')).toBe('correct horse battery staple\n')
    const older = file('backup.ndjson', '{"type":"guesthook.export","version":1,"seal":"old"}\n')
    expect(await script('backup', '--url', url, older)).toMatchObject({ status: 0 })
    expect(readFileSync(older, 'utf8')).not.toContain('old')
  })
})
