import { type Browser, expect, type Page, test } from '@playwright/test'
import { Guestbook } from '../../support/bundled/guestbook'
import { faultsOnScreens } from './axe'

/* What guests type into forms: drawings, long texts, and mistakes. */

const DRAWING = ['   /\\_/\\', '  ( o.o )', '', '   > ^ <    meow'].join('\n')

let program: Guestbook

test.beforeAll(async () => {
  program = await Guestbook.start()
  await program.api('PATCH', '/api/books/main', { moderation: 'none' })
})

test.afterAll(() => program.end())

async function open(browser: Browser, options: Record<string, unknown> = {}): Promise<Page> {
  return (await browser.newContext({ baseURL: program.url, ...options })).newPage()
}

/** @returns what a reader sees of an element, line by line, without spaces at the ends */
async function linesOf(page: Page, selector: string): Promise<string[]> {
  // biome-ignore lint/performance/useDomNodeTextContent: what a reader sees depends on the style
  const text = await page.locator(selector).first().innerText()
  return text.split('\n').map((line) => line.replaceAll('\u00a0', ' ').trimEnd())
}

test('a drawing keeps its lines and spaces on the page, in a frame, in the feed and as a file', async ({ browser }) => {
  const page = await open(browser, { javaScriptEnabled: false })
  await page.goto('/')
  await page.getByLabel('Your name').fill('Cat')
  await page.getByLabel('Your message').fill(DRAWING)
  await page.waitForTimeout(3_500)
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await expect(page.locator('#thanks')).toBeVisible()
  const drawn = DRAWING.split('\n')
  for (const path of ['/', '/embed/main', '/export.html']) {
    await page.goto(path)
    const lines = await linesOf(page, '.e-content')
    expect([path, lines.filter((line) => line !== '')]).toEqual([path, drawn.filter((line) => line !== '')])
  }
  const feed = await page.request.get('/feed.json')
  const { items } = (await feed.json()) as { items: { content_html: string; content_text: string }[] }
  expect(items[0]?.content_text).toBe(DRAWING)
  const reader = await open(browser)
  await reader.setContent(items[0]?.content_html ?? '')
  expect(await linesOf(reader, 'body')).toEqual(drawn)
})

test('a field cuts nothing that is pasted, says so when it is too long, and takes 60 emoji', async ({ browser }) => {
  const page = await open(browser)
  await page.goto('/')
  await page.locator('.more summary').first().click()
  const website = page.getByLabel('Your website')
  const address = `https://example.com/${'a'.repeat(351)}`
  await website.fill(address)
  await expect(website).toHaveValue(address)
  await expect(page.locator('.field', { has: website }).locator('.count')).toHaveText('371 / 300')
  const name = page.getByLabel('Your name')
  await name.fill('🙂'.repeat(60))
  await expect(name).toHaveValue('🙂'.repeat(60))
  await page.getByLabel('Your message').fill('Hi')
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await expect(website).toHaveValue(address)
  await expect(website).toHaveAttribute('aria-invalid', 'true')
  await website.fill('')
  await page.waitForTimeout(3_500)
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await expect(page.locator('.entry h3').first()).toHaveText('🙂'.repeat(60))
})

for (const javaScriptEnabled of [true, false]) {
  const scripts = javaScriptEnabled ? 'with' : 'without'
  test(`after an error, the focus is on the first wrong field, or on what is wrong, ${scripts} scripts`, async ({
    browser,
  }) => {
    const page = await open(browser, { javaScriptEnabled })
    await page.goto('/')
    await page.getByLabel('Your name').fill('Ada')
    await page.locator('.more summary').first().click()
    await page.getByLabel('Your website').fill('nothing')
    await page.getByLabel('Your message').fill('\u200b')
    await page.getByRole('button', { name: 'Sign it!' }).click()
    await expect(page.getByRole('alert')).toBeVisible()
    await expect(page.getByLabel('Your message')).toBeFocused()
    await page.getByLabel('Your website').fill('')
    await page.getByLabel('Your message').fill('Look')
    await page.getByRole('button', { name: 'Preview' }).click()
    await expect(page.locator('.preview')).toBeFocused()
    await program.api('PATCH', '/api/books/main', { is_open: false })
    await page.locator('.preview').getByRole('button', { name: 'Sign it!' }).click()
    await expect(page.getByRole('alert')).toBeFocused()
    await program.api('PATCH', '/api/books/main', { is_open: true })
  })
}

test('axe finds nothing on a closed book, on a book as one page, with the button unfolded, and on errors', async ({
  browser,
}) => {
  const page = await open(browser, { bypassCSP: true, locale: 'ja' })
  for (const path of ['/export.html', '/nowhere', '/comments/cmt_1/edit']) {
    await page.goto(path)
    expect([path, await faultsOnScreens(page)]).toEqual([path, []])
  }
  await page.goto('/')
  await page.locator('section > details > summary').click()
  expect(await faultsOnScreens(page)).toEqual([])
  await program.api('PATCH', '/api/books/main', { is_open: false })
  await page.goto('/')
  expect(await faultsOnScreens(page)).toEqual([])
  await program.api('PATCH', '/api/books/main', { is_open: true })
})
