import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, expect, type Page, test } from '@playwright/test'
import { Guestbook } from '../../support/bundled/guestbook'

/* The owner imports a file of another system: the browser reads it, under the policy of our pages. */

let program: Guestbook
const fixture = (name: string) => join(import.meta.dirname, '../../fixtures/imports', name)

test.beforeAll(async () => {
  program = await Guestbook.start()
})

test.afterAll(() => program.end())

async function open(browser: Browser, width = 1280, javaScriptEnabled = true): Promise<Page> {
  const viewport = { width, height: 900 }
  const page = await (await browser.newContext({ baseURL: program.url, javaScriptEnabled, viewport })).newPage()
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  return page
}

const comments = async () =>
  (await program.api<{ data: { name: string; body: string }[] }>('GET', '/api/comments')).body.data

test('a file is read in the browser, tried in a dry run, and imported once', async ({ browser }) => {
  const page = await open(browser, 360)
  const fetched: string[] = []
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname))
  const faults: string[] = []
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  await page.goto('/admin/moving')
  await expect(page.getByRole('button', { name: 'Start dry run' })).toBeDisabled()
  expect(fetched).not.toContain('/import-reader.js')

  await page.getByLabel('File').setInputFiles(fixture('wordpress.xml'))
  const status = page.locator('#import-status')
  await expect(status).toContainText(/WordPress.*3 entries/)
  await expect(status.getByRole('listitem')).toHaveCount(2)
  await expect(status.getByRole('row')).toHaveCount(4)
  await expect(status.getByRole('row').nth(1)).toContainText('Tom « the cat')
  expect(fetched).toContain('/import-reader.js')
  await page.getByRole('button', { name: 'Start dry run' }).click()
  await expect(status).toContainText(/dry run.*3 entries/i)
  expect(await comments()).toEqual([])

  await expect(status.getByRole('button', { name: 'Import these 3 entries' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(status).toContainText(/^Done.*3 entries.*1 of them/)
  await expect(status.getByRole('link', { name: 'See the entries' })).toBeVisible()
  expect((await comments()).map(({ name }) => name)).toEqual(['Tom « the cat'])
  await page.getByRole('button', { name: 'Start dry run' }).click()
  await expect(status).toContainText(/0 entries would.*Imported before: 3/)
  await expect(status.getByRole('button')).toHaveCount(0)
  await page.getByLabel('Dry run').uncheck()
  await page.getByRole('button', { name: 'Start import' }).click()
  await expect(status).toContainText(/0 entries.*Imported before: 3/)
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(excess).toBe(0)
  await status.getByRole('link', { name: 'Report' }).click()
  await expect(page).toHaveURL(/\/admin\/moving\/imports\/imp_/)
  expect(faults).toEqual([])
  await page.context().close()
})

test('a pasted page is read, a large file is sent in parts, and what cannot be read says why', async ({ browser }) => {
  const page = await open(browser)
  await page.goto('/admin/moving')
  const status = page.locator('#import-status')
  await page.getByLabel(/paste the source/).fill(readFileSync(fixture('guestbook.html'), 'utf8'))
  await expect(status).toContainText(/HTML.*3 entries/)
  await expect(page.getByLabel(/paste the source/)).toBeFocused()
  await page.getByRole('button', { name: 'Start dry run' }).click()
  await expect(status).toContainText(/dry run.*3 entries/i)

  await page.getByLabel(/paste the source/).fill('<p>Text<p>Another text')
  await expect(status).toContainText(/HTML.*0 entries.*<hr>.*Name:/)

  const send = (name: string, text: string) =>
    page.getByLabel('File').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
  await send('comments.db', 'SQLite format 3\0')
  await expect(status).toContainText('sqlite3 -json')
  await expect(page.getByRole('button', { name: 'Start dry run' })).toBeDisabled()

  const rows = Array.from({ length: 700 }, (_, i) => `Guest ${i},2001-01-01,${i} ${'long '.repeat(350)}`)
  await send('many.csv', `name,date,message\n${rows.join('\n')}\n`)
  await expect(status).toContainText('700 entries')
  await page.getByRole('button', { name: 'Start dry run' }).click()
  await expect(status).toContainText(/700 .*would/, { timeout: 60_000 })
  await expect(status.getByRole('link')).toHaveCount(3)
  await expect(status.getByRole('row')).toHaveCount(6)

  // A report lists 100 of the entries that are skipped. The others would look as if they were new.
  const short = rows.map((row) => row.slice(0, 30)).slice(0, 102)
  await send('old.csv', `name,date,message\n${short.slice(0, 101).join('\n')}\n`)
  await expect(status).toContainText('101 entries')
  await page.getByLabel('Dry run').uncheck()
  await page.getByRole('button', { name: 'Start import' }).click()
  await expect(status).toContainText(/^Done.*101 entries/, { timeout: 60_000 })
  await send('new.csv', `name,date,message\n${short.join('\n')}\n`)
  await expect(status.getByRole('row')).toHaveCount(6)
  await page.getByLabel('Dry run').check()
  await page.getByRole('button', { name: 'Start dry run' }).click()
  await expect(status).toContainText(/1 entry would.*Imported before: 101/, { timeout: 60_000 })
  await expect(status.getByRole('row')).toHaveCount(0)
  await page.context().close()
})

test('without scripts, the page says that it needs them, and names the command', async ({ browser }) => {
  const page = await open(browser, 1280, false)
  await page.goto('/admin/moving')
  await expect(page.locator('noscript code', { hasText: 'npm run import' })).toBeVisible()
  expect(await page.locator('noscript code', { hasText: 'npm run import' }).textContent()).toContain(
    `npm run import -- --url ${program.url}`
  )
  await expect(page.getByRole('button', { name: 'Start import' })).toBeHidden()
  await page.context().close()
})
