import { createHmac } from 'node:crypto'
import { type Browser, expect, type Page, test } from '@playwright/test'
import { Guestbook } from '../../support/bundled/guestbook'
import { eventually } from '../../support/program/program'
import { type Receiver, startReceiver } from '../../support/receiver'

let program: Guestbook
let receiver: Receiver

test.beforeAll(async () => {
  receiver = await startReceiver()
  program = await Guestbook.start()
})

test.afterAll(async () => {
  await program.end()
  await receiver.close()
})

/** Logs in. `problems` collects console errors and requests to other origins. */
async function ownersPage(browser: Browser, javaScriptEnabled: boolean): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ javaScriptEnabled, baseURL: program.url })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== program.url) problems.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.getByRole('button', { name: 'Log in' }).click()
  return { page, problems }
}

const STAR = JSON.stringify({
  action: 'created',
  sender: { login: 'ada' },
  repository: { full_name: 'ada/engine' },
})

async function postAsGitHub(url: string, secret: string, delivery: string): Promise<void> {
  const mac = createHmac('sha256', secret).update(STAR).digest('hex')
  const headers = {
    'Content-Type': 'application/json',
    'X-GitHub-Event': 'star',
    'X-GitHub-Delivery': delivery,
    'X-Hub-Signature-256': `sha256=${mac}`,
  }
  expect((await fetch(url, { method: 'POST', headers, body: STAR })).status).toBe(202)
}

test('the owner adds a source, fixes its secret, and reprocesses a message that signs the guestbook, without scripts', async ({
  browser,
}) => {
  const { page, problems } = await ownersPage(browser, false)
  await page.getByRole('link', { name: 'Sources' }).click()
  await page.getByRole('link', { name: 'Add source' }).click()
  await page.getByRole('link', { name: 'GitHub', exact: true }).click()
  await page.getByLabel('Webhook secret').fill('wrong')
  await page.getByLabel('Name', { exact: true }).first().fill('My repository')
  await page.getByRole('button', { name: 'Add source' }).click()
  await expect(page.getByRole('status')).toContainText('Source added.')
  const url = (await page.locator('.secret code').first().textContent()) ?? ''
  await postAsGitHub(url, 'hush', 'd-1')
  await eventually(async () => {
    await page.reload()
    await expect(page.getByText('signature mismatch').first()).toBeVisible({ timeout: 500 })
  })
  await page.getByRole('link', { name: 'star', exact: true }).first().click()
  await expect(page.getByText(/\bcompare\b/).first()).toBeVisible()
  await expect(page.getByText(/HMAC .*SHA-256/)).toBeVisible()
  await expect(page.getByText('"login": "ada"')).toBeVisible()
  await page.getByRole('link', { name: 'My repository' }).click()
  await page.getByLabel('New webhook secret').fill('hush')
  await page.getByRole('button', { name: 'Rotate webhook secret' }).click()
  await page.getByLabel('Sign the guestbook').check()
  await page.getByText('Entry template', { exact: true }).click()
  await page.locator('#template_name').fill('{{sender.login}}')
  await page.locator('#template_body').fill('starred {{repository.full_name}}')
  await page.getByRole('button', { name: 'Preview entry' }).click()
  await expect(page.locator('#preview')).toContainText('starred ada/engine')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Reprocess failed requests' }).click()
  await eventually(async () => {
    await page.goto('/')
    await expect(page.getByText('starred ada/engine')).toBeVisible({ timeout: 500 })
  })
  expect(problems).toEqual([])
})

test('a link to a category shows it, whatever the list of services was filtered by', async ({ browser }) => {
  for (const javaScriptEnabled of [true, false]) {
    const { page } = await ownersPage(browser, javaScriptEnabled)
    await page.goto(`/admin/sources/new${javaScriptEnabled ? '' : '?q=git'}`)
    if (javaScriptEnabled) await page.getByRole('searchbox').fill('git')
    const stripe = page.getByRole('link', { name: 'Stripe', exact: true })
    await expect(stripe).toBeHidden()
    await page.getByRole('link', { name: 'Payments and shops' }).click()
    await expect(stripe).toBeInViewport()
    await expect(page.getByRole('searchbox')).toHaveValue('')
    expect(new URL(page.url()).hash).toBe('#money')
  }
})

test('a received message appears in the list without a reload, and can be forwarded', async ({ browser }) => {
  const { body } = await program.api<{ url: string }>('POST', '/api/sources', {
    name: 'Live',
    provider: 'unsigned',
  })
  const { page, problems } = await ownersPage(browser, true)
  await page.goto('/admin/inbound')
  await fetch(body.url, { method: 'POST', body: '{"type":"appears.by.itself"}' })
  await expect(page.getByText('appears.by.itself')).toBeVisible({ timeout: 15_000 })
  await page.locator('tr', { hasText: 'appears.by.itself' }).getByRole('link', { name: 'appears.by.itself' }).click()
  await page.getByLabel('Destination URL').fill(`${receiver.url}/sent-on/ok`)
  await page.getByRole('button', { name: 'Forward as received' }).click()
  await expect(page.locator('#send').getByRole('status')).toContainText('delivered')
  expect(receiver.received('sent-on')[0]?.body).toBe('{"type":"appears.by.itself"}')
  expect(problems).toEqual([])
})

test('the page of a source shows the first request and the state without a reload', async ({ browser }) => {
  const { body } = await program.api<{ id: string; url: string }>('POST', '/api/sources', {
    name: 'Not yet configured',
    provider: 'github',
    secret: 'hush',
  })
  const { page, problems } = await ownersPage(browser, true)
  await page.goto(`/admin/sources/${body.id}?done=added`)
  await expect(page.getByText('No requests yet.')).toBeVisible()
  await page.getByLabel('New webhook secret').fill('half typed')
  await postAsGitHub(body.url, 'wrong', 'd-live')
  await expect(page.getByRole('table').getByRole('link', { name: 'star' })).toBeVisible({ timeout: 40_000 })
  await expect(page.getByText('No requests yet.')).toHaveCount(0)
  await expect(page.locator('.lead')).toContainText('failing', { timeout: 40_000 })
  await expect(page.getByRole('heading', { name: '1 of 1 requests failed' })).toHaveCount(1)
  await expect(page.getByLabel('New webhook secret')).toHaveValue('half typed')
  expect(problems).toEqual([])
})
