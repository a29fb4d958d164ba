import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { Program } from '../../support/program'

let program: Program
let other: Program
const folder = mkdtempSync(join(tmpdir(), 'guesthook-backup-'))
const passphrase = join(folder, 'passphrase')

test.beforeAll(async () => {
  writeFileSync(passphrase, 'correct horse battery staple\n')
  ;[program, other] = await Promise.all([Program.start(), Program.start()])
})

test.afterAll(async () => {
  await Promise.all([program.end(), other.end()])
  rmSync(folder, { recursive: true })
})

function npm(script: string, from: Program, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', script, '--', '--url', from.url, ...args])
  return { status, output: `${stdout}${stderr}` }
}

const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))

test('"npm run backup" and "npm run restore" move a whole guestbook, with its secrets', async () => {
  const { body: endpoint } = await program.api<{ id: string; secret: string }>('POST', '/api/endpoints', {
    url: 'https://receiver.example/hook',
  })
  for (let i = 0; i < 3; i++) await program.api('POST', '/api/comments', { name: 'Zoë', body: `Hello ${i} 👋` })
  const file = join(folder, 'backup.ndjson')
  const sealed = ['--passphrase-file', passphrase]
  expect(npm('backup', program, ...sealed, file)).toMatchObject({ status: 0 })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).not.toContain(endpoint.secret)

  expect(npm('restore', other, file)).toMatchObject({ status: 1, output: expect.stringContaining('passphrase') })
  expect(npm('restore', program, ...sealed, file)).toMatchObject({
    status: 1,
    output: expect.stringContaining('not empty'),
  })
  const { status, output } = npm('restore', other, ...sealed, file)
  expect(output).toContain('3 entries')
  expect(status).toBe(0)
  const secret = await other.api('GET', `/api/endpoints/${endpoint.id}/secret`)
  expect(secret.body).toMatchObject({ secret: endpoint.secret })

  const again = join(folder, 'again.ndjson')
  expect(npm('backup', other, ...sealed, again)).toMatchObject({ status: 0 })
  // Each backup has a salt of its own, so the boxes differ.
  const shown = (lines: Record<string, unknown>[]) =>
    lines.slice(1).map(({ secrets, ...line }) => [typeof secrets, line])
  expect(shown(linesOf(again))).toEqual(shown(linesOf(file)))
})

test('"npm run import" reads a file of another system, shows what it would do, and imports nothing twice', async () => {
  const file = join(import.meta.dirname, '../../fixtures/imports/wordpress.xml')
  expect((await program.api('POST', '/api/books', { slug: 'old', title: 'Old', markup: true })).status).toBe(201)
  const run = (...args: string[]) => npm('import', program, '--book', 'old', ...args)
  const dry = run('--dry-run', file)
  expect([dry.status, dry.output]).toEqual([
    0,
    expect.stringMatching(/wordpress.*3 entries.*deleted 1.*would import 3/s),
  ])
  const list = () => program.api<{ data: { body: string }[] }>('GET', '/api/comments?book=old')
  expect((await list()).body.data).toEqual([])
  const first = run(file)
  expect([first.status, first.output]).toEqual([0, expect.stringMatching(/Imported 3 entries, 1/)])
  expect(run(file).output).toMatch(/Imported 0 entries.*already_imported 3/)

  const database = join(folder, 'comments.db')
  writeFileSync(database, 'SQLite format 3\0')
  expect(run(database)).toMatchObject({ status: 1, output: expect.stringContaining('sqlite3 -json comments.db') })
  expect(run('--book', 'none', file)).toMatchObject({ status: 1, output: expect.stringContaining('404') })
  expect(npm('import', program)).toMatchObject({ status: 2, output: expect.stringContaining('Usage') })
})
