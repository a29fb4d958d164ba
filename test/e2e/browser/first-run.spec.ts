import { type Browser, expect, type Page, test } from '@playwright/test'
import { Guestbook } from '../../support/bundled/guestbook'
import { eventually } from '../../support/program/program'
import { faults } from './axe'

/* The first day of an owner who has no server: the steps on the overview, the built-in receiver, and the demo. */

let program: Guestbook

test.beforeAll(async () => {
  program = await Guestbook.start()
})

test.afterAll(async () => {
  await program.end()
})

/** A phone without scripts, and a desktop with them. */
async function ownersPage(browser: Browser, javaScriptEnabled: boolean): Promise<Page> {
  const context = await browser.newContext({
    baseURL: program.url,
    viewport: { width: javaScriptEnabled ? 1280 : 360, height: 900 },
    colorScheme: javaScriptEnabled ? 'light' : 'dark',
    javaScriptEnabled,
    bypassCSP: true,
  })
  const page = await context.newPage()
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  return page
}

async function expectToFit(page: Page): Promise<void> {
  // Before its stylesheet is loaded, a page is wider.
  await page.waitForLoadState()
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
  expect([page.url(), isWide]).toEqual([page.url(), false])
}

test('an owner without a server signs, registers the built-in receiver, and sees a webhook arrive, without scripts', async ({
  browser,
}) => {
  const page = await ownersPage(browser, false)
  const steps = page.locator('#first-steps')
  await expectToFit(page)
  await steps.getByRole('link', { name: 'Sign the book' }).click()
  await page.getByLabel('Your name').fill('Ada')
  await page.getByLabel('Your message').fill('My first entry')
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await page.goto('/admin')
  await expect(steps.getByText('✓ done')).toHaveCount(1)
  await steps.getByRole('button', { name: 'Register the built-in receiver' }).click()
  await expect(page.getByRole('status')).toContainText('Registered.')
  await expect(steps.getByText('✓ done')).toHaveCount(2)
  await steps.getByRole('link', { name: /again/ }).click()
  await page.getByLabel('Your name').fill('Grace')
  await page.getByLabel('Your message').fill('The entry that arrives')
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await eventually(async () => {
    await page.goto('/admin')
    await expect(steps.getByRole('heading', { name: 'First steps: done' })).toBeVisible({ timeout: 500 })
  })
  await expectToFit(page)
  await steps.getByRole('heading').click()
  await steps.getByRole('link', { name: 'Look at it' }).click()
  await eventually(async () => {
    await page.reload()
    await expect(page.getByText('✓ verified')).toBeVisible({ timeout: 500 })
  })
  await expect(page.locator('main')).toContainText('webhook-signature')
  await expect(page.locator('main')).toContainText('The entry that arrives')
  await page.goto('/admin/endpoints')
  await page.getByRole('link', { name: 'Show the built-in receiver' }).click()
  await expect(page.getByText('inside this guestbook')).toBeVisible()
  await expectToFit(page)
  await page.goto('/admin')
  await steps.getByRole('heading').click()
  await steps.getByRole('button', { name: 'Hide these steps' }).click()
  await expect(page.getByRole('status')).toContainText('Hidden.')
  await expect(steps).toHaveCount(0)
})

test('the title of a new book fills its slug, until the slug is typed', async ({ browser }) => {
  const page = await ownersPage(browser, true)
  await page.goto('/admin/books')
  const [title, slug] = [page.getByLabel('Title'), page.getByLabel('Slug')]
  await title.fill("Zoë's Summer Party!")
  await expect(slug).toHaveValue('zoes-summer-party')
  await slug.fill('party')
  await title.fill('Another title')
  await expect(slug).toHaveValue('party')
})

test('the demo guestbook is made and removed with one click each, without scripts', async ({ browser }) => {
  const page = await ownersPage(browser, false)
  await page.goto('/admin/books')
  await page.getByRole('button', { name: /demo guestbook/ }).click()
  await expect(page.locator('p.notice.good')).toContainText('demo guestbook')
  await page.goto('/b/demo')
  await expect(page.locator('p.notice')).toContainText('demo')
  await expect(page.getByRole('article')).toHaveCount(7)
  await expectToFit(page)
  await page.goto('/admin/books')
  await expect(page.getByRole('row', { name: /Demo guestbook demo/ })).toBeVisible()
  await page.getByRole('button', { name: 'Remove the demo' }).click()
  await expect(page.getByRole('status')).toContainText('Deleted.')
  expect((await page.goto('/b/demo'))?.status()).toBe(404)
})

test('a field counts its characters with scripts, and says its maximum without', async ({ browser }) => {
  const page = await ownersPage(browser, true)
  await page.goto('/admin/books/main')
  await page.getByLabel('Title', { exact: true }).fill('Twelve chars')
  await expect(page.locator('#title-hint')).toHaveText(/\. 12 of 60 characters$/)
  const title = page.getByLabel('Title', { exact: true })
  await title.fill('🎉'.repeat(41))
  await title.press('Backspace')
  await expect(page.locator('#title-hint')).toHaveText(/\. 40 of 60 characters$/)
  expect(await title.evaluate((field: HTMLInputElement) => field.checkValidity())).toBe(true)
  await expect(page.getByLabel('Title', { exact: true })).toHaveAttribute('aria-describedby', 'title-hint')
  const plain = await ownersPage(browser, false)
  await plain.goto('/admin/books/main')
  await expect(plain.locator('#title-hint')).toHaveText(/Up to 60 characters\.$/)
})

test('the pages of the first day have no faults that axe finds', async ({ browser }) => {
  const page = await ownersPage(browser, true)
  await page.request.post('/admin/first-steps/show', { headers: { Origin: program.url } })
  for (const path of ['/admin', '/admin/settings', '/admin/books', '/admin/books/main', '/admin/storage', '/b/demo']) {
    await page.goto(path)
    expect([path, await faults(page)]).toEqual([path, []])
  }
})
