import { type Browser, expect, type Page, test } from '@playwright/test'
import { Webhook } from 'standardwebhooks'
import { eventually, Program } from '../../support/program'
import { type Receiver, startReceiver } from '../../support/receiver'

let program: Program
let receiver: Receiver

test.beforeAll(async () => {
  receiver = await startReceiver()
  program = await Program.start()
})

test.afterAll(async () => {
  await program.end()
  await receiver.close()
})

/** A page without JavaScript. Its forms have the Origin that the browser derives from the page's Referrer-Policy. */
async function plainPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: program.url })
  return context.newPage()
}

async function login(page: Page): Promise<void> {
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.getByRole('button', { name: 'Log in' }).click()
}

test('an integrator registers a URL, which is verified, and manages it with the private link', async ({ browser }) => {
  const owner = await plainPage(browser)
  await login(owner)
  await owner.goto('/admin/settings')
  await owner.getByLabel(/Can integrators register/).selectOption('open')
  await owner.getByRole('button', { name: 'Save' }).click()

  const page = await plainPage(browser)
  await page.goto('/webhooks')
  await page.getByLabel('URL').fill(`${receiver.url}/integrator/ok`)
  await page.getByRole('button', { name: 'Register', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('verified')
  await page.getByLabel('URL').fill(`${receiver.url}/integrator/verify`)
  await page.getByRole('button', { name: 'Register', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('Verified')
  const secret = (await page.locator('.secret code').first().textContent()) ?? ''

  await program.api('POST', '/api/comments', { name: 'Ada', body: 'Hello' })
  const request = await eventually(async () => {
    const all = receiver.received('integrator').filter(({ path }) => path.endsWith('/verify'))
    expect(all).toHaveLength(2)
    return all[1]
  })
  const body = Buffer.from(request?.body ?? '', 'latin1').toString('utf8')
  expect(new Webhook(secret).verify(body, request?.headers ?? {})).toMatchObject({
    type: 'comment.published',
  })

  await page.locator('.secret a').click()
  await expect(page.getByRole('heading', { name: 'Your endpoint' })).toBeVisible()
  await expect(page.getByRole('table')).toContainText('delivered')
  await page.getByRole('link', { name: 'Test', exact: true }).click()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await expect(page.getByRole('article')).toContainText('200')
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByRole('status')).toContainText('Paused.')
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect(page.getByRole('status')).toContainText('Resumed.')
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByText('Delete…').click()
  await page.getByRole('button', { name: 'Delete this endpoint' }).click()
  await expect(page.getByRole('heading', { name: 'Deleted' })).toBeVisible()
})

test('an owner sees an open breaker, changes the URL, and replays the messages', async ({ browser }) => {
  const { body: endpoint } = await program.api<{ id: string }>('POST', '/api/endpoints', {
    url: `${receiver.url}/broken/status/500`,
  })
  for (let i = 0; i < 6; i++) {
    await program.api('POST', '/api/comments', { name: 'Ada', body: `number ${i}` })
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  const page = await plainPage(browser)
  await login(page)
  await expect(async () => {
    await page.goto(`/admin/endpoints/${endpoint.id}`)
    await expect(page.locator('.status', { hasText: 'down' }).first()).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 20_000 })
  await expect(page.getByText(/\d+ deliver(y waits|ies wait)/).first()).toBeVisible()
  // A new URL gets the parked deliveries immediately.
  await page.getByRole('link', { name: 'Settings' }).last().click()
  await page.getByRole('link', { name: 'Edit' }).click()
  await page.getByLabel('URL').fill(`${receiver.url}/fixed/ok`)
  await page.getByRole('button', { name: 'Save' }).click()
  await program.tick(60_000)
  await eventually(async () => {
    const ids = receiver.received('fixed').map((request) => request.headers['webhook-id'])
    expect(new Set(ids).size).toBe(6)
  })
  await page.getByRole('link', { name: 'Replay' }).click()
  await page.getByLabel('Which messages').selectOption('all')
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByText(/\d+ messages .*same ids/)).toBeVisible()
  await page.getByRole('button', { name: /^Replay \d+ messages$/ }).click()
  await expect(page.getByRole('status')).toContainText('Replay started')
  await expect(page.getByText(/Of \d+ messages/)).toBeVisible()
})
