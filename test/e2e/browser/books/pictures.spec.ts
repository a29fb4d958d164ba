import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { PICTURE_MAX_BYTES } from '../../../../src/guestbook/rules/looks/picture'
import { inKb } from '../../../../src/kit/lib/amounts'
import { PICTURES } from '../../../fixtures/pictures'
import { Program } from '../../../support/program/program'
import { faults } from '../axe'

/* The owner uploads pictures by keyboard, and the page of the book shows them. */

let program: Program

test.beforeAll(async () => {
  program = await Program.start()
  await program.api('PATCH', '/api/books/main', { moderation: 'none' })
  for (const body of ['Hello', 'Again']) await program.api('POST', '/api/comments', { name: 'Ada', body })
})

test.afterAll(() => program.end())

const ADMIN = '/admin/books/main/pictures'
const file = (content: string, name = 'moth.gif') => ({
  name,
  mimeType: 'image/gif',
  buffer: Buffer.from(content, 'base64'),
})

async function logIn(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  return page
}

for (const [javaScriptEnabled, width] of [
  [true, 1280],
  [false, 360],
] as const) {
  // Without scripts, axe does not run.
  const look = async (page: Page) => {
    if (javaScriptEnabled) expect(await faults(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  }

  test(`are uploaded by keyboard, shown and removed, at ${width} pixels, scripts: ${javaScriptEnabled}`, async ({
    browser,
  }) => {
    const viewport = { width, height: 760 }
    const context = await browser.newContext({ baseURL: program.url, viewport, javaScriptEnabled, bypassCSP: true })
    const page = await logIn(context)
    await page.goto('/admin/books/main#appearance')
    await page.getByRole('link', { name: 'Your own pictures' }).press('Enter')

    await page.getByLabel('File').setInputFiles(file(btoa('x'.repeat(3_000_000)), 'photo.jpg'))
    await page.getByLabel('What it shows').fill('A moth')
    await page.keyboard.press('Enter')
    await expect(page.getByLabel('File')).toBeFocused()
    // With scripts, the browser refuses the file before it is sent.
    if (javaScriptEnabled) {
      const fault = await page.getByLabel('File').evaluate((input: HTMLInputElement) => input.validationMessage)
      expect(fault).toContain(inKb(PICTURE_MAX_BYTES))
    } else await expect(page.getByLabel('File')).toHaveAttribute('aria-invalid', 'true')
    await expect(page.getByLabel('What it shows')).toHaveValue('A moth')
    await look(page)

    for (const use of ['header', 'tile', 'divider']) {
      const form = page.locator('form[enctype]')
      await form.getByLabel('File').setInputFiles(file(PICTURES.gif))
      await form.getByLabel('Where it is shown').selectOption(use)
      await form.getByLabel('What it shows').fill(use === 'header' ? 'A moth' : '')
      await page.keyboard.press('Enter')
      await expect(page.getByRole('status').first()).toContainText('Uploaded')
    }
    await look(page)

    for (const theme of ['nineties', 'plain', 'terminal', 'corkboard']) {
      await program.api('PATCH', '/api/books/main', { theme })
      await page.goto('/')
      const picture = page.getByRole('img', { name: 'A moth' })
      await expect(picture).toBeVisible()
      expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(3)
      await expect(page.locator('.divider')).toHaveCount(1)
      await expect(page.locator('.divider')).toBeVisible({ visible: theme !== 'corkboard' })
      expect(await page.evaluate(() => getComputedStyle(document.body).backgroundImage)).toContain(
        '/pictures/main/pic_'
      )
      await look(page)
    }

    await page.goto(ADMIN)
    for (let left = 3; left > 0; left--) {
      await page.getByRole('button', { name: 'Remove' }).first().press('Enter')
      await expect(page.getByRole('button', { name: 'Remove' })).toHaveCount(left - 1)
    }
    await context.close()
  })
}
