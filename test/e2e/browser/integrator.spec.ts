import { type Browser, expect, type Page, test } from '@playwright/test'
import { Webhook } from 'standardwebhooks'
import { Guestbook } from '../../support/bundled/guestbook'
import { eventually } from '../../support/program/program'
import { type Receiver, startReceiver } from '../../support/receiver'
import { faultsOnScreens } from './axe'

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
  await expect(page.getByRole('alert')).toContainText('did not answer')
  await expect(page.locator('#url-error')).toContainText('verified')
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

  await page.goto(await privateLink(page))
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

test('the address after a registration can be saved, and a reload still shows the secret', async ({ browser }) => {
  await program.api('PATCH', '/api/settings', { registration: 'open' })
  const page = await (await browser.newContext({ baseURL: program.url })).newPage()
  await page.goto('/webhooks')
  await page.getByLabel('URL').fill(`${receiver.url}/saved/verify`)
  await page.getByRole('button', { name: 'Register', exact: true }).click()
  const link = await privateLink(page)
  await expect(page).toHaveURL(link)
  await page.getByText('answered the challenge').last().click()
  await expect(page.locator('#challenge-report')).toContainText('endpoint.verify')
  await page.reload()
  await expect(page.locator('.secret').first()).toContainText('whsec_')
  await expect(page).toHaveURL(link)
  // Later, the history forgets the address that shows it.
  await page.evaluate(() => history.replaceState({ ...history.state, until: Date.now() - 1 }, ''))
  await page.reload()
  await expect(page.locator('.secret').filter({ hasText: 'whsec_' })).toHaveCount(0)
  expect(await page.evaluate(() => history.state)).toBeNull()
})

/** @returns the address of an endpoint's private page, which its first page shows once */
async function privateLink(page: Page): Promise<string> {
  return (await page.locator('.secret code', { hasText: '/webhooks/manage/' }).first().textContent()) ?? ''
}

/** @returns the code that a copy button covers, even after its long lines were scrolled */
function coveredCode(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('button.copy')].flatMap((button) => {
      const block = button.parentElement?.querySelector('pre')
      if (!block) return []
      block.scrollLeft = block.scrollWidth
      const range = document.createRange()
      range.selectNodeContents(block)
      const { left, right, top, bottom } = button.getBoundingClientRect()
      const isCovered = ({ left: x, right: end, top: y, bottom: low }: DOMRect) =>
        x < right && end > left && y < bottom && low > top
      return [...range.getClientRects()].some(isCovered) ? [block.textContent.slice(0, 80)] : []
    })
  )
}

test('a copy button covers no code, on wide and narrow screens', async ({ browser }) => {
  await program.api('PATCH', '/api/settings', { registration: 'open' })
  const page = await (await browser.newContext({ baseURL: program.url })).newPage()
  for (const [width, height] of [
    [1280, 800],
    [360, 740],
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const address of ['/webhooks', '/docs/recipes', '/docs/receivers', '/docs/embed']) {
      await page.goto(address)
      await expect(page.locator('button.copy:visible').first()).toBeVisible()
      expect([address, width, await coveredCode(page)]).toEqual([address, width, []])
    }
  }
})

test('an integrator follows the guide, sees the challenge live, and checks a signature', async ({ browser }) => {
  await program.api('PATCH', '/api/settings', { registration: 'open' })
  const context = await browser.newContext({ baseURL: program.url, bypassCSP: true })
  const page = await context.newPage()
  await page.goto('/webhooks')
  // The code of one language is shown at a time.
  const codeFor = (language: string) => page.getByLabel(`Copy the code for ${language}`).first()
  await expect(codeFor('JavaScript')).toBeVisible()
  await page.getByRole('radio', { name: 'Ruby' }).check()
  await expect(codeFor('Ruby')).toBeVisible()
  await expect(codeFor('JavaScript')).toBeHidden()
  expect(['the guide', await faultsOnScreens(page)]).toEqual(['the guide', []])
  await page.reload()
  await expect(codeFor('Ruby')).toBeVisible()
  // Another page has none of what the browser restores.
  await page.goto('/webhooks/guide')
  await expect(codeFor('Ruby')).toBeVisible()
  await page.goto('/webhooks')
  const colored = () => page.evaluate(() => CSS.highlights.get('code-comment')?.size ?? 0)
  await expect.poll(colored).toBeGreaterThan(0)

  const url = `${receiver.url}/guided/ok`
  await page.getByLabel('URL').fill(url)
  // Playwright cannot look at a page that waits for the next one, so the form is not sent at first.
  const register = page.getByRole('button', { name: 'Register', exact: true })
  await page.evaluate(() => addEventListener('submit', (event) => event.preventDefault(), { once: true }))
  await register.click()
  const waiting = page.getByRole('status').filter({ hasText: 'Waiting for your URL' })
  await expect(waiting).toContainText(url)
  await expect(waiting).toContainText('1 s so far')
  await register.click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'What came back' })).toBeVisible()
  expect(['a refused challenge', await faultsOnScreens(page)]).toEqual(['a refused challenge', []])

  await page.getByLabel('URL').fill(`${receiver.url}/guided/verify`)
  await register.click()
  await expect(page.getByRole('heading', { name: 'Your endpoint' })).toBeVisible()
  const secret = (await page.locator('.secret code').first().textContent()) ?? ''
  await page.getByRole('link', { name: 'Test', exact: true }).click()
  await page.locator('#tests .type summary').first().click()
  await page.getByRole('button', { name: 'Send comment.published' }).click()
  await expect(page.getByRole('article')).toContainText('200')

  await page.locator('#check-secret').fill(secret)
  await page.getByRole('button', { name: 'Check' }).click()
  const finding = (part: string) => page.locator(`#findings [data-part="${part}"]`)
  await expect(finding('result')).toHaveClass('good')
  await page.locator('#check-secret').fill(`whsec_${'B'.repeat(44)}`)
  await page.getByRole('button', { name: 'Check' }).click()
  await expect(finding('body')).toHaveClass('good')
  await expect(finding('secret')).toHaveClass('bad')
  await page.locator('#check-secret').fill(secret)
  await page.locator('#check-body').fill((await page.locator('#check-body').inputValue()).replace('Ada', 'Eve'))
  await page.getByRole('button', { name: 'Check' }).click()
  await expect(finding('result')).toHaveClass('bad')
  await expect(finding('body')).toContainText('"Ada')
  expect(['the endpoint', await faultsOnScreens(page)]).toEqual(['the endpoint', []])

  await page.getByRole('link', { name: 'Deliveries', exact: true }).click()
  const type = page.locator('td code', { hasText: 'comment.published' }).first()
  expect(await type.evaluate((code) => code.getClientRects().length)).toBe(1)
  await page.getByRole('link', { name: 'Pull', exact: true }).click()
  await page.getByRole('button', { name: 'Create token' }).click()
  await expect(page.locator('.secret').filter({ hasText: 'pull_' }).first()).toBeVisible()
  expect(['the token', await faultsOnScreens(page)]).toEqual(['the token', []])
  await context.close()
})

test('an integrator who waits sees the approval and the first delivery, without a reload', async ({ browser }) => {
  await program.api('PATCH', '/api/settings', { registration: 'approve' })
  const page = await (await browser.newContext({ baseURL: program.url })).newPage()
  await page.goto('/webhooks')
  await page.getByLabel('URL').fill(`${receiver.url}/first/verify`)
  await page.getByRole('button', { name: 'Register', exact: true }).click()
  const health = page.locator('#health')
  await page.getByRole('link', { name: 'Pull', exact: true }).click()
  await expect(health).toContainText('awaiting approval')
  const { body } = await program.api('GET', '/api/endpoints?q=first')
  await program.api('POST', `/api/endpoints/${(body.data as { id: string }[])[0]?.id}/enable`)
  await expect(health).toContainText('enabled', { timeout: 20_000 })
  await expect(page.getByRole('button', { name: 'Create token' })).toBeVisible()
  await page.getByRole('link', { name: 'Deliveries', exact: true }).click()
  await expect(page.locator('.empty')).toBeVisible()
  await program.api('POST', '/api/comments', { name: 'First Guest', body: 'Hello' })
  await expect(page.getByRole('row', { name: /comment\.published/ })).toBeVisible({ timeout: 30_000 })
  await expect(page.locator('.empty')).toBeHidden()
  await expect(health).toContainText('The last delivery succeeded', { timeout: 20_000 })
})

test('an owner finds a provider as they type, by other names too', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: program.url, bypassCSP: true })
  const page = await context.newPage()
  await login(page)
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  await page.goto('/admin/sources/new')
  expect(['the choice', await faultsOnScreens(page)]).toEqual(['the choice', []])
  const offered = page.locator('main .choices a:visible')
  await page.getByRole('searchbox').fill('resend')
  await expect(offered).toHaveText([/Svix/])
  await page.getByRole('searchbox').fill('zzz')
  await expect(offered).toHaveCount(0)
  await expect(page.getByText('No service matches')).toBeVisible()
  await page.getByRole('searchbox').fill('stripe')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Stripe', exact: true })).toBeVisible()
  await expect(page.getByRole('listitem').filter({ hasText: 'signing secret' }).first()).toBeVisible()
  expect(['the form', await faultsOnScreens(page)]).toEqual(['the form', []])
  await context.close()
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
  await expect(page.getByText(/\d+ messages .*same IDs/)).toBeVisible()
  await page.getByRole('button', { name: /^Replay \d+ messages$/ }).click()
  await expect(page.getByRole('status')).toContainText('Replay started')
  await expect(page.getByText(/Of \d+ messages/)).toBeVisible()
})
