import { expect, type Page, test } from '@playwright/test'
import { EN } from '../../../../src/guestbook/rules/languages/en'
import { THEME_SLUGS } from '../../../../src/guestbook/rules/looks/themes'
import { Guestbook } from '../../../support/bundled/guestbook'

/* What every theme has in common, although each has its own stylesheet: the link past the header, and emoji. */

let program: Guestbook

test.beforeAll(async () => {
  program = await Guestbook.start()
  await program.api('PATCH', '/api/books/main', { moderation: 'none', asks_for: ['mood'], has_search: true })
  for (const name of ['Ada 😉', 'Bob']) {
    await program.api('POST', '/api/comments', { name, body: 'Hello :D\n\n`😃`', mood: 'happy 😀' })
  }
})

test.afterAll(() => program.end())

/** Focuses the first link of a page. @returns how far the heading moved */
async function tabOn(page: Page, path: string, link: string): Promise<number> {
  await page.goto(program.url + path)
  const before = await page.locator('h1').first().boundingBox()
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: link })
  await expect(skip).toBeFocused()
  expect((await skip.boundingBox())?.height).toBeGreaterThan(24)
  const after = await page.locator('h1').first().boundingBox()
  return (after?.y ?? Number.NaN) - (before?.y ?? Number.NaN)
}

for (const theme of THEME_SLUGS) {
  test(`the link to the entries moves nothing, and emoji are in color, in the theme ${theme}`, async ({ page }) => {
    await program.api('PATCH', '/api/books/main', { theme })
    expect(await tabOn(page, '/', EN.skip)).toBe(0)
    await page.locator('.more summary').first().click()
    const emoji = page.locator('.smileys button, .emoji, .words, .words code, .mood, .p-author bdi')
    const variants = await emoji.evaluateAll((all) => all.map((one) => getComputedStyle(one).fontVariantEmoji))
    expect(variants.length).toBeGreaterThan(30)
    expect(new Set(variants)).toEqual(new Set(['unicode']))
  })
}

test('in print, the number of an entry does not lie on the name, in any theme', async ({ page }) => {
  await program.api('POST', '/api/books', { slug: 'print', title: 'Print', show_numbers: true })
  await program.api('POST', '/api/comments', { book: 'print', name: 'W'.repeat(70), body: 'Hello' })
  await page.emulateMedia({ media: 'print' })
  for (const theme of THEME_SLUGS) {
    await program.api('PATCH', '/api/books/print', { theme })
    await page.goto(`${program.url}/b/print`)
    const boxes = await page.locator('.entry .number, .entry .p-author [itemprop=name]').evaluateAll((all) =>
      all.map((one) => {
        const { left, right, top, bottom } = one.getBoundingClientRect()
        return { left, right, top, bottom }
      })
    )
    const [one, other] = boxes as [DOMRect, DOMRect]
    const isApart =
      one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top
    expect([theme, boxes.length, isApart]).toEqual([theme, 2, true])
  }
})

test('the link to the content moves nothing on the pages of the documentation and of the dashboard', async ({
  page,
}) => {
  expect(await tabOn(page, '/docs', 'Skip to content')).toBe(0)
  await page.goto(`${program.url}/admin`)
  await page.getByLabel('Admin token').fill(program.token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  expect(await tabOn(page, '/admin', 'Skip to content')).toBe(0)
})

test('on the cork board, found notes hang side by side, and all fields of the form fill the board', async ({
  page,
}) => {
  await program.api('PATCH', '/api/books/main', { theme: 'corkboard' })
  await page.setViewportSize({ width: 1_280, height: 860 })
  await page.goto(`${program.url}/?q=Hello`)
  const [one, other] = await Promise.all([0, 1].map((i) => page.locator('.entry').nth(i).boundingBox()))
  expect(other?.x).toBeGreaterThan((one?.x ?? 0) + (one?.width ?? 0))
  await page.goto(program.url)
  await page.locator('.more summary').first().click()
  expect((await page.locator('.sign').boundingBox())?.width).toBeGreaterThan(1_000)
})
