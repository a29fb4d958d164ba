import { type Browser, expect, type Page, test } from '@playwright/test'
import { Guestbook } from '../../support/bundled/guestbook'
import { eventually } from '../../support/program/program'
import { type Receiver, startReceiver } from '../../support/receiver'
import { faults } from './axe'

/* The page that explains why a signature does not match. It computes in the browser: the secret never leaves it. */

let program: Guestbook
let receiver: Receiver
/** A request that arrived. */
let secret = ''
let headers = ''
let body = ''

test.beforeAll(async () => {
  receiver = await startReceiver()
  program = await Guestbook.start()
  await program.api('PATCH', '/api/books/main', { moderation: 'none' })
  const registered = await program.api<{ secret: string }>('POST', '/api/endpoints', { url: `${receiver.url}/box/ok` })
  secret = registered.body.secret
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'Hello' })
  const request = await eventually(async () => {
    const [first] = receiver.received('box')
    if (!first) throw new Error('nothing has arrived')
    return first
  })
  headers = Object.entries(request.headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')
  body = Buffer.from(request.body, 'latin1').toString('utf8')
})

test.afterAll(async () => {
  await program.end()
  await receiver.close()
})

async function open(browser: Browser, options: Record<string, unknown> = {}): Promise<Page> {
  const page = await (await browser.newContext({ baseURL: program.url, ...options })).newPage()
  await page.goto('/admin/login')
  await page.getByLabel('Admin token').fill(program.token)
  await page.getByLabel('Admin token').press('Enter')
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  // The icon is fetched after the page.
  await page.goto('/admin/signature', { waitUntil: 'networkidle' })
  return page
}

async function check(page: Page, pasted: { secret: string; headers: string; body: string }): Promise<void> {
  await page.locator('#check-secret').fill(pasted.secret)
  await page.locator('#check-headers').fill(pasted.headers)
  await page.locator('#check-body').fill(pasted.body)
  await page.getByRole('button', { name: 'Check' }).click()
}

const finding = (page: Page, part: string) => page.locator('#findings').locator(`li[data-part="${part}"]`)

test('finds what is wrong with a pasted request, and makes no request while it computes', async ({ browser }) => {
  const page = await open(browser)
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  await check(page, { secret, headers, body })
  await expect(finding(page, 'result')).toHaveClass('good')
  await expect(page.locator('#findings').locator('.bad')).toHaveCount(0)

  await check(page, { secret, headers, body: JSON.stringify(JSON.parse(body), null, 2) })
  await expect(finding(page, 'body')).toHaveClass('bad')
  await expect(finding(page, 'signature')).toHaveClass('off')
  await check(page, { secret: `whsec_${'B'.repeat(43)}=`, headers, body })
  await expect(finding(page, 'secret')).toHaveClass('bad')
  await check(page, { secret: `whsec_${'B'.repeat(44)}`, headers, body })
  await expect(finding(page, 'secret')).toHaveClass('good')
  await expect(finding(page, 'result')).toHaveClass('bad')
  await check(page, { secret, headers: headers.replace(/webhook-timestamp: (\d+)/, 'webhook-timestamp: $1000'), body })
  await expect(finding(page, 'timestamp')).toHaveClass('bad')
  await check(page, { secret, headers: headers.replace('webhook-id', 'x-id'), body })
  await expect(finding(page, 'headers')).toHaveClass('bad')

  const keys = await program.api<{ keys: { x: string }[] }>('GET', '/.well-known/webhook-keys')
  const key = Buffer.from(keys.body.keys[0]?.x ?? '', 'base64url').toString('base64')
  await check(page, { secret: `whpk_${key}`, headers, body })
  await expect(finding(page, 'result')).toHaveClass('good')
  await page.locator('#check-secret').press('Enter')
  expect(requests).toEqual([])
  expect(new URL(page.url()).search).toBe('')
})

test('compares the body with the message, and sends only its ID', async ({ browser }) => {
  const page = await open(browser)
  const sent: string[] = []
  page.on('request', (request) => sent.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`))
  await check(page, { secret, headers, body: body.replace('Hello', 'Hallo') })
  const compare = page.getByRole('button', { name: 'Compare' })
  await compare.click()
  await expect(finding(page, 'body')).toHaveClass('bad')
  await expect(finding(page, 'body')).toContainText('"ello')
  await expect(compare).toBeHidden()
  expect(sent).toEqual([`GET ${program.url}/admin/signature/${JSON.parse(body).id} `])

  await check(page, { secret, headers, body })
  await compare.click()
  await expect(finding(page, 'body')).toHaveClass('good')
  await check(page, { secret, headers: 'webhook-id: msg_x', body })
  await compare.click()
  await expect(finding(page, 'body')).toHaveClass('off')
  await page.context().clearCookies()
  await check(page, { secret, headers, body })
  await compare.click()
  await expect(finding(page, 'body')).toHaveClass('off')
})

test('shows text that reverses its surroundings as the text of one finding', async ({ browser }) => {
  const page = await open(browser)
  await check(page, { secret, headers: 'webhook-id: x\nwebhook-signature: v1\u2069\u202eevil', body: '' })
  const text = await finding(page, 'signature').locator('bdi').textContent()
  expect(text).toContain('\u202eevil')
  expect(text).not.toContain('\u2069')
})

test('without scripts, says that it needs them, and submits nothing', async ({ browser }) => {
  const page = await open(browser, { javaScriptEnabled: false })
  await expect(page.locator('noscript p')).toBeVisible()
  await page.locator('#check-secret').fill(secret)
  await page.locator('#check-headers').fill(headers)
  await expect(page.getByRole('button', { name: 'Check' })).toBeDisabled()
  await page.locator('#check-secret').press('Enter')
  await page.waitForTimeout(300)
  expect(page.url()).toBe(`${program.url}/admin/signature`)
})

test('without HTTPS, says that the browser cannot compute signatures', async ({ browser }) => {
  const page = await open(browser)
  await page.addInitScript(() => Object.defineProperty(crypto, 'subtle', { value: undefined }))
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('HTTPS')
  await expect(page.getByRole('button', { name: 'Check' })).toBeDisabled()
})

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 360],
] as const)
  test(`fits a screen of ${width} px and is accessible with findings (${colorScheme})`, async ({ browser }) => {
    const page = await open(browser, { colorScheme, viewport: { width, height: 900 }, bypassCSP: true })
    await check(page, { secret, headers, body: `${body} ` })
    await expect(finding(page, 'body')).toBeVisible()
    expect(await faults(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })
