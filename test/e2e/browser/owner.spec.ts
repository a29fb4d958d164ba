import { readFileSync } from 'node:fs'
import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test'
import { Guestbook } from '../../support/bundled/guestbook'
import { eventually } from '../../support/program/program'
import { type Receiver, startReceiver } from '../../support/receiver'
import { faults, faultsOnScreens } from './axe'

/*
 * The walks of an owner: the first day, a receiver that breaks and is mended, and an entry that is approved from a
 * phone. Each on a phone and on a desktop, in light and dark mode, with and without scripts.
 */

let program: Guestbook
let receiver: Receiver

/** So many wait that the page counts them only every ten seconds. */
const MANY = 110

test.beforeAll(async () => {
  receiver = await startReceiver()
  program = await Guestbook.start()
  await program.api('PATCH', '/api/books/main', { moderation: 'none' })
})

test.afterAll(async () => {
  await program.end()
  await receiver.close()
})

interface Way {
  width: 360 | 1280
  colorScheme: 'light' | 'dark'
  javaScriptEnabled: boolean
}

const WAYS: Way[] = [
  { width: 360, colorScheme: 'dark', javaScriptEnabled: false },
  { width: 1280, colorScheme: 'light', javaScriptEnabled: true },
]
const nameOf = ({ width, colorScheme, javaScriptEnabled }: Way) =>
  `at ${width} px, ${colorScheme}, ${javaScriptEnabled ? 'with' : 'without'} scripts`

async function newContext(browser: Browser, { width, ...way }: Way): Promise<BrowserContext> {
  return browser.newContext({ baseURL: program.url, viewport: { width, height: 900 }, bypassCSP: true, ...way })
}

/** The cookies of the last login. The program allows ten logins a minute, and a fast machine needs more. */
let session: Parameters<BrowserContext['addCookies']>[0] = []

async function login(page: Page): Promise<void> {
  const overview = page.getByRole('heading', { name: 'Overview' })
  const token = page.getByLabel('Admin token')
  await page.context().addCookies(session)
  await page.goto('/admin')
  await expect(overview.or(token)).toBeVisible()
  if (await token.isVisible()) {
    await token.fill(program.token)
    await page.keyboard.press('Enter')
  }
  await expect(overview).toBeVisible()
  session = await page.context().cookies()
}

/** Nothing is wider than the screen. */
async function expectToFit(page: Page, width: number): Promise<void> {
  // Before its stylesheet is loaded, a page is wider.
  await page.waitForLoadState()
  const wide = await page.evaluate(() => document.documentElement.scrollWidth)
  expect([page.url(), wide <= width]).toEqual([page.url(), true])
}

for (const [i, way] of WAYS.entries()) {
  test(`the first day: sign, register a receiver, see it arrive (${nameOf(way)})`, async ({ browser }) => {
    const page = await (await newContext(browser, way)).newPage()
    await login(page)
    await page.goto('/admin/endpoints')
    await page.getByRole('link', { name: 'New endpoint' }).click()
    await page.getByLabel('URL').fill('https://10.1.1.1/hook')
    await page.getByLabel('Description').fill('My first receiver')
    await page.getByRole('button', { name: 'Register', exact: true }).click()
    await expect(page.getByLabel('URL')).toBeFocused()
    await expect(page.getByLabel('URL')).toHaveAttribute('aria-invalid', 'true')
    await expect(page.getByLabel('Description')).toHaveValue('My first receiver')
    await page.getByLabel('URL').fill(`${receiver.url}/first-${i}/ok`)
    await page.getByRole('button', { name: 'Register', exact: true }).click()
    const secret = await page.locator('.secret code').first().textContent()
    expect(secret).toMatch(/^whsec_/)
    await page.reload()
    expect(await page.locator('.secret code').first().textContent()).toBe(secret)
    await page.getByRole('link', { name: 'Send a test' }).click()
    await page.getByRole('button', { name: 'Send a test' }).click()
    await expect(page.getByText('Thank you.')).toBeVisible()
    await program.api('POST', '/api/comments', { name: 'Ada', body: 'The first entry' })
    await eventually(async () => expect(receiver.received(`first-${i}`)).toHaveLength(2))
    await page.goto('/admin/messages')
    await expect(page.getByRole('table')).toContainText('1 delivered')
    await expectToFit(page, way.width)
    await page.getByRole('link', { name: 'Ada signed' }).first().click()
    await page.goBack()
    await expect(page.getByRole('heading', { name: 'Messages' })).toBeVisible()
    await page.context().close()
  })

  test(`a receiver breaks and is mended (${nameOf(way)})`, async ({ browser }) => {
    const page = await (await newContext(browser, way)).newPage()
    await fetch(`${receiver.url}/script/mend-${i}/status/500`)
    const { body: endpoint } = await program.api<{ id: string }>('POST', '/api/endpoints', {
      url: `${receiver.url}/mend-${i}/scripted`,
      event_types: [`walk${i}.*`],
    })
    for (let n = 0; n < 7; n++) {
      await program.api('POST', '/api/messages', { type: `walk${i}.happened`, data: { n } })
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await login(page)
    await expect(async () => {
      await page.goto('/admin')
      const need = page.locator('#needs li', { hasText: `mend-${i}` })
      await expect(need).toContainText('failures in a row', { timeout: 1_000 })
    }).toPass({ timeout: 30_000 })
    await expectToFit(page, way.width)
    await page
      .locator('#needs li', { hasText: `mend-${i}` })
      .getByRole('link')
      .click()
    // Why it fails is one click from the overview.
    await expect(page.locator('#health')).toContainText(/down.*crashed \(500\)/)
    await page.locator('#deliveries tbody a').last().click()
    await fetch(`${receiver.url}/script/mend-${i}/ok`)
    // While an attempt is due, there is nothing to press.
    await expect(async () => {
      await page.reload()
      await page.getByRole('button', { name: /Retry now|Send again/ }).click({ timeout: 500 })
    }).toPass({ timeout: 30_000 })
    await expect(async () => {
      await page.reload()
      await expect(page.getByRole('main').getByText('delivered', { exact: false }).first()).toBeVisible({
        timeout: 500,
      })
    }).toPass({ timeout: 20_000 })
    await eventually(async () => {
      await program.tick(60_000)
      const ids = receiver.received(`mend-${i}`).map(({ headers }) => headers['webhook-id'])
      expect(new Set(ids).size).toBe(7)
    })
    await page.goto(`/admin/endpoints/${endpoint.id}`)
    await page.getByRole('link', { name: 'Replay' }).click()
    await page.getByLabel('Which messages').selectOption('all')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.waitForURL(/preview=true/)
    await page.reload()
    await page.getByRole('button', { name: /^Replay 7 messages$/ }).click()
    await expect(page.locator('#replay')).toContainText('Of 7 messages')
    await page.context().close()
  })

  test(`a held entry is approved from ntfy (${nameOf(way)})`, async ({ browser }) => {
    const { body: book } = await program.api<{ slug: string }>('POST', '/api/books', {
      slug: `phone-${i}`,
      title: 'Phone',
    })
    await program.api('PATCH', `/api/books/${book.slug}`, { moderation: 'all' })
    await program.api('POST', '/api/endpoints', {
      url: `${receiver.url}/ntfy-${i}`,
      format: 'ntfy',
      event_types: ['comment.held'],
      books: [book.slug],
    })
    const headers = { 'Content-Type': 'application/json', 'CF-Connecting-IP': `192.0.2.${i + 1}` }
    const entry = JSON.stringify({ name: 'Bob', body: 'Please let me in', book: book.slug })
    const signed = await fetch(`${program.url}/api/comments`, { method: 'POST', headers, body: entry })
    expect(signed.status).toBe(201)
    const link = await eventually(async () => {
      const requests = receiver.received(`ntfy-${i}`)
      const text = requests.map(({ body }) => body).join()
      const found = /https?:\/\/[^"\\\s]*\/moderate\/mod_approve[^"\\\s]*/.exec(text)?.[0]
      expect(found).toBeDefined()
      return found ?? ''
    })
    const page = await (await newContext(browser, way)).newPage()
    await page.goto(new URL(link).pathname)
    // A drawing looks the same to whoever decides about it and to readers.
    await expect(page.getByText('Please let me in')).toHaveCSS('white-space', 'pre-wrap')
    await expectToFit(page, way.width)
    expect(await faultsIfScripts(page, way)).toEqual([])
    await page.keyboard.press('Tab')
    await page.getByRole('button', { name: 'Publish this entry' }).dblclick()
    await expect(page.getByRole('heading', { name: 'Done' })).toBeVisible()
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Done' })).toBeVisible()
    await page.goto(`/b/${book.slug}`)
    // A drawing looks the same to whoever decides about it and to readers.
    await expect(page.getByText('Please let me in')).toHaveCSS('white-space', 'pre-wrap')
    await page.context().close()
  })
}

/** axe is a script. */
async function faultsIfScripts(page: Page, way: Way): Promise<string[]> {
  return way.javaScriptEnabled ? faults(page) : []
}

test('the lists can be used with the keyboard, and say whether they are live', async ({ browser }) => {
  const page = await (
    await newContext(browser, { width: 1280, colorScheme: 'light', javaScriptEnabled: true })
  ).newPage()
  await program.api('POST', '/api/endpoints', { url: `${receiver.url}/keys/ok`, event_types: ['keys.*'] })
  for (let n = 0; n < 3; n++) await program.api('POST', '/api/messages', { type: 'keys.happened', data: { n } })
  await login(page)
  await page.goto('/admin/messages')
  await expect(page.getByRole('button', { name: 'Live' })).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await expect(page.getByRole('button', { name: 'Paused' })).toBeVisible()
  const second = page.locator('main tbody tr').nth(1)
  await expect(second.getByRole('link')).toBeFocused()
  await page.keyboard.press('k')
  await expect(page.locator('main tbody tr').first().getByRole('link')).toBeFocused()
  await page.keyboard.press('/')
  await expect(page.getByLabel('Search')).toBeFocused()
  await page.keyboard.type('keys')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/q=keys/)
  // A key does nothing before the script of the new page runs.
  await page.waitForLoadState()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(page).toHaveTitle(/keys\.happened · .* delivered · Guesthook/)
  await page.waitForLoadState()
  const url = page.url()
  await page.keyboard.press('j')
  await expect(page).not.toHaveURL(url)
  await page.waitForLoadState()
  await page.keyboard.press('k')
  await expect(page).toHaveURL(url)
})

test('an endpoint that was down goes green before the eyes of the owner', async ({ browser }) => {
  const page = await (
    await newContext(browser, { width: 1280, colorScheme: 'light', javaScriptEnabled: true })
  ).newPage()
  await fetch(`${receiver.url}/script/green/status/500`)
  const { body: endpoint } = await program.api<{ id: string }>('POST', '/api/endpoints', {
    url: `${receiver.url}/green/scripted`,
    event_types: ['green.*'],
  })
  for (let n = 0; n < 7; n++) {
    await program.api('POST', '/api/messages', { type: 'green.happened', data: { n } })
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  await login(page)
  const health = page.locator('#health')
  await expect(async () => {
    await page.goto(`/admin/endpoints/${endpoint.id}`)
    await expect(health).toContainText('down', { timeout: 500 })
  }).toPass({ timeout: 20_000 })
  const answered = await health.getAttribute('data-answer')
  const notice = page.locator('main > .notice')
  // More wait than are counted every few seconds: such a part looks every ten seconds, but not while a try is awaited.
  const many = Array.from({ length: MANY }, (_, n) =>
    program.api('POST', '/api/messages', { type: 'green.many', data: { n } })
  )
  await Promise.all(many)
  await expect(async () => {
    await page.reload()
    await expect(health).toContainText(/1\d\d deliveries wait/, { timeout: 500 })
  }).toPass({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Try now' }).click()
  await expect(notice).toHaveText(/^Tried: failed again \(500/, { timeout: 9_000 })
  await expect(health).not.toHaveAttribute('data-answer', answered ?? '')
  await fetch(`${receiver.url}/script/green/ok`)
  await page.getByRole('button', { name: 'Try now' }).click()
  await expect(notice).toHaveText(/^Delivered.*being sent/, { timeout: 9_000 })
  await expect(page.getByRole('button', { name: 'Live' })).toHaveCount(1)
  // Nobody loads the page again.
  await page.evaluate(() => Object.assign(globalThis, { isSame: true }))
  await program.tick(60_000)
  await expect(health).toContainText('unstable', { timeout: 30_000 })
  // Once the backlog is through and nothing has failed for five minutes, the outage is over.
  await program.tick(7 * 60_000)
  await expect(health).toContainText('enabled', { timeout: 30_000 })
  await expect(page).toHaveTitle(/ · enabled/)
  expect(await page.evaluate(() => 'isSame' in globalThis)).toBe(true)
})

test('the form of an endpoint names the format of the URL, and has its fields only', async ({ browser }) => {
  const page = await (
    await newContext(browser, { width: 1280, colorScheme: 'light', javaScriptEnabled: true })
  ).newPage()
  await login(page)
  await page.goto('/admin/endpoints/new')
  const digest = page.getByText('Daily digest')
  await expect(digest).toBeHidden()
  await page.getByLabel('URL').fill('https://hooks.slack.com/services/T/B/x')
  await expect(page.getByRole('status')).toContainText('Slack')
  await expect(digest).toBeVisible()
  await page.getByText('More: books').click()
  await expect(page.getByLabel('Minutes between calls')).toBeHidden()
  await page.getByLabel('Format', { exact: true }).selectOption('build-hook')
  await expect(page.getByLabel('Minutes between calls')).toBeVisible()
  await expect(page.getByRole('status')).toBeEmpty()
  await expect(digest).toBeHidden()
})

test('the form of an endpoint takes either all events, or a group, or single ones', async ({ browser }) => {
  const page = await (
    await newContext(browser, { width: 1280, colorScheme: 'light', javaScriptEnabled: true })
  ).newPage()
  await login(page)
  await page.goto('/admin/endpoints/new')
  const [all, group] = [page.getByLabel('All, also'), page.getByLabel('All about entries')]
  const one = page.getByLabel('comment.published')
  const typed = page.getByLabel('Other event types')
  // A new endpoint gets what tells about entries, unless its owner chooses otherwise.
  await expect(group).toBeChecked()
  await expect(all).not.toBeChecked()
  await one.check()
  await expect(group).not.toBeChecked()
  await group.check()
  await expect(one).not.toBeChecked()
  await one.check()
  await typed.fill('order.paid')
  await all.check()
  await expect(one).toBeHidden()
  await all.uncheck()
  await expect(one).not.toBeChecked()
  await expect(typed).toBeEmpty()
})

test('an export that comes in parts is saved as one whole file', async ({ browser }) => {
  const page = await (
    await newContext(browser, { width: 1280, colorScheme: 'light', javaScriptEnabled: true })
  ).newPage()
  await login(page)
  const part = (...lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const next = { type: 'next', cursor: 'x', url: `${program.url}/admin/moving/export?cursor=x` }
  const first = { type: 'entry', id: 'cmt_1', body: 'one' }
  const second = { type: 'entry', id: 'cmt_2', body: 'two' }
  let failures = 1
  await page.route('**/admin/moving/export/count?*', (route) => route.fulfill({ json: { entries: 2, next: null } }))
  await page.route('**/admin/moving/export', (route) => route.fulfill({ body: part(first, next) }))
  await page.route('**/admin/moving/export?cursor=x', async (route) => {
    if (failures-- > 0) return route.abort()
    await expect(page.locator('#export-status')).toContainText('1 of 2')
    return route.fulfill({ body: part(second, { type: 'end' }) })
  })
  await page.getByRole('link', { name: 'Import and export' }).click()
  // Until its script has run, the link is an ordinary download.
  await page.waitForURL('**/admin/moving')
  const saving = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download everything' }).click()
  const saved = await saving
  expect(saved.suggestedFilename()).toMatch(/^guestbook-all-20\d\d-\d\d-\d\d\.ndjson$/)
  expect(readFileSync(await saved.path(), 'utf8')).toBe(part(first, second, { type: 'end' }))
  await expect(page.locator('#export-status')).toContainText('2 entries')
  expect(await faults(page)).toEqual([])
})

test('an export that fails or is stopped saves nothing, and says so', async ({ browser }) => {
  const page = await (
    await newContext(browser, { width: 1280, colorScheme: 'light', javaScriptEnabled: true })
  ).newPage()
  await login(page)
  await page.goto('/admin/moving')
  page.on('download', () => expect('a download').toBe('none'))
  await page.route('**/admin/moving/export', (route) => route.fulfill({ body: '{"type":"entry"}\n' }))
  await page.getByRole('link', { name: 'Download everything' }).click()
  await expect(page.locator('#export-status')).toContainText('not complete')
  await page.route('**/admin/moving/export/count?*', () => {})
  await page.getByRole('link', { name: 'Download everything' }).click()
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.locator('#export-status')).toContainText('stopped')
})

test('times are in the zone of the browser, and so is what one types', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: program.url, timezoneId: 'Asia/Kolkata', locale: 'en-GB' })
  const page = await context.newPage()
  await program.api('POST', '/api/messages', { type: 'time.told', data: {} })
  await login(page)
  await page.goto('/admin/messages?q=time.told&since=2026-01-01T00:00')
  const chip = page.getByRole('link', { name: 'From' })
  await expect(chip).toContainText('1 Jan 2026, 05:30')
  await expect(chip.locator('time')).toHaveAttribute('title', /00:00 UTC/)
  await page.getByText('More filters').click()
  await expect(page.getByLabel('From')).toHaveValue('2026-01-01T05:30')
  await page.getByLabel('To', { exact: true }).fill('2030-01-01T05:30')
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await expect(page).toHaveURL(/since=2026-01-01T00%3A00.*until=2030-01-01T00%3A00/)
  await expect(page.getByRole('row').filter({ hasText: 'time.told' })).toBeVisible()
  // The tooltip of rows that arrive later has both times, too.
  await page.evaluate(() => {
    const rows = document.querySelector('tbody')
    if (rows)
      rows.innerHTML = '<tr><td><time datetime="2026-01-01T00:00:00.123Z">2026-01-01 00:00:00.123 UTC</time></td></tr>'
  })
  await expect(page.locator('tbody time')).toHaveText('2026-01-01 05:30:00.123 +05:30')
})

test('a time in the hour that comes twice in autumn stays as it is if only another field is edited', async ({
  browser,
}) => {
  const page = await (await browser.newContext({ baseURL: program.url, timezoneId: 'Europe/Berlin' })).newPage()
  await login(page)
  for (const [since, until] of [
    ['2026-10-25T00:30', '2026-10-25T01:30'],
    ['2026-10-25T01:00', '2026-10-25T01:00'],
  ] as const) {
    await page.goto(`/admin/messages?since=${since}&until=${until}`)
    await page.getByText('More filters').click()
    await page.getByLabel('Search').fill('time')
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await expect(page).toHaveURL(/q=time/)
    const query = new URL(page.url()).searchParams
    expect([query.get('since'), query.get('until')]).toEqual([since, until])
  }
})

test('how long ago something was stays true while the page is open', async ({ browser }) => {
  const page = await (await browser.newContext({ baseURL: program.url })).newPage()
  await login(page)
  await page.clock.install()
  await program.api('POST', '/api/messages', { type: 'time.passes', data: {} })
  await page.goto('/admin/messages?q=time.passes')
  // It is not the list that is up to date.
  await page.getByRole('button', { name: 'Live' }).click()
  const time = page.locator('main tbody time').first()
  await expect(time).toHaveText(/now|s ago/)
  await page.clock.runFor(40_000)
  await expect(time).toHaveText(/^[3-5]\d s ago$/)
  await page.clock.runFor(270_000)
  await expect(time).toHaveText(/^5 min ago$/)
  await page.evaluate(() => {
    const next = Object.assign(document.createElement('time'), { textContent: 'in 30 s', title: 'UTC' })
    next.dateTime = new Date(Date.now() + 30_000).toISOString()
    const wrongClock = Object.assign(document.createElement('time'), { textContent: '3 h ago', title: 'UTC' })
    wrongClock.dateTime = new Date(Date.now() + 86_400_000).toISOString()
    document.querySelector('main')?.append(next, wrongClock)
  })
  await page.clock.runFor(60_000)
  await expect(page.locator('main > time')).toHaveText(['any moment now', '3 h ago'])
})

test('without scripts, times are in UTC, the page says so, and the other times open', async ({ browser }) => {
  const page = await (
    await newContext(browser, { width: 360, colorScheme: 'dark', javaScriptEnabled: false })
  ).newPage()
  await login(page)
  await page.goto('/admin/messages')
  await expect(page.getByText('Times are in UTC')).toBeVisible()
  await page.getByRole('link', { name: 'Other times' }).click()
  await expect(page.getByLabel('From')).toBeVisible()
})

for (const way of WAYS) {
  test(`a double click makes one API key and shows it (${nameOf(way)})`, async ({ browser }) => {
    const context = await newContext(browser, way)
    const page = await context.newPage()
    await login(page)
    await page.goto('/admin/access')
    const name = `Double ${way.width}`
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Create key' }).dblclick()
    await expect(page.getByText(/^apikey_/)).toBeVisible()
    const key = await page.getByText(/^apikey_/).textContent()
    const { body } = await program.api<{ data: { name: string }[] }>('GET', '/api/keys')
    expect(body.data.filter((one) => one.name === name)).toHaveLength(1)
    const headers = { Authorization: `Bearer ${key}` }
    expect((await fetch(`${program.url}/api/endpoints`, { headers })).status).toBe(200)
    await context.close()
  })
}

test('a session that has ended keeps the form', async ({ browser }) => {
  const context = await newContext(browser, { width: 360, colorScheme: 'light', javaScriptEnabled: false })
  const page = await context.newPage()
  await login(page)
  await page.goto('/admin/books/main')
  await page.getByLabel('Title', { exact: true }).fill('A title that took long to find')
  await context.clearCookies()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('alert')).toContainText('still here')
  await page.getByLabel('Admin token').fill(program.token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'Submit it now' }).click()
  await expect(page.getByLabel('Title', { exact: true })).toHaveValue('A title that took long to find')
})

/** A source with every setting, and a failed message with long words. */
async function inbound(): Promise<{ source: string; failed: string }> {
  const { body } = await program.api<{ id: string; url: string }>('POST', '/api/sources', {
    name: 'N'.repeat(100),
    provider: 'slack',
    secret: 's'.repeat(200),
    act: 'sign',
    template: { name: '{{a}}', body: `{{${'b.'.repeat(200)}b}}` },
    fields: [{ name: 'f'.repeat(40), path: 'long' }],
  })
  const headers = {
    'X-Slack-Signature': `v0=${'0'.repeat(64)}`,
    'X-Slack-Request-Timestamp': '1795600000',
    'X-Long': 'h'.repeat(500),
  }
  const long = JSON.stringify({ type: 't'.repeat(200), long: 'w'.repeat(500) })
  const answer = await fetch(`${body.url}?${'q'.repeat(300)}=1`, {
    method: 'POST',
    headers,
    body: long,
  })
  const { id } = (await answer.json()) as { id: string }
  await eventually(async () => {
    const path = `/api/inbound/${id}`
    expect((await program.api('GET', path)).body).toMatchObject({ status: 'failed' })
  })
  return { source: body.id, failed: id }
}

/** They have all that is only on wide or on small screens, so the looks of both are checked in both color schemes. */
const CROSSED = ['/admin', '/admin/comments', '/admin/messages', '/']

test('axe finds nothing on any page of the dashboard, in light and dark', async ({ browser }) => {
  const { source, failed } = await inbound()
  await program.api('POST', '/api/comments', { name: 'W'.repeat(80), body: 'long'.repeat(500) })
  await program.api('PATCH', '/api/settings', { registration: 'open' })
  const first = async (path: string) => (await program.api<{ data: { id: string }[] }>('GET', path)).body.data[0]?.id
  const [message, endpoint] = await Promise.all(['messages', 'endpoints'].map((name) => first(`/api/${name}`)))
  const paths = [
    '/admin',
    '/admin?range=30d',
    '/admin/endpoints',
    '/admin/endpoints?q=nowhere',
    '/admin/endpoints/new',
    ...['', '?tab=test', '?tab=replay', '?tab=secret&secret=show', '?tab=pull', '?tab=settings'].map(
      (tab) => `/admin/endpoints/${endpoint}${tab}`
    ),
    `/admin/endpoints/${endpoint}/edit`,
    '/admin/messages',
    '/admin/messages?state=failed',
    `/admin/messages/${message}`,
    `/admin/messages/${message}/deliveries/${endpoint}`,
    '/admin/comments',
    '/admin/inbound',
    '/admin/inbound?q=nothing',
    `/admin/inbound/${failed}`,
    `/admin/inbound/${failed}/compare?with=${failed}`,
    '/admin/sources',
    '/admin/sources/new',
    '/admin/sources/new?provider=github',
    '/admin/sources/new?provider=custom-hmac',
    `/admin/sources/${source}?secret=show`,
    '/admin/event-types',
    '/admin/keys',
    '/admin/storage',
    '/admin/system',
    '/admin/bans',
    '/admin/settings',
    '/admin/signature',
    '/admin/books/main/bans',
    '/admin/nowhere',
    '/',
    '/webhooks',
  ]
  const page = await (
    await newContext(browser, { width: 1280, colorScheme: 'light', javaScriptEnabled: true })
  ).newPage()
  await page.goto('/admin')
  expect(['login', await faultsOnScreens(page)]).toEqual(['login', []])
  await login(page)
  for (const path of paths) {
    await page.goto(path)
    expect([path, await faultsOnScreens(page)]).toEqual([path, []])
    if (!CROSSED.includes(path)) continue
    for (const [colorScheme, width] of [['light', 360] as const, ['dark', 1280] as const]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      expect([path, colorScheme, await faults(page, true)]).toEqual([path, colorScheme, []])
    }
  }
  await page.goto('/admin/endpoints/new')
  await page.getByLabel('URL').fill('https://10.1.1.1/x')
  await page.getByRole('button', { name: 'Register', exact: true }).click()
  await expect(page.getByLabel('URL')).toBeFocused()
  expect(['an error', await faultsOnScreens(page)]).toEqual(['an error', []])
})
