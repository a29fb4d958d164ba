import { type Browser, expect, type Locator, type Page, test } from '@playwright/test'
import { EN } from '../../../../src/guestbook/rules/languages/en'
import { THEME_SLUGS } from '../../../../src/guestbook/rules/looks/themes'
import { Guestbook } from '../../../support/bundled/guestbook'

/* Where things stand on the page of a book: the entries, the smileys and the buttons of the form. */

let program: Guestbook

test.beforeAll(async () => {
  program = await Guestbook.start()
  await program.api('PATCH', '/api/books/main', { moderation: 'none' })
  for (let i = 1; i <= 9; i++) {
    await program.api('POST', '/api/comments', { name: `Guest ${i}`, body: 'Hello! '.repeat(i % 4 === 1 ? 60 : 3) })
  }
})

test.afterAll(() => program.end())

async function open(browser: Browser, path: string, width: number, locale = 'en'): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width, height: 800 }, locale })).newPage()
  await page.goto(program.url + path)
  return page
}

/** The elements of each row, from top to bottom. */
async function rowsOf(all: Locator): Promise<number[]> {
  const tops = await all.evaluateAll((nodes) => nodes.map((node) => Math.round(node.getBoundingClientRect().top / 12)))
  return Object.values(Object.groupBy(tops, String)).map((row) => row?.length ?? 0)
}

test('on the board, the newest entries are in the first row, and no note hides another', async ({ browser }) => {
  await program.api('PATCH', '/api/books/main', { theme: 'corkboard' })
  for (const [width, first] of [
    [1_280, ['Guest 9', 'Guest 8', 'Guest 7', 'Guest 6']],
    [360, ['Guest 9']],
  ] as const) {
    const page = await open(browser, '/', width)
    const notes = await page.locator('.entry').evaluateAll((nodes) =>
      nodes.map((node) => {
        const { offsetTop: top, offsetLeft: left, offsetHeight, offsetWidth } = node as HTMLElement
        const name = node.querySelector('h3')?.textContent ?? ''
        return { name, top, left, bottom: top + offsetHeight, right: left + offsetWidth }
      })
    )
    const top = Math.min(...notes.map((note) => note.top))
    const row = notes.filter((note) => note.top === top).toSorted((one, other) => one.left - other.left)
    expect(row.map(({ name }) => name)).toEqual(first)
    for (const [i, one] of notes.entries()) {
      for (const other of notes.slice(i + 1)) {
        const isApart = one.bottom <= other.top || other.bottom <= one.top || one.right <= other.left
        expect([one.name, other.name, isApart || other.right <= one.left]).toEqual([one.name, other.name, true])
      }
    }
  }
})

test('in every theme, no smiley is alone in its row', async ({ browser }) => {
  const page = await open(browser, '/', 1_280)
  for (const theme of THEME_SLUGS) {
    await program.api('PATCH', '/api/books/main', { theme })
    await page.reload()
    const rows = await rowsOf(page.locator('.smileys button'))
    expect([theme, rows.length > 0 && rows.every((count) => count > 1)]).toEqual([theme, true])
  }
})

test('in every theme, the buttons of the form are side by side, on a phone and in a narrow frame', async ({
  browser,
}) => {
  for (const [path, width, locale] of [
    ['/', 360, 'de'],
    ['/embed/main', 328, 'en'],
    ['/', 1_280, 'en'],
  ] as const) {
    const page = await open(browser, path, width, locale)
    for (const theme of THEME_SLUGS) {
      await program.api('PATCH', '/api/books/main', { theme, moderation: 'all' })
      await page.reload()
      expect([theme, width, await rowsOf(page.locator('.acts button'))]).toEqual([theme, width, [2]])
      // The form does not reach beyond the page.
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
    if (locale === 'en') await expect(page.getByText(EN.waits_all)).toBeVisible()
  }
})

test('in every theme, what stands below the drawing pad breaks no line on a phone', async ({ browser }) => {
  for (const locale of ['de', 'ar']) {
    const page = await open(browser, '/', 360, locale)
    for (const theme of THEME_SLUGS) {
      await program.api('PATCH', '/api/books/main', { theme, drawings: 'on' })
      await page.reload()
      await page.locator('.more > summary').click()
      const lines = await page.locator('.pad p > *').evaluateAll((all) =>
        all.map((one) => {
          const text = document.createRange()
          text.selectNodeContents(one)
          return new Set([...text.getClientRects()].map(({ top }) => Math.round(top))).size
        })
      )
      expect([theme, locale, lines]).toEqual([theme, locale, [1, 1, 1]])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    }
  }
})
