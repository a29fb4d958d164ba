import { expect, test } from '@playwright/test'
import { BUTTONS } from '../../../fixtures/pictures'
import { Program } from '../../../support/program/program'
import { type Receiver, startReceiver } from '../../../support/receiver'
import { faults } from '../axe'

/* A guest gives the address of a button. The guestbook fetches it, and the page shows it without calling another host. */

let program: Program
let other: Receiver

test.beforeAll(async () => {
  program = await Program.start()
  other = await startReceiver()
  await fetch(`${other.url}/pages/ada`, { method: 'POST', body: JSON.stringify({ base64: BUTTONS.red }) })
  await program.api('PATCH', '/api/books/main', { moderation: 'none', has_wall: true })
})

test.afterAll(async () => {
  await program.end()
  await other.close()
})

test('a guest signs with a button, and the wall shows it in every theme, at any width', async ({ browser }) => {
  const context = await browser.newContext({
    baseURL: program.url,
    viewport: { width: 360, height: 740 },
    bypassCSP: true,
  })
  const page = await context.newPage()
  await page.goto('/')
  await page.getByLabel('Your name').fill('Ada')
  await page.getByLabel('Your message').fill('Here is my button.')
  await page.getByText('More…').click()
  await page.getByLabel('Your website (').fill('ada.example')
  await page.getByLabel('Address of your 88 × 31 button').fill('javascript:alert(1)')
  await page.getByRole('button', { name: 'Sign it!' }).click()
  const field = page.getByLabel('Address of your 88 × 31 button')
  await expect(field).toBeFocused()
  await expect(field).toHaveAttribute('aria-invalid', 'true')
  await field.fill(`${other.url}/ada/page`)
  await page.getByRole('button', { name: 'Sign it!' }).click()
  // People need longer to write an entry, so this one waits.
  await expect(page.getByText('Here is my button.')).toBeVisible()
  const held = await program.api<{ data: { id: string }[] }>('GET', '/api/comments?status=held')
  await program.api('PATCH', `/api/comments/${held.body.data[0]?.id}`, { status: 'published' })

  const button = page.getByRole('link', { name: 'Ada' }).getByRole('img')
  await expect(async () => {
    await program.tick()
    await page.goto('/')
    await expect(button).toBeVisible({ timeout: 1_000 })
  }).toPass()
  const hosts = new Set<string>()
  page.on('request', (request) => hosts.add(new URL(request.url()).host))
  for (const [i, theme] of ['nineties', 'plain', 'corkboard', 'visitors'].entries()) {
    await program.api('PATCH', '/api/books/main', { theme })
    const width = i % 2 ? 1280 : 360
    await page.setViewportSize({ width, height: 740 })
    await page.goto('/')
    await button.scrollIntoViewIfNeeded()
    await expect.poll(() => button.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(88)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    expect(await faults(page)).toEqual([])
  }
  expect([...hosts]).toEqual([new URL(program.url).host])
  await context.close()
})
