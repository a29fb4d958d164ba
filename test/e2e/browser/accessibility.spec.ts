import { type Browser, expect, type Page, test } from '@playwright/test'
import { THEME_SLUGS } from '../../../src/guestbook/rules/looks/themes'
import { Guestbook } from '../../support/bundled/guestbook'
import { faults, faultsOnScreens } from './axe'

/*
 * Every page of the guestbook in every theme, and the pages with which the owner moderates, checked by axe with all of
 * its rules. A theme changes only how a page looks, so the rules about its structure check one theme.
 */

let program: Guestbook

test.beforeAll(async () => {
  program = await Guestbook.start()
  const questions = [{ text: 'How did you find me?', is_required: true }]
  const settings = { questions, avatars: 'face', home_url: 'https://example.com', banner: 'News!', accent: '#c2185b' }
  await program.api('PATCH', '/api/books/main', { asks_for: ['mood', 'place'], has_search: true })
  await program.api('PATCH', '/api/books/main', settings)
  const { body } = await program.api<{ id: string }>('POST', '/api/comments', {
    name: 'Ada',
    body: 'Hello, see https://example.com\nand a second line',
    website: 'example.com',
  })
  await program.api('PUT', `/api/comments/${body.id}/reply`, { body: 'Thank you!' })
  await program.api('POST', '/api/comments', { name: 'Bob', body: 'word '.repeat(700) })
  await program.api('POST', '/api/comments', { name: 'Eve', body: 'www.a www.b www.c' })
  const drawing = ' /\\_/\\ '.repeat(40)
  await program.api('POST', '/api/comments', { name: 'Mia', body: `${drawing}\n( o.o )`, pre: true })
})

test.afterAll(() => program.end())

/** The policy of our pages forbids the script of axe. */
async function open(browser: Browser): Promise<Page> {
  return (await browser.newContext({ baseURL: program.url, bypassCSP: true })).newPage()
}

test.describe('the guestbook with an entry that waits', () => {
  let page: Page

  test.beforeAll(async ({ browser }) => {
    page = await open(browser)
    await page.goto('/')
    await write(page)
    // The first entry of a guest waits.
    await page.getByRole('button', { name: 'Sign it!' }).click()
    await expect(page.locator('.entry.waiting')).toBeVisible()
    expect(['thanks', await faultsOnScreens(page)]).toEqual(['thanks', []])
  })

  test.afterAll(() => page.context().close())

  async function write(on: Page) {
    await on.getByLabel('Your name', { exact: true }).fill('Zoë')
    await on.getByLabel('Your message').fill('Hi')
    await on.getByLabel('How did you find me?').fill('A webring')
  }

  for (const [i, theme] of THEME_SLUGS.entries()) {
    test(`axe finds nothing in the theme ${theme}`, async () => {
      await program.api('PATCH', '/api/books/main', { theme })
      const { body } = await program.api<{ data: { id: string }[] }>('GET', '/api/comments')
      const found = () => faultsOnScreens(page, i > 0)
      // A preview is shown with the whole page, so that the other themes need no more.
      for (const path of [`/comments/${body.data[0]?.id}`, ...(i === 0 ? ['/?signed=held'] : [])]) {
        await page.goto(path)
        expect([path, await found()]).toEqual([path, []])
      }
      await page.goto('/')
      await write(page)
      await page.getByRole('button', { name: 'Preview' }).click()
      await expect(page.locator('.preview')).toBeVisible()
      await expect(page.locator('.entry.waiting')).toBeVisible()
      await page.locator('.sign details').evaluateAll((all) => {
        for (const one of all) one.setAttribute('open', '')
      })
      expect(['preview', await found()]).toEqual(['preview', []])
    })
  }
})

test('axe finds nothing on a search, on the form alone, on a page of many, and on an edit', async ({ browser }) => {
  for (let i = 0; i < 20; i++) await program.api('POST', '/api/comments', { name: `Guest ${i}`, body: `Hello ${i}` })
  const page = await open(browser)
  for (const path of ['/?q=word', '/?q=nowhere', '/sign', '/?page=2', '/?day=today']) {
    await page.goto(path)
    expect([path, await faults(page)]).toEqual([path, []])
  }
  await page.goto('/sign')
  await page.getByLabel('Your name', { exact: true }).fill('Zoë')
  await page.getByLabel('Your message').fill('An entry to edit')
  await page.getByLabel('How did you find me?').fill('A webring')
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await page.locator('.entry.waiting .own a').click()
  expect(['an edit', await faultsOnScreens(page)]).toEqual(['an edit', []])
  await page.context().close()
})

test('axe finds nothing on a page in Arabic, on an error, and on a page that does not exist', async ({ browser }) => {
  const page = await open(browser)
  await page.setExtraHTTPHeaders({ 'Accept-Language': 'ar' })
  await page.goto('/')
  expect(await faults(page)).toEqual([])
  await page.setExtraHTTPHeaders({ 'Accept-Language': 'en' })
  await page.goto('/')
  await page.locator('form[action="/sign"]').evaluate((form: HTMLFormElement) => form.submit())
  await expect(page.getByRole('alert')).toBeVisible()
  expect(await faults(page)).toEqual([])
  await page.goto('/nowhere')
  expect(await faults(page)).toEqual([])
  await page.context().close()
})

for (const path of [
  '/docs',
  '/docs/schemas',
  '/docs/recipes',
  '/docs/limits',
  '/docs/api/comments',
  '/docs/api/webhooks',
]) {
  test(`axe finds nothing on the page ${path} of the documentation, and it does not scroll sideways`, async ({
    browser,
  }) => {
    const page = await open(browser)
    await page.goto(path)
    // What can be unfolded is checked, too.
    await page.locator('details').evaluateAll((all) => {
      for (const one of all) one.setAttribute('open', '')
    })
    expect(await faultsOnScreens(page)).toEqual([])
    await page.context().close()
  })
}

test('axe finds nothing on the pages of books, of the moderation queue, of access, and for moving', async ({
  browser,
}) => {
  const file = '{"type":"entry","name":"Ada","body":"Hello"}\n{"type":"entry","name":"Bob","body":""}\n'
  const headers = { Authorization: `Bearer ${program.token}` }
  const response = await fetch(`${program.url}/api/import?dry_run=true`, { method: 'POST', headers, body: file })
  const { id } = (await response.json()) as { id: string }
  const { body } = await program.api<{ data: { id: string }[] }>('GET', '/api/comments')
  const page = await open(browser)
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  for (const path of [
    '/admin/books',
    '/admin/books/main',
    '/admin/books/main/embed',
    '/admin/comments',
    '/admin/comments?status=held',
    '/admin/access/audit',
    '/admin/access/audit?act=nothing',
    '/admin/moving',
    `/admin/moving/imports/${id}`,
    '/admin/moving/people?q=Ada',
    `/admin/moving/people/erase?q=Ada&ids=${body.data[0]?.id}`,
    '/admin/access',
  ]) {
    await page.goto(path)
    expect([path, await faultsOnScreens(page)]).toEqual([path, []])
  }
  await page.getByLabel('Name').fill('Backup')
  await page.getByRole('checkbox', { name: /^read/ }).uncheck()
  await page.getByRole('button', { name: 'Create key' }).click()
  await expect(page.locator('.error')).toContainText('scope')
  expect(['an error', await faultsOnScreens(page)]).toEqual(['an error', []])
  await page.getByRole('checkbox', { name: 'moderate' }).check()
  await page.getByRole('button', { name: 'Create key' }).click()
  await expect(page.getByText(/^apikey_/)).toBeVisible()
  expect(['a new key', await faultsOnScreens(page)]).toEqual(['a new key', []])
  await page.context().close()
})
