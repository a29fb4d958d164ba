import { expect, type Page, test } from '@playwright/test'
import { FACE_SLUGS } from '../../../src/guestbook/rules/looks/faces'
import { Guestbook } from '../../support/bundled/guestbook'

/* Every picture of every page can be drawn. The pages are found by following the links from a few beginnings. */

let program: Guestbook

test.beforeAll(async () => {
  program = await Guestbook.start()
  await program.api('PATCH', '/api/books/main', { avatars: 'face', moderation: 'none' })
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'Hello https://example.com :-)' })
  await program.api('POST', '/api/endpoints', { url: 'https://example.com/hook' })
  await program.api('POST', '/api/sources', { provider: 'github', name: 'x', secret: 'hush' })
})

test.afterAll(() => program.end())

const BEGINNINGS = ['/', '/b/main/export.html', '/embed/main', '/admin', '/admin/books/main/preview', '/docs']
/** What ends the session, and files. */
const NO_PAGES = /logout|\.(atom|json|png|svg|txt|xml|md|ndjson)$|^\/(api|admin\/moving\/export)/

/** @returns the addresses of the pictures that cannot be drawn, and how many pictures there are */
async function pictures(page: Page): Promise<{ broken: string[]; all: string[] }> {
  return page.evaluate(async () => {
    for (const one of document.querySelectorAll('details')) one.open = true
    const images = [...document.images]
    for (const image of images) image.loading = 'eager'
    await Promise.all(images.map((image) => image.decode().catch(() => {})))
    const broken = images.filter((image) => image.naturalWidth === 0)
    return { broken: broken.map(({ src }) => src), all: images.map(({ src }) => src) }
  })
}

/** @returns the paths to which the page links on this host, with one for pages that differ only in an id */
async function linksOf(page: Page): Promise<string[]> {
  const found = await page
    .locator('a[href]')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))
  const own = found.map((href) => new URL(href)).filter(({ origin }) => origin === program.url)
  return own.map(({ pathname }) => pathname).filter((path) => !NO_PAGES.test(path))
}

async function signWithFace(page: Page) {
  await page.goto('/')
  await page.getByLabel('Your name', { exact: true }).fill('Bob')
  await page.getByLabel('Your message').fill('Hello from a cat')
  await page.locator('details.more > summary').click()
  await page.locator('details.gallery summary').click()
  await page.locator('input[name="avatar"][value="cat"]').check()
  await page.getByRole('button', { name: 'Sign' }).click()
  await expect(page.getByRole('status').first()).toBeVisible()
  // It was signed faster than a person types, so it waits.
  const { body } = await program.api<{ data: { id: string }[] }>('GET', '/api/comments?status=held')
  await program.api('PATCH', `/api/comments/${body.data[0]?.id}`, { status: 'published' })
  await page.goto('/')
  const avatar = page.locator('article', { hasText: 'Hello from a cat' }).locator('img.avatar')
  await expect(avatar).toHaveAttribute('src', /cat/)
}

const shapeOf = (path: string) => path.replace(/_[0-9A-Za-z]{20,}/g, '_')

test('every picture of every page of the guestbook, the dashboard and the documentation has a width', async ({
  browser,
}) => {
  const page = await (await browser.newContext({ baseURL: program.url })).newPage()
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  await signWithFace(page)
  const seen = new Set<string>()
  const drawn = new Set<string>()
  const broken: Record<string, string[]> = {}
  const todo = [...BEGINNINGS]
  for (let path = todo.shift(); path !== undefined; path = todo.shift()) {
    if (seen.has(shapeOf(path))) continue
    seen.add(shapeOf(path))
    await page.goto(path)
    const { broken: bad, all } = await pictures(page)
    if (bad.length > 0) broken[path] = bad
    for (const src of all) drawn.add(new URL(src).pathname)
    todo.push(...(await linksOf(page)))
  }
  expect(broken).toEqual({})
  for (const part of ['/docs', '/admin/endpoints/ep_', '/comments/cmt_']) expect([...seen]).toContain(part)
  expect([...drawn].filter((path) => path.startsWith('/faces/'))).toHaveLength(FACE_SLUGS.length)
  await page.context().close()
})

test('an address of a face that browsers keep leads to the picture of today', async ({ request }) => {
  const old = await request.get(`${program.url}/faces/cat.svg`)
  expect([old.status(), old.headers()['content-type']]).toEqual([200, 'image/svg+xml'])
  expect(await old.text()).toContain('xmlns="http://www.w3.org/2000/svg"')
  expect(old.headers()['cache-control']).toContain('immutable')
})
