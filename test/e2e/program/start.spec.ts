import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { Checkout } from '../../deploy/checkout'
import { freePort } from '../../support/program/free-port'
import { eventually, newState, Program } from '../../support/program/program'

let program: Program

test.beforeAll(async () => {
  program = await Program.start(mkdtempSync(join(tmpdir(), 'guesthook-')))
})

test.afterAll(() => program.end())

/** Submits a form at another address of this machine, as a browser behind a tunnel or on a phone does. */
function submit(host: string, path: string, fields: Record<string, string>): Promise<number | undefined> {
  const headers = { Host: host, Origin: `http://${host}`, 'Content-Type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    const sending = request({ host: '127.0.0.1', port: program.port, path, method: 'POST', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    sending.on('error', reject).end(String(new URLSearchParams(fields)))
  })
}

/** @returns `id state name` of each process of a process group */
function processes(ofGroup = program.group): string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return ids.flatMap((id) => {
    const file = `/proc/${id}/stat`
    const [, name, rest] = (existsSync(file) && /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(file, 'utf8'))) || []
    const [state, , group] = rest?.split(' ') ?? []
    return Number(group) === ofGroup && state !== 'Z' ? [`${id} ${state} ${name}`] : []
  })
}

/** @returns the process that runs start.mjs, not the shell or npm, which also name it */
function starterId(): number {
  const ids = processes().map((line) => Number(line.split(' ')[0]))
  const isStarter = (id: number) =>
    /^[^\0]*node\0scripts\/start\.mjs\0$/.test(readFileSync(`/proc/${id}/cmdline`, 'utf8'))
  return ids.find(isStarter) ?? 0
}

test('the pages work at any address of this machine, and links name the address that npm start shows', async () => {
  for (const host of [`127.0.0.1:${program.port}`, 'phone.example:8787']) {
    expect(await submit(host, '/sign', { name: 'Ada', body: `from ${host}` })).toBe(303)
    expect(await submit(host, '/admin/login', { token: program.token })).toBe(303)
  }
  const { body } = await program.api<{ data: { url: string; body: string }[] }>('GET', '/api/comments?status=held')
  expect(body.data.map((comment) => comment.body).toSorted()).toEqual([
    `from 127.0.0.1:${program.port}`,
    'from phone.example:8787',
  ])
  for (const { url } of body.data) expect(url).toContain(`http://localhost:${program.port}/comments/`)
})

test('no page shows the rows and the requests of the program, and none of them are recorded', async () => {
  for (const path of ['/cdn-cgi/local/explorer', '/cdn-cgi/local/explorer/api/d1/database', '/cdn-cgi/explorer']) {
    expect((await fetch(program.url + path)).status).toBe(404)
  }
  const stored = readdirSync(`${program.state}/v3`)
  expect(stored.filter((name) => /observ|trace|explorer/i.test(name))).toEqual([])
})

test('no process is left after start.mjs is killed, although it cannot stop any process itself', async () => {
  test.skip(process.platform !== 'linux', 'Processes are found in /proc.')
  expect(processes().join()).toContain('workerd')
  process.kill(starterId(), 'SIGKILL')
  await eventually(async () => expect(processes()).toEqual([]))
  await expect(fetch(`${program.url}/healthz`)).rejects.toThrow()
})

test('while SECRETS_KEY is being rotated, the old key is used, and no key is on a command line', async () => {
  test.skip(process.platform !== 'linux', 'Command lines are read from /proc.')
  const checkout = new Checkout()
  const key = (byte: string) => btoa(`${byte.repeat(31)}!`)
  const secrets = { ADMIN_TOKEN: 'an-admin-token-for-a-test', SECRETS_KEY: key('a'), SECRETS_KEY_PREVIOUS: key('b') }
  writeFileSync(
    join(checkout.folder, '.dev.vars'),
    Object.entries(secrets)
      .map((pair) => pair.join('='))
      .join('\n')
  )
  const [port, state] = [await freePort(), newState()]
  const env = { ...process.env, PORT: String(port), GUESTHOOK_STATE: state }
  const starter = spawn('node', ['scripts/start.mjs'], { cwd: checkout.folder, env, detached: true })
  let output = ''
  for (const stream of [starter.stdout, starter.stderr]) stream.on('data', (text) => (output += text))
  const group = starter.pid ?? 0
  try {
    await eventually(async () => expect(output).toContain('Dashboard'), 90_000)
    const ids = processes(group).map((line) => line.split(' ')[0])
    const commands = ids.map((id) => readFileSync(`/proc/${id}/cmdline`, 'utf8')).join('\n')
    expect(commands).toContain('workerd')
    for (const secret of Object.values(secrets)) expect(commands).not.toContain(secret)
    const origin = `http://localhost:${port}`
    const body = new URLSearchParams({ token: secrets.ADMIN_TOKEN })
    const login = await fetch(`${origin}/admin/login`, {
      method: 'POST',
      headers: { Origin: origin },
      body,
      redirect: 'manual',
    })
    const headers = { Cookie: login.headers.get('Set-Cookie')?.split(';')[0] ?? '' }
    expect(await (await fetch(`${origin}/admin/keys`, { headers })).text()).toContain(
      'delete <code>SECRETS_KEY_PREVIOUS'
    )
  } finally {
    process.kill(-group, 'SIGINT')
    await eventually(async () => expect(processes(group)).toEqual([]))
    checkout.remove()
    rmSync(state, { recursive: true, force: true })
  }
})
