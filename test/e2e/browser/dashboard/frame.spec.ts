import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test'
import { Guestbook } from '../../../support/bundled/guestbook'
import { faultsOnScreens } from '../axe'

/* What all pages of the dashboard share: the search, which leads to any page and into any list, and the width. */

let program: Guestbook
let context: BrowserContext
let page: Page

test.beforeAll(async ({ browser }) => {
  program = await Guestbook.start()
  context = await browser.newContext({ baseURL: program.url, bypassCSP: true })
  page = await context.newPage()
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
})

test.afterAll(async () => {
  await context.close()
  await program.end()
})

const palette = () => page.getByRole('dialog', { name: 'Search' })
const field = () => palette().getByRole('combobox')
const options = () => palette().getByRole('option')

async function openOn(path: string): Promise<void> {
  await page.goto(path)
  await expect(page.getByRole('button', { name: 'Search', exact: true }).first()).toBeVisible()
  await page.keyboard.press('ControlOrMeta+k')
  await expect(field()).toBeFocused()
}

/** @returns the option that Enter opens, as the field tells a screen reader */
async function active(): Promise<Locator> {
  const id = await field().getAttribute('aria-activedescendant')
  const option = palette().locator(`[id="${id}"]`)
  await expect(option).toHaveAttribute('aria-selected', 'true')
  await expect(options().and(page.locator('[aria-selected="true"]'))).toHaveCount(1)
  return option
}

test('it lists all pages, finds one by a part of its name or by another word, and opens it', async () => {
  await openOn('/admin')
  const hrefs = await page.locator('.sections a').evaluateAll((all) => all.map((one) => one.getAttribute('href')))
  const offered = await options().evaluateAll((all) => all.map((one) => one.getAttribute('href')))
  expect(offered).toEqual([...hrefs, '/docs'])
  for (const [typed, path] of [
    ['endp', '/admin/endpoints'],
    ['LOG', '/admin/access/audit'],
    ['queue', '/admin/comments'],
    ['backup', '/admin/moving'],
    ['settings sign', '/admin/keys'],
    ['audit', '/admin/access/audit'],
  ] as const) {
    await field().fill(typed)
    await expect(palette().getByRole('group', { name: 'Pages' }).locator(`[href="${path}"]`)).toBeVisible()
  }
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Audit log' })).toBeVisible()
  await page.goBack()
  await expect(palette()).toBeHidden()
})

test('it hands a text to the search of a list, that of the shown list first', async () => {
  await openOn('/admin/inbound')
  await field().fill('zq & "x"')
  expect(await (await active()).getAttribute('href')).toMatch(/^\/admin\/inbound\?/)
  for (const key of ['ArrowUp', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key)
  expect(await (await active()).getAttribute('href')).toMatch(/^\/admin\/comments\?/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('searchbox', { name: 'Search entries' })).toHaveValue('zq & "x"')
  for (const [path, name] of [
    ['/admin/messages', 'Search'],
    ['/admin/inbound', 'Search'],
    ['/admin/endpoints', 'Search'],
    ['/docs', 'Search the documentation'],
  ] as const) {
    await openOn('/admin')
    await field().fill('zqx')
    await palette().locator(`[href^="${path}?"]`).click()
    await expect(page.getByRole('searchbox', { name })).toHaveValue('zqx')
  }
})

test('it opens the thing whose id is pasted', async () => {
  const { body } = await program.api<{ id: string }>('POST', '/api/messages', { type: 'found.it', data: {} })
  await openOn('/admin')
  await field().fill(` ${body.id} `)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`/admin/messages/${body.id}`)
})

test('it lists endpoints, sources, books and their settings by name, between the pages and the searches', async () => {
  const url = 'https://crm.example.com/hook'
  const { body } = await program.api<{ id: string }>('POST', '/api/endpoints', {
    url,
    description: '<b>CRM</b> zqchoir',
  })
  const source = await program.api<{ id: string }>('POST', '/api/sources', { name: 'Zqdoorbell', provider: 'none' })
  await program.api('POST', '/api/books', { slug: 'moths', title: 'The Zqmoth Garden' })
  await openOn('/admin')
  const named = palette().getByRole('group', { name: 'Endpoints, sources and books' })
  await expect(named).toBeHidden()
  for (const [typed, path, kind] of [
    ['zqCHOIR crm', `/admin/endpoints/${body.id}`, 'Endpoint'],
    ['crm.example', `/admin/endpoints/${body.id}`, 'Endpoint'],
    ['zqdoor', `/admin/sources/${source.body.id}`, 'Source'],
    ['zqmoth', '/admin/books/moths', 'Book'],
    ['theme zqmoth', '/admin/books/moths#appearance', 'Settings'],
    ['spam zqmoth', '/admin/books/moths#approval', 'Settings'],
  ] as const) {
    await field().fill(typed)
    await expect(named.getByRole('option')).toHaveCount(1)
    await expect(named.getByRole('option')).toContainText(kind)
    expect(await (await active()).getAttribute('href')).toBe(path)
    await expect(named.locator('b')).toHaveCount(0)
  }
  await field().fill('theme')
  const groups = await palette()
    .getByRole('group')
    .evaluateAll((all) => all.map((one) => one.ariaLabel))
  expect(groups).toEqual(['Endpoints, sources and books', 'Pages', 'Search'])
  expect(await (await active()).getAttribute('href')).toMatch(/^\/admin\/books\/.*#appearance$/)
  // The name of a page is better than a word that is in a tab.
  for (const [typed, path] of [
    ['entries', '/admin/comments'],
    ['settings sign', '/admin/keys'],
  ] as const) {
    await field().fill(typed)
    expect(await (await active()).getAttribute('href')).toBe(path)
  }
  await field().fill('theme')
  await named.getByRole('option', { name: 'Appearance of The Zqmoth Garden' }).click()
  await expect(page).toHaveURL('/admin/books/moths#appearance')
  await expect(palette()).toBeHidden()
})

test('it works while the names are read, keeps what is chosen, and reads again what could not be read', async () => {
  let answer = (_isThere: boolean): void => {}
  const answered = new Promise<boolean>((resolve) => {
    answer = resolve
  })
  let asked = 0
  await page.route('**/admin/books', async (route) => {
    asked += 1
    if (asked === 1) await route.abort()
    else if (await answered) await route.continue()
  })
  await openOn('/admin/endpoints')
  await field().fill('zqmoth')
  await expect.poll(() => asked).toBe(1)
  await expect(options()).not.toHaveCount(0)
  await page.keyboard.press('Escape')
  await page.keyboard.press('ControlOrMeta+k')
  await field().fill('zqmoth')
  await expect.poll(() => asked).toBe(2)
  await page.keyboard.press('ArrowDown')
  const chosen = await (await active()).getAttribute('href')
  answer(true)
  await expect(palette().locator('[href="/admin/books/moths"]')).toBeVisible()
  expect(await (await active()).getAttribute('href')).toBe(chosen)
  await page.keyboard.press('Escape')
  await page.keyboard.press('ControlOrMeta+k')
  await field().fill('zqmoth')
  expect(await (await active()).getAttribute('href')).toBe('/admin/books/moths')
  expect(asked).toBe(2)
  await page.unroute('**/admin/books')
})

/** Holds back the requests for a file. @returns what lets them go on */
async function holdBack(url: string): Promise<() => void> {
  let letGo = (): void => {}
  const isFree = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route(url, async (route) => {
    await isFree
    await route.continue()
  })
  return letGo
}

test('what the arrow keys chose stays chosen, also at the top, when tabs of books appear above it', async () => {
  const answer = await holdBack('**/admin/books')
  await openOn('/admin')
  await field().fill('theme')
  for (const key of ['ArrowDown', 'ArrowUp']) await page.keyboard.press(key)
  expect(await (await active()).getAttribute('href')).toBe('/admin/books')
  answer()
  await expect(options().first()).toContainText('Appearance')
  expect(await (await active()).getAttribute('href')).toBe('/admin/books')
  await field().fill('theme ')
  await expect(await active()).toContainText('Appearance')
  await page.keyboard.press('Escape')
  await page.unroute('**/admin/books')
})

test('its button is there before the scripts, and its key works before its file is loaded', async () => {
  const answer = await holdBack('**/palette.js')
  await page.goto('/admin/messages')
  await page.keyboard.press('ControlOrMeta+k')
  await expect(palette()).toHaveCount(0)
  await page.keyboard.type('j/moth')
  answer()
  await expect(field()).toBeFocused()
  await expect(field()).toHaveValue('j/moth')
  await page.unroute('**/palette.js')
  await page.route('**/dashboard.js', (route) => route.abort())
  await page.goto('/admin/messages')
  await expect(page.getByRole('button', { name: 'Search', exact: true }).first()).toBeVisible()
  await page.unroute('**/dashboard.js')
})

test('it closes with Escape, its key, its button and a click beside it, and the focus returns', async () => {
  await page.goto('/admin/messages')
  const before = page.getByRole('searchbox')
  const button = page.getByRole('button', { name: 'Search', exact: true }).first()
  await expect(button).toHaveAttribute('aria-keyshortcuts', /K$/)
  const ways = [
    () => page.keyboard.press('Escape'),
    () => page.keyboard.press('ControlOrMeta+k'),
    () => palette().getByRole('button', { name: 'Close' }).click(),
    () => page.mouse.click(5, 5),
  ]
  for (const close of ways) {
    await before.focus()
    await page.keyboard.press('ControlOrMeta+k')
    await field().fill('something')
    await close()
    await expect(palette()).toBeHidden()
    await expect(before).toBeFocused()
  }
  await button.click()
  await expect(field()).toHaveValue('')
  await page.keyboard.press('Escape')
  await expect(button).toBeFocused()
})

test('axe finds nothing in it, in light and dark, and it fits a phone', async () => {
  await openOn('/admin')
  for (const typed of ['', 's', 'zq', 'theme', 'w'.repeat(90)]) {
    await field().fill(typed)
    expect([typed, await faultsOnScreens(page)]).toEqual([typed, []])
  }
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Search', exact: true }).first().click()
  await expect(field()).toBeFocused()
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 1280, height: 720 })
})

test('pages without scripts, and those for integrators, have no button for it', async ({ browser }) => {
  await page.goto('/webhooks')
  await expect(page.getByRole('button', { name: 'Search' })).toHaveCount(0)
  const plain = await browser.newContext({ baseURL: program.url, javaScriptEnabled: false })
  await plain.addCookies(await context.cookies())
  const unscripted = await plain.newPage()
  await unscripted.goto('/admin/books')
  await expect(unscripted.getByRole('heading', { name: 'Books', exact: true })).toBeVisible()
  await expect(unscripted.getByRole('button', { name: 'Search' })).toHaveCount(0)
  await plain.close()
})

/** @returns the distinct right edges, in whole pixels, of what is shown of a page */
async function edges(selector: string): Promise<number[]> {
  const rights = await page
    .locator(selector)
    .evaluateAll((all) =>
      all.filter((one) => one.checkVisibility()).map((one) => Math.round(one.getBoundingClientRect().right))
    )
  return [...new Set(rights)]
}

for (const path of [
  ...['text', 'appearance', 'signing', 'approval', 'sites'].map((tab) => `/admin/books/main#${tab}`),
  ...['settings', 'keys', 'access', 'storage', 'moving', 'system'].map((name) => `/admin/${name}`),
]) {
  test(`on ${path}, everything ends at one edge, and so do the fields`, async () => {
    await page.goto(path)
    await page.waitForLoadState()
    const blocks = 'main > :is(.heading, section, form), .card, .tabs, .save, meter, main > section:not(.card) > table'
    expect([path, await edges(blocks)]).toEqual([path, [expect.any(Number)]])
    const fields =
      ':is(.panel, form.card, main > .card > form) :is(input:not([type="color"], .check *), select, textarea)'
    expect([path, (await edges(fields)).slice(1)]).toEqual([path, []])
  })
}

test('a box stands beside what it selects, a number says what it counts, and no column is empty', async () => {
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'Hello' })
  await page.goto('/admin/moving/people?q=Ada')
  const [box, status] = ['.entry [name="ids"]', '.entry .status'].map((one) => page.locator(one).first())
  const [left, right] = [await box?.boundingBox(), await status?.boundingBox()]
  expect(left?.width).toBeLessThan(30)
  expect(left?.y).toBeLessThan((right?.y ?? 0) + (right?.height ?? 0))
  await page.goto('/admin/system')
  await expect(page.getByRole('columnheader', { name: 'Status' })).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'What to do' })).toBeHidden()
  await page.goto('/admin/books')
  await page.setViewportSize({ width: 360, height: 720 })
  await expect(page.locator('td[data-label="Entries"]').first()).toHaveText('1')
  await page.setViewportSize({ width: 1280, height: 720 })
})

test('after an error, the focus is on the field that is wrong, also in a form at the end of its page', async () => {
  const publish = page.locator('#publish')
  for (const [type, data, wrong] of [
    ['order.paid', '{', 'Data, as a JSON object'],
    ['  ', '{}', 'Event type'],
  ] as const) {
    await page.goto('/admin/messages')
    await publish.locator('summary').click()
    await publish.getByLabel('Event type').fill(type)
    await publish.getByLabel('Data').fill(data)
    await publish.getByRole('button', { name: 'Publish' }).click()
    await expect(publish.getByLabel(wrong)).toHaveAttribute('aria-invalid', 'true')
    await expect(publish.getByLabel(wrong)).toBeFocused()
  }
  await page.goto('/admin/access')
  await page.getByLabel('Name', { exact: true }).fill('  ')
  await page.getByRole('button', { name: 'Create key' }).click()
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused()
  const any = { name: 'Any', provider: 'unsigned' }
  const { body: source } = await program.api<{ url: string }>('POST', '/api/sources', any)
  const { id } = (await (await fetch(source.url, { method: 'POST', body: 'x'.repeat(9_000) })).json()) as { id: string }
  await page.goto(`/admin/inbound/${id}`)
  const destination = page.getByLabel('Destination URL')
  await destination.fill('https://10.1.1.1/hook')
  await page.getByRole('button', { name: 'Forward as received' }).click()
  await expect(destination).toBeFocused()
  // What was forwarded does not fit into the address of a page, so there is no redirect.
  const receiver = createServer((_, response) => response.end('It has arrived')).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  await destination.fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}`)
  await page.getByRole('button', { name: 'Forward as received' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'arrived' })).toBeFocused()
  receiver.close()
})
