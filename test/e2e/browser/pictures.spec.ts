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

interface Parsed {
  links: string[]
  images: string[]
}

/** Fetches a page with the session of the browser, which is faster than to show it. */
async function parse(page: Page, path: string): Promise<Parsed> {
  const html = await (await page.request.get(path)).text()
  return page.evaluate(
    ([html, path]) => {
      const parsed = new DOMParser().parseFromString(html, 'text/html')
      const addresses = (selector: string, name: string) =>
        [...parsed.querySelectorAll(selector)].map(
          (one) => new URL(one.getAttribute(name) ?? '', location.origin + path).href
        )
      return { links: addresses('a[href]', 'href'), images: addresses('img', 'src') }
    },
    [html, path] as const
  )
}

/** @returns the pictures that the browser cannot draw */
async function brokenOf(page: Page, sources: string[]): Promise<string[]> {
  return page.evaluate(async (all) => {
    const images = all.map((src) => Object.assign(new Image(), { src }))
    await Promise.all(images.map((image) => image.decode().catch(() => {})))
    return images.filter((image) => image.naturalWidth === 0).map(({ src }) => src)
  }, sources)
}

/** @returns the paths of pages on this host */
function pagesAmong(links: string[]): string[] {
  const own = links.map((href) => new URL(href)).filter(({ origin }) => origin === program.url)
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
  const todo = [...BEGINNINGS]
  for (let path = todo.shift(); path !== undefined; path = todo.shift()) {
    if (seen.has(shapeOf(path))) continue
    seen.add(shapeOf(path))
    const { links, images } = await parse(page, path)
    for (const src of images) drawn.add(src)
    todo.push(...pagesAmong(links))
  }
  expect(await brokenOf(page, [...drawn])).toEqual([])
  for (const part of ['/docs', '/admin/endpoints/ep_', '/comments/cmt_']) expect([...seen]).toContain(part)
  expect([...drawn].filter((src) => new URL(src).pathname.startsWith('/faces/'))).toHaveLength(FACE_SLUGS.length)
  await page.context().close()
})

test('an address of a face that browsers keep leads to the picture of today', async ({ request }) => {
  const old = await request.get(`${program.url}/faces/cat.svg`)
  expect([old.status(), old.headers()['content-type']]).toEqual([200, 'image/svg+xml'])
  expect(await old.text()).toContain('xmlns="http://www.w3.org/2000/svg"')
  expect(old.headers()['cache-control']).toContain('immutable')
})
