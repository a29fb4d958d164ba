import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { Guestbook } from '../../support/bundled/guestbook'

let program: Guestbook
let other: Guestbook
const folder = mkdtempSync(join(tmpdir(), 'guesthook-backup-'))
const passphrase = join(folder, 'passphrase')

test.beforeAll(async () => {
  writeFileSync(passphrase, 'correct horse battery staple\n')
  ;[program, other] = await Promise.all([Guestbook.start(), Guestbook.start()])
})

test.afterAll(async () => {
  await Promise.all([program.end(), other.end()])
  rmSync(folder, { recursive: true })
})

/** The guestbook runs in this process, so nothing may block it. */
function npm(script: string, from: Guestbook, ...args: string[]) {
  const all = ['run', '-s', script, '--', '--url', from.url, ...args]
  return new Promise<{ status: unknown; output: string }>((resolve) =>
    execFile('npm', all, (fault, stdout, stderr) => resolve({ status: fault?.code ?? 0, output: `${stdout}${stderr}` }))
  )
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
  expect(await npm('backup', program, ...sealed, file)).toMatchObject({ status: 0 })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).not.toContain(endpoint.secret)

  expect(await npm('restore', other, file)).toMatchObject({ status: 1, output: expect.stringContaining('passphrase') })
  expect(await npm('restore', program, ...sealed, file)).toMatchObject({
    status: 1,
    output: expect.stringContaining('not empty'),
  })
  const { status, output } = await npm('restore', other, ...sealed, file)
  expect(output).toContain('3 entries')
  expect(status).toBe(0)
  const secret = await other.api('GET', `/api/endpoints/${endpoint.id}/secret`)
  expect(secret.body).toMatchObject({ secret: endpoint.secret })

  const again = join(folder, 'again.ndjson')
  expect(await npm('backup', other, ...sealed, again)).toMatchObject({ status: 0 })
  // Each backup has a salt of its own, so the boxes differ.
  const shown = (lines: Record<string, unknown>[]) =>
    lines.slice(1).map(({ secrets, ...line }) => [typeof secrets, line])
  expect(shown(linesOf(again))).toEqual(shown(linesOf(file)))
})

test('"npm run import" reads a file of another system, shows what it would do, and imports nothing twice', async () => {
  const file = join(import.meta.dirname, '../../fixtures/imports/wordpress.xml')
  expect((await program.api('POST', '/api/books', { slug: 'old', title: 'Old', markup: true })).status).toBe(201)
  const run = (...args: string[]) => npm('import', program, '--book', 'old', ...args)
  const dry = await run('--dry-run', file)
  expect([dry.status, dry.output]).toEqual([
    0,
    expect.stringMatching(/wordpress.*3 entries.*deleted 1.*would import 3/s),
  ])
  const list = () => program.api<{ data: { body: string }[] }>('GET', '/api/comments?book=old')
  expect((await list()).body.data).toEqual([])
  const first = await run(file)
  expect([first.status, first.output]).toEqual([0, expect.stringMatching(/Imported 3 entries, 1/)])
  expect((await run(file)).output).toMatch(/Imported 0 entries.*already_imported 3/)

  const database = join(folder, 'comments.db')
  writeFileSync(database, 'SQLite format 3\0')
  expect(await run(database)).toMatchObject({ status: 1, output: expect.stringContaining('sqlite3 -json comments.db') })
  expect(await run('--book', 'none', file)).toMatchObject({ status: 1, output: expect.stringContaining('404') })
  expect(await npm('import', program)).toMatchObject({ status: 2, output: expect.stringContaining('Usage') })
})
