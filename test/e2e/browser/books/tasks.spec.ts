import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Browser, expect, type Locator, type Page, test } from '@playwright/test'
import { eventually, Program } from '../../../support/program/program'
import { type Receiver, startReceiver } from '../../../support/receiver'

/*
 * What owners come for, with a full database, and in how many clicks from the overview. Typing is no click. Two more
 * tasks are beside this file: twenty entries are approved with twenty keys, and the theme is changed in three clicks.
 */

const GUESTS = Array.from({ length: 45 }, (_, i) => (i === 12 ? 'Fern of the Fen' : `Guest ${i}`))
const REQUESTS = 25

let program: Program
let receiver: Receiver

test.beforeAll(async () => {
  receiver = await startReceiver()
  program = await Program.start()
  await program.api('PATCH', '/api/books/main', { moderation: 'none' })
  const healthy = Array.from({ length: 4 }, (_, i) => `${receiver.url}/well-${i}/ok`)
  for (const url of healthy) await program.api('POST', '/api/endpoints', { url })
  await fetch(`${receiver.url}/script/ill/status/500`)
  const broken = { url: `${receiver.url}/ill/scripted`, description: 'The choir', event_types: ['comment.*'] }
  await program.api('POST', '/api/endpoints', broken)
  for (const name of GUESTS) await program.api('POST', '/api/comments', { name, body: 'What a lovely garden' })
  await postAsGitHub()
  const other = { name: 'Weather', provider: 'none' }
  const { body } = await program.api<{ url: string }>('POST', '/api/sources', other)
  for (let i = 0; i < REQUESTS; i++) await fetch(body.url, { method: 'POST', body: `{"rain":${i}}` })
})

test.afterAll(async () => {
  await program.end()
  await receiver.close()
})

async function postAsGitHub(): Promise<void> {
  const secret = 'a secret of the moth garden'
  const source = { name: 'GitHub: moth-garden', provider: 'github', secret }
  const { body } = await program.api<{ url: string }>('POST', '/api/sources', source)
  const push = JSON.stringify({ ref: 'refs/heads/main', commits: [] })
  const headers = {
    'Content-Type': 'application/json',
    'X-GitHub-Event': 'push',
    'X-GitHub-Delivery': 'a1b2',
    'X-Hub-Signature-256': `sha256=${createHmac('sha256', secret).update(push).digest('hex')}`,
  }
  expect((await fetch(body.url, { method: 'POST', headers, body: push })).status).toBe(202)
}

interface Task {
  page: Page
  click: (target: Locator) => Promise<void>
  clicks: () => number
}

/** Opens the overview, and counts the clicks from there. */
async function begin(browser: Browser): Promise<Task> {
  const page = await browser.newPage({ baseURL: program.url, viewport: { width: 1280, height: 860 } })
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  let count = 0
  const click = (target: Locator) => {
    count += 1
    return target.click()
  }
  return { page, click, clicks: () => count }
}

/** Searches in a list, with the keyboard alone. */
async function search(page: Page, text: string): Promise<void> {
  await page.waitForLoadState()
  await page.keyboard.press('/')
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`q=${text}`))
}

test('why an endpoint fails is on the overview, and the whole answer is one click away', async ({ browser }) => {
  const { page, click, clicks } = await begin(browser)
  const need = page.locator('#needs li', { hasText: 'The choir' })
  await eventually(async () => {
    await page.reload()
    await expect(need).toContainText('500: as requested', { timeout: 500 })
  })
  await click(need.getByRole('link'))
  const health = page.locator('#health')
  await expect(health).toContainText('as requested')
  await expect(health).toContainText('crashed')
  await expect(health).toContainText('deliveries wait')
  await expect(health.getByRole('button', { name: 'Try now' })).toBeVisible()
  expect(clicks()).toBe(1)
})

test("the webhook of a guest's entry is found in two clicks", async ({ browser }) => {
  const { page, click, clicks } = await begin(browser)
  await click(page.getByRole('link', { name: 'Messages', exact: true }))
  await search(page, 'Fern')
  await click(page.getByRole('link', { name: 'Fern of the Fen signed' }))
  await expect(page.locator('#deliveries tbody tr')).toHaveCount(5)
  await expect(page.locator('main pre')).toContainText('"name": "Fern of the Fen"')
  expect(clicks()).toBe(2)
})

test('the whole book comes out as one file in two clicks', async ({ browser }) => {
  const { page, click, clicks } = await begin(browser)
  await click(page.getByRole('link', { name: 'Import and export' }))
  const saving = page.waitForEvent('download')
  await click(page.getByRole('link', { name: 'Download everything' }))
  const file = readFileSync(await (await saving).path(), 'utf8')
  for (const name of GUESTS) expect(file).toContain(`"name":"${name}"`)
  expect(file).toContain('GitHub: moth-garden')
  expect(clicks()).toBe(2)
})

test('a request from a service is found in two clicks, below many newer ones', async ({ browser }) => {
  const { page, click, clicks } = await begin(browser)
  await click(page.getByRole('link', { name: 'Requests', exact: true }))
  await expect(page.getByRole('table')).not.toContainText('push')
  await search(page, 'github')
  await click(page.getByRole('link', { name: 'push', exact: true }))
  await expect(page.getByText('✓ verified')).toBeVisible()
  await expect(page.locator('main')).toContainText('refs/heads/main')
  expect(clicks()).toBe(2)
})
