import { spawnSync } from 'node:child_process'
import { type Browser, expect, type Page, test } from '@playwright/test'
import { Webhook } from 'standardwebhooks'
import { EN } from '../../../src/guestbook/rules/languages/en'
import { Guestbook } from '../../support/bundled/guestbook'
import { eventually } from '../../support/program/program'
import { type Receiver, startReceiver } from '../../support/receiver'
import { faultsOnScreens } from './axe'

let program: Guestbook
let receiver: Receiver

test.beforeAll(async () => {
  receiver = await startReceiver()
  program = await Guestbook.start()
  await program.api('PATCH', '/api/books/main', { moderation: 'none' })
})

test.afterAll(async () => {
  await program.end()
  await receiver.close()
})

/** Requests to other hosts and errors in the console. Every test must end without any. */
const faults: string[] = []

test.afterEach(() => expect(faults.splice(0)).toEqual([]))

/** A page without JavaScript. */
async function plainPage(browser: Browser, options: Record<string, unknown> = {}): Promise<Page> {
  const context = await browser.newContext({
    javaScriptEnabled: false,
    baseURL: program.url,
    ...options,
  })
  const page = await context.newPage()
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== program.url) faults.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  return page
}

async function login(page: Page): Promise<void> {
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
}

test('an entry signed without JavaScript is delivered to three receivers', async ({ browser }) => {
  const boxes = ['form-a', 'form-b', 'form-c']
  const secrets: string[] = []
  for (const box of boxes) {
    const { body } = await program.api<{ secret: string }>('POST', '/api/endpoints', {
      url: `${receiver.url}/${box}/ok`,
    })
    secrets.push(body.secret)
  }
  const page = await plainPage(browser)
  await page.goto('/')
  await page.getByLabel('Your name').fill('Zoë')
  await page.locator('.more summary').first().click()
  await page.getByLabel(/Your website/).fill('example.com')
  await page.getByLabel('Your message').fill('First line\nSecond line')
  // An entry that is sent within three seconds waits for approval.
  await page.waitForTimeout(3_100)
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await expect(page.locator('#thanks')).toContainText('Thank you')
  const entry = page.getByRole('article').first()
  await expect(entry).toContainText('No. 1')
  await expect(entry.getByRole('link', { name: 'Zoë' })).toHaveAttribute('href', 'https://example.com/')
  for (const [i, box] of boxes.entries()) {
    await eventually(async () => {
      const [request] = receiver.received(box)
      const body = Buffer.from(request?.body ?? '', 'latin1').toString('utf8')
      const payload = new Webhook(secrets[i] ?? '').verify(body, request?.headers ?? {})
      expect(payload).toMatchObject({
        data: { comment: { name: 'Zoë', body: 'First line\nSecond line' } },
      })
    })
  }
})

test('an error keeps everything that was typed', async ({ browser }) => {
  const page = await plainPage(browser)
  page.removeAllListeners('console') // The browser reports the 422 itself.
  await page.goto('/')
  await page.getByLabel('Your name').fill('Ada')
  await page.locator('.more summary').first().click()
  await page.getByLabel(/Your website/).fill('javascript:alert(1)')
  await page.getByLabel('Your message').fill('\n\n  indented & "quoted" <b>\n')
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await expect(page.getByLabel('Your name')).toHaveValue('Ada')
  await expect(page.getByLabel('Your message')).toHaveValue('\n\n  indented & "quoted" <b>\n')
  const website = page.getByLabel(/Your website/)
  await expect(website).toHaveAttribute('aria-invalid', 'true')
  await expect(page.locator('#e-website')).toBeVisible()
})

test('the owner registers an endpoint, sees it fail, fixes it and retries, without JavaScript', async ({ browser }) => {
  const page = await plainPage(browser)
  await login(page)
  await page.getByRole('link', { name: 'Endpoints' }).first().click()
  await page.getByRole('link', { name: 'New endpoint' }).click()
  await page.getByLabel('URL').first().fill(`${receiver.url}/owner/status/500`)
  await page.getByRole('button', { name: 'Register', exact: true }).click()
  await expect(page.getByText(/^whsec_\S{20}/)).toBeVisible()
  const tabs = page.locator('nav.tabs')
  await tabs.getByRole('link', { name: 'Test' }).click()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await expect(page.locator('#test').getByText('The receiver crashed (500)')).toBeVisible()

  await program.api('POST', '/api/comments', { name: 'Ada', body: 'please arrive' })
  const endpointUrl = page.url().split('?')[0] ?? ''
  await eventually(async () => {
    await page.goto(endpointUrl)
    // Five minutes, plus up to 20 % jitter.
    await expect(page.getByRole('cell', { name: /^in [56] min$/ })).toBeVisible({ timeout: 500 })
  })
  await expect(page.getByText(/\d attempts in a row/)).toBeVisible()
  await tabs.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Edit' }).click()
  await page.getByLabel('URL').first().fill(`${receiver.url}/owner/ok`)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.goto(endpointUrl)
  // The next retry is five minutes away. "Retry now" does not wait for it.
  await page
    .getByRole('cell', { name: /comment.published/ })
    .getByRole('link')
    .first()
    .click()
  await page.getByRole('button', { name: 'Retry now' }).click()
  await expect(page.getByRole('status')).toHaveText(/(being|was) sent/)
  await eventually(async () => {
    await page.reload()
    await expect(page.getByText('#3')).toBeVisible({ timeout: 500 })
  })
  await expect(page.getByText('manual')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Send again' })).toBeVisible()
  const ids = receiver.received('owner').map((one) => one.headers['webhook-id'])
  expect(new Set(ids.slice(1)).size).toBe(1)
})

test('the guestbook can be signed with the keyboard only', async ({ browser }) => {
  const page = await plainPage(browser)
  await page.goto('/')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: EN.skip })).toBeFocused()
  await page.keyboard.press('Tab')
  await page.keyboard.type('Keys')
  await page.keyboard.press('Tab')
  await page.keyboard.type('No mouse was needed')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expect(page.getByLabel('Your website')).toBeFocused()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await expect(page.getByLabel(EN.private_entry)).toBeFocused()
  await page.keyboard.press('Tab')
  // An entry that is sent within three seconds waits for approval.
  await page.waitForTimeout(3_100)
  await expect(page.getByRole('button', { name: 'Sign it!' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('article').first()).toContainText('No mouse was needed')
})

test('with JavaScript, ids can be copied, and the documentation loads nothing from other hosts', async ({
  browser,
}) => {
  const context = await browser.newContext({
    baseURL: program.url,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  const foreign: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(program.url) && !request.url().startsWith('data:')) foreign.push(request.url())
  })
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'copy me' })
  await login(page)
  await page.goto('/admin/messages')
  const copy = page.getByRole('button', { name: /^Copy msg_/ }).first()
  await copy.click()
  await expect(copy).toHaveText('copied')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^msg_/)
  for (const path of ['/docs', '/docs/recipes']) {
    const response = await page.goto(path)
    expect(response?.headers()['content-security-policy']).toContain("default-src 'none'")
    expect(response?.headers()['x-frame-options']).toBe('DENY')
  }
  expect(foreign).toEqual([])
})

test('the documentation finds a word, copies an example of this host, and knows old addresses', async ({ browser }) => {
  const permissions = ['clipboard-read', 'clipboard-write']
  const page = await plainPage(browser, { javaScriptEnabled: true, permissions })
  await page.goto('/docs#search')
  await page.keyboard.type('rotate secrets_key')
  await page.getByRole('listitem').getByRole('link', { name: 'Rotate SECRETS_KEY' }).click()
  await expect(page).toHaveURL(/\/docs\/configuration#rotate-secrets_key$/)
  await page.goto('/docs')
  await page.getByLabel('Search the documentation').fill('signature mismatches')
  const best = page.locator('#results a').first()
  await expect(best).toHaveText('When a signature does not match')
  await expect(best.locator('mark')).toHaveText(['signature', 'match'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/#when-a-signature-does-not-match$/)
  await page.goBack()
  await expect(best).toHaveText('When a signature does not match')
  await page.goto('/docs/books')
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await page.keyboard.type('how do i veryfy a signature')
  await expect(page.getByText('for “verify signature”')).toBeVisible()
  await expect(best.locator('mark').first()).toHaveText(/verify|signature/i)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/docs\/.+/)
  await page.goto('/docs/api/comments')
  const call = page.getByRole('article', { name: 'List entries' })
  await call.getByRole('button', { name: 'copy' }).click()
  const command = await page.evaluate(() => navigator.clipboard.readText())
  const ran = spawnSync('sh', ['-c', `${command} -fsS`], { encoding: 'utf8' })
  expect(JSON.parse(ran.stdout)).toHaveProperty('data')
  await page.goto('/docs/recipes')
  await page.goto('/docs#tag/settings/GET/api/stats')
  await expect(page).toHaveURL(/\/docs\/api\/settings#tag/)
  await expect(page.locator('[data-read]')).toHaveText('Get statistics')
})

test('the search of the documentation opens on each page at once, and loses nothing that is typed', async ({
  browser,
}) => {
  const viewport = { width: 1000, height: 400 }
  const page = await plainPage(browser, { javaScriptEnabled: true, bypassCSP: true, viewport })
  const field = page.getByRole('searchbox', { name: 'Search the documentation' })
  const first = page.locator('#results > li').first()
  await page.goto('/docs/recipes')
  await page.mouse.wheel(0, 3_000)
  await page.keyboard.type('/verify python', { delay: 60 })
  await expect(field).toHaveValue('verify python')
  await expect(page).toHaveURL('/docs/recipes')
  await expect(first).toContainText(/verify/i)
  expect(await faultsOnScreens(page)).toEqual([])
  await page.keyboard.press('Escape')
  await expect(field).toBeHidden()
  await page.keyboard.type('/recipes verify webhook')
  await expect(first).toContainText('Verify a webhook')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/docs\/recipes#verify-a-webhook$/)
  await expect(field).toBeHidden()
})

test('the search puts all words, and whole words of headings, first, and its excerpts have most of them', async ({
  browser,
}) => {
  const page = await plainPage(browser, { javaScriptEnabled: true })
  await page.goto('/docs#search')
  const field = page.getByRole('searchbox')
  const titles = page.locator('#results > li > a')
  await field.fill('verify python')
  await expect(titles.first()).toHaveText('Verify a webhook')
  const marks = page.locator('#results > li').first().locator('p mark')
  await expect(marks).toHaveText([/^verify$|^python$/i, /^verify$|^python$/i])
  await field.fill('rotate secret')
  await expect(titles.first()).toHaveText('Rotate the signing secret')
  const found = await titles.allTextContents()
  expect(found.indexOf('Rotate SECRETS_KEY')).toBeGreaterThan(found.indexOf("Rotate a source's secret"))
})

test('the label of the search is in sight when its page opens', async ({ browser }) => {
  const page = await plainPage(browser, { javaScriptEnabled: true, viewport: { width: 1000, height: 400 } })
  const label = page.getByText('Search the documentation', { exact: true })
  await page.goto('/docs/books')
  await page.getByRole('link', { name: 'Search', exact: true }).click()
  await expect(page.getByRole('searchbox')).toBeFocused()
  await expect(label).toBeInViewport({ ratio: 1 })
  await page.evaluate(() => scrollTo(0, 2_000))
  await page.getByRole('link', { name: 'Recipes', exact: true }).first().focus()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await expect(label).toBeInViewport({ ratio: 1 })
})

test('the documentation has a way back, and links lead to a call, without JavaScript', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: program.url, javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto('/docs/api/settings#tag/settings/GET/api/stats')
  await expect(page.getByRole('article', { name: 'Get statistics' })).toBeInViewport()
  const list = page.getByRole('navigation', { name: 'Documentation' })
  await list.getByRole('link', { name: 'Entries', exact: true }).click()
  await list.getByRole('link', { name: 'Sign the guestbook' }).click()
  const call = page.getByRole('article', { name: 'Sign the guestbook' })
  await expect(call).toBeInViewport()
  await expect(call).toContainText('curl "https://guestbook.example.com/api/comments"')
  await page.getByRole('link', { name: 'Recipes', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Verify a webhook' })).toBeVisible()
  await page.getByRole('link', { name: 'Guestbook', exact: true }).click()
  await expect(page).toHaveURL(`${program.url}/`)
  await page.goto('/docs')
  await expect(page.getByRole('searchbox')).toBeHidden()
  const text = await page.request.get('/llms.txt')
  expect(await text.text()).toMatch(/^# Guesthook\n\n> /)
  await context.close()
})
