import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, expect, type Page, test } from '@playwright/test'
import { EN } from '../../../src/guestbook/rules/languages/en'
import { THEME_SLUGS } from '../../../src/guestbook/rules/looks/themes'
import { PICTURES } from '../../fixtures/pictures'
import { Guestbook } from '../../support/bundled/guestbook'

let program: Guestbook

test.beforeAll(async () => {
  program = await Guestbook.start()
  await program.api('PATCH', '/api/books/main', { moderation: 'none' })
})

test.afterAll(() => program.end())

/** Errors in the console, and requests to other hosts. Every test must end without any. */
const faults: string[] = []

test.afterEach(() => expect(faults.splice(0)).toEqual([]))

async function scriptedPage(browser: Browser, options: Record<string, unknown> = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: program.url, ...options })
  const page = await context.newPage()
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => request.url().startsWith(program.url) || faults.push(request.url()))
  return page
}

test('the script counts characters by code points, cuts nothing, and shows times in the zone of the guest', async ({
  browser,
}) => {
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'Hello' })
  const page = await scriptedPage(browser, { locale: 'de-DE', timezoneId: 'Asia/Tokyo' })
  await page.goto('/')
  const message = page.getByLabel('Deine Nachricht')
  await message.fill('🦜👍🏽')
  await expect(page.locator('.tools .count')).toHaveText('3 / 4.000')
  await message.fill('x'.repeat(4_001))
  await expect(page.locator('.tools .count')).toHaveText('4.001 / 4.000')
  await expect(page.locator('.tools .count')).toHaveClass(/over/)
  expect(await message.inputValue()).toHaveLength(4_001)
  const time = page.locator('time').first()
  const at = new Date((await time.getAttribute('datetime')) ?? '')
  const local = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Tokyo' } as const
  await expect(time).toHaveText(new Intl.DateTimeFormat('de', local).format(at))
  await expect(time).toHaveAttribute('title', /UTC$/)
})

test('dates look as the guest is used to, in the language of the page', async ({ browser }) => {
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'Hello' })
  for (const locale of ['en-GB', 'en-US', 'de-AT']) {
    const page = await scriptedPage(browser, { locale, timezoneId: 'UTC' })
    await page.goto('/')
    const time = page.locator('time').first()
    const at = new Date((await time.getAttribute('datetime')) ?? '')
    const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
    await expect(time).toHaveText(format.format(at))
  }
})

test('a bar of smileys puts one into the text, as a word of its own', async ({ browser }) => {
  const page = await scriptedPage(browser)
  await page.goto('/')
  const message = page.getByLabel('Your message')
  await message.fill('Hello')
  await page.getByRole('group', { name: EN.smileys }).getByRole('button', { name: '😉' }).click()
  await expect(message).toBeFocused()
  await page.keyboard.type('there')
  await expect(message).toHaveValue('Hello ;-) there')
})

test('a reload keeps what a guest has filled in, until it is sent', async ({ browser }) => {
  await program.api('PATCH', '/api/books/main', { allows_private: true })
  const page = await scriptedPage(browser)
  await page.goto('/')
  const [name, message] = [page.getByLabel('Your name'), page.getByLabel('Your message')]
  await name.fill('Grace')
  await message.fill('A long text')
  await page.getByText('More…').click()
  await page.getByLabel('Your website').fill('https://example.com')
  // Otherwise, a guest could publish what was meant for the owner.
  await page.getByLabel('Only the owner').check()
  await page.reload()
  await expect(name).toHaveValue('Grace')
  await expect(message).toHaveValue('A long text')
  await expect(page.getByLabel('Your website')).toHaveValue('https://example.com')
  await expect(page.getByLabel('Only the owner')).toBeChecked()
  await expect(page.locator('.tools .count')).toHaveText('11 / 4,000')
  await page.getByLabel('Only the owner').uncheck()
  await page.reload()
  await expect(page.getByLabel('Only the owner')).not.toBeChecked()
  await page.getByRole('button', { name: 'Sign' }).click()
  await expect(page.locator('.entry').filter({ hasText: 'A long text' })).toBeVisible()
  await page.reload()
  await expect(message).toHaveValue('')
})

test('a preview, and a form that is too large for the server, keep what a guest has filled in', async ({ browser }) => {
  const page = await scriptedPage(browser)
  await page.goto('/')
  const [name, message] = [page.getByLabel('Your name'), page.getByLabel('Your message')]
  await name.fill('Grace')
  await message.fill('A long text')
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.locator('.preview')).toBeVisible()
  await page.goto('/')
  await expect(message).toHaveValue('A long text')
  const long = 'x'.repeat(70_000)
  await message.fill(long)
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(name).toHaveValue('Grace')
  await expect(message).toHaveValue(long)
  // The browser reports the refusal.
  expect(faults.splice(0)).toHaveLength(1)
  await page.goto('/')
  await expect(message).toHaveValue(long)
})

test('a form that could not be sent keeps the text and the drawing, until the entry is accepted', async ({
  browser,
}) => {
  await program.api('PATCH', '/api/books/main', { drawings: 'on', form_place: 'page' })
  const page = await scriptedPage(browser)
  await page.goto('/sign')
  const message = page.getByLabel('Your message')
  const left = page.getByRole('group', { name: EN.your_drawing }).getByRole('status')
  await page.getByLabel('Your name').fill('Grace')
  await message.fill('Written on a train')
  await page.getByText(EN.more_fields).click()
  await page.locator('.pad svg').click()
  await page.context().setOffline(true)
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await page.waitForURL('chrome-error://chromewebdata/')
  await page.context().setOffline(false)
  await page.goto('/sign')
  await expect(message).toHaveValue('Written on a train')
  await expect(left).not.toHaveText(EN.drawing_left.replace('{percent}', '100'))
  await page.getByRole('button', { name: 'Sign it!' }).click()
  // The page that says so has no form.
  await expect(page.locator('#thanks')).toBeVisible()
  // Its script runs before this event.
  await page.waitForLoadState()
  await page.goto('/sign')
  await expect(message).toHaveValue('')
  await program.api('PATCH', '/api/books/main', { drawings: 'off', form_place: 'above' })
})

test('a finger reaches every smiley, in every theme', async ({ browser }) => {
  const viewport = { width: 360, height: 740 }
  const page = await scriptedPage(browser, { viewport, hasTouch: true, isMobile: true })
  for (const theme of THEME_SLUGS) {
    await program.api('PATCH', '/api/books/main', { theme })
    await page.goto('/')
    // There is one row, and it can be moved. A row that is cut off could not.
    const isCut = page.locator('.tools').evaluate((tools) => tools.scrollHeight > tools.clientHeight)
    await expect(page.locator('.tools')).toHaveCSS('overflow-x', 'auto')
    expect([theme, await isCut]).toEqual([theme, false])
    await page.getByRole('group', { name: EN.smileys }).getByRole('button').last().tap()
    await expect(page.getByLabel('Your message')).toHaveValue(/^\S+ $/)
    // The tab keeps it otherwise.
    await page.getByLabel('Your message').fill('')
  }
})

test('the drawing pad fills its frame, and says how much ink is left', async ({ browser }) => {
  await program.api('PATCH', '/api/books/main', { drawings: 'on', avatars: 'face' })
  const page = await scriptedPage(browser, { viewport: { width: 1_280, height: 860 } })
  await page.goto('/')
  await page.getByText(EN.more_fields).click()
  const pad = page.getByRole('group', { name: EN.your_drawing })
  const [frame, sheet] = [await pad.locator('p').boundingBox(), await pad.locator('svg').boundingBox()]
  expect([sheet?.x, sheet?.width]).toEqual([frame?.x, frame?.width])
  const left = pad.getByRole('status')
  await expect(left).toHaveText(EN.drawing_left.replace('{percent}', '100'))
  const { x = 0, y = 0 } = sheet ?? {}
  await page.mouse.move(x + 20, y + 20)
  await page.mouse.down()
  for (const step of [60, 90, 30, 110, 50]) await page.mouse.move(x + 2 * step, y + step)
  await page.mouse.up()
  await expect(left).toHaveText(EN.drawing_left.replace('{percent}', '98'))
  // A reload keeps the drawing, too.
  await page.reload()
  await expect(left).toHaveText(EN.drawing_left.replace('{percent}', '98'))
  await pad.getByRole('button', { name: EN.drawing_clear }).click()
  await page.reload()
  await page.getByText(EN.more_fields).click()
  await expect(left).toHaveText(EN.drawing_left.replace('{percent}', '100'))
  await page.getByText(EN.choose_face).click()
  await expect(page.getByLabel(EN.no_face).locator('xpath=..').locator('svg')).toBeVisible()
  await program.api('PATCH', '/api/books/main', { drawings: 'off' })
})

test('a second finger on the drawing pad does not change the stroke of the first one', async ({ browser }) => {
  await program.api('PATCH', '/api/books/main', { drawings: 'on' })
  const page = await scriptedPage(browser, { hasTouch: true })
  await page.goto('/')
  await page.getByText(EN.more_fields).click()
  const sheet = page.locator('.pad svg')
  await sheet.scrollIntoViewIfNeeded()
  const { x = 0, y = 0 } = (await sheet.boundingBox()) ?? {}
  const fingers = await page.context().newCDPSession(page)
  const [one, other] = [
    { x: x + 20, y: y + 20, id: 1 },
    { x: x + 90, y: y + 60, id: 2 },
  ]
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: object[]) =>
    fingers.send('Input.dispatchTouchEvent', { type, touchPoints: touchPoints as (typeof one)[] })
  await touch('touchStart', one)
  await touch('touchStart', one, other)
  await touch('touchMove', { ...one, x: x + 50 }, { ...other, y: y + 90 })
  // The second finger is lifted.
  await touch('touchMove', { ...one, x: x + 80 })
  await touch('touchEnd')
  // One stroke, to the right only.
  await expect(page.locator('[name=drawing]')).toHaveValue(/^M\d+ \d+l\d+ 0$/)
  await program.api('PATCH', '/api/books/main', { drawings: 'off' })
})

test('a bar of smileys is one stop of the Tab key, and shows all of them while the guest writes', async ({
  browser,
}) => {
  for (const width of [1_280, 360]) {
    const page = await scriptedPage(browser, { viewport: { width, height: 740 } })
    await page.goto('/')
    const bar = page.getByRole('group', { name: EN.smileys })
    const smileys = bar.getByRole('button')
    await page.getByLabel('Your message').focus()
    const tools = await page.locator('.tools').boundingBox()
    const end = (box: { x: number; y: number; width: number; height: number } | null) =>
      box && [Math.floor(box.x + box.width), Math.floor(box.y + box.height)]
    const [right = 0, bottom = 0] = end(tools) ?? []
    for (const smiley of await smileys.all()) {
      const [x = Infinity, y = Infinity] = end(await smiley.boundingBox()) ?? []
      expect([width, x <= right, y <= bottom]).toEqual([width, true, true])
    }
    await page.keyboard.press('Tab')
    await expect(smileys.first()).toBeFocused()
    await page.keyboard.press('ArrowRight')
    await expect(smileys.nth(1)).toBeFocused()
    await page.keyboard.press('End')
    await expect(smileys.last()).toBeFocused()
    await page.keyboard.press('ArrowRight')
    await expect(smileys.first()).toBeFocused()
    await page.keyboard.press('Tab')
    await expect(bar.locator(':focus')).toHaveCount(0)
  }
})

for (const javaScriptEnabled of [true, false]) {
  const scripts = javaScriptEnabled ? 'with' : 'without'
  test(`the first entry is in sight in every theme, on a desktop and on a phone, ${scripts} scripts`, async ({
    browser,
  }) => {
    const settings = { asks_for: ['mood', 'place'], avatars: 'face', home_url: 'https://home.example' }
    await program.api('POST', '/api/comments', { name: 'Ada', body: 'Hello' })
    const open = (width: number, height: number) =>
      scriptedPage(browser, { viewport: { width, height }, javaScriptEnabled })
    const pages = [await open(1_280, 860), await open(360, 740)]
    for (const theme of THEME_SLUGS) {
      await program.api('PATCH', '/api/books/main', { ...settings, moderation: 'first', theme })
      for (const page of pages) {
        await page.goto('/')
        const name = await page.locator('.entry h3').first().boundingBox()
        const { width, height } = page.viewportSize() ?? { width: 0, height: 0 }
        expect([theme, width, (name?.y ?? height) + (name?.height ?? 0) <= height]).toEqual([theme, width, true])
      }
    }
    await program.api('PATCH', '/api/books/main', { moderation: 'none' })
  })
}

test('a new entry appears on an open page, is announced, and leaves alone what the guest is writing', async ({
  browser,
}) => {
  const page = await scriptedPage(browser)
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'The first entry' })
  await page.clock.install()
  await page.goto('/')
  await page.getByLabel('Your message').fill('Still writing')
  const before = await page.getByRole('article').count()
  const asked: string[] = []
  // While one check is under way, the next one is left out.
  page.on('requestfinished', (request) => asked.push(new URL(request.url()).pathname))
  await page.clock.runFor(31_000)
  await expect.poll(() => asked).toEqual(['/api/comments'])
  await program.api('POST', '/api/comments', { name: 'Grace', body: 'Fresh from the press' })
  await page.clock.runFor(31_000)
  await expect(page.getByText(EN.news)).toBeVisible()
  await expect(page.getByRole('article').first()).toContainText('Fresh from the press')
  expect(await page.getByRole('article').count()).toBe(before + 1)
  await expect(page.getByLabel('Your message')).toHaveValue('Still writing')
  await expect(page.getByLabel('Your message')).toBeFocused()
  await page.clock.runFor(61_000)
  expect(asked.filter((path) => path === '/')).toHaveLength(1)
})

test('an entry that is approved after a newer one appears where it belongs, with the counter and the numbers', async ({
  browser,
}) => {
  const book = 'late'
  await program.api('POST', '/api/books', { slug: book, title: 'Late', moderation: 'none', show_numbers: true })
  await program.api('POST', `/api/books/${book}/pictures`, { content: PICTURES.gif, use: 'divider' })
  const sign = async (body: string) =>
    (await program.api<{ id: string }>('POST', '/api/comments', { book, name: 'Ada', body })).body.id
  const decide = (id: string, status: string) => program.api('PATCH', `/api/comments/${id}`, { status })
  const oldest = await sign('The oldest')
  const between = await sign('Between')
  const waiting = [await sign('First that waits'), await sign('Second that waits')]
  for (const id of [oldest, ...waiting]) await decide(id, 'held')
  await sign('The newest')
  const page = await scriptedPage(browser)
  await page.clock.install()
  await page.goto(`/b/${book}`)
  const texts = async () =>
    (await page.locator('main > .entry').allTextContents()).map((text) =>
      /No\. (\d+).*?(The newest|First that waits|Second that waits|Between|The oldest)/s.exec(text)?.slice(1).join(' ')
    )
  const parts = () =>
    page.locator('main > .entry, main > .divider').evaluateAll((all) => all.map(({ tagName }) => tagName[0]).join(''))
  expect(await texts()).toEqual(['2 The newest', '1 Between'])
  await decide(oldest, 'published')
  await decide(waiting[1] ?? '', 'published')
  await page.clock.runFor(31_000)
  await expect.poll(texts).toEqual(['4 The newest', '3 Second that waits', '2 Between', '1 The oldest'])
  await expect(page.locator('.counter')).toContainText('4 entries')
  expect(await parts()).toBe('AIAIAIA')
  // They are not at the top.
  await expect(page.getByText(EN.news)).toHaveCount(0)
  await decide(waiting[0] ?? '', 'published')
  await decide(between, 'hidden')
  await page.clock.runFor(31_000)
  await expect.poll(async () => (await texts())[2]).toBe('2 First that waits')
  await expect(page.locator('.counter')).toContainText('4 entries')
})

test('the own entry that waited is shown as published once it is approved', async ({ browser }) => {
  const book = 'own-waits'
  await program.api('POST', '/api/books', { slug: book, title: 'Own', moderation: 'all' })
  const page = await scriptedPage(browser)
  await page.clock.install()
  await page.goto(`/b/${book}`)
  await page.getByLabel('Your name').fill('Ada')
  await page.getByLabel('Your message').fill('I wait')
  await page.clock.runFor(5_000)
  await page.getByRole('button', { name: 'Sign it!' }).click()
  await page.goto(`/b/${book}`)
  await expect(page.locator('.entry.waiting')).toContainText(EN.only_you)
  const { body } = await program.api<{ data: { id: string }[] }>('GET', `/api/comments?book=${book}&status=held`)
  await program.api('PATCH', `/api/comments/${body.data[0]?.id}`, { status: 'published' })
  await page.clock.runFor(31_000)
  await expect(page.locator('.entry.waiting')).toHaveCount(0)
  await expect(page.getByRole('article').filter({ hasText: 'I wait' })).toHaveCount(1)
  await expect(page.locator('.counter')).toContainText('1 entry')
})

test('new entries stand between the pictures of the owner, as after a reload', async ({ browser }) => {
  const picture = { content: PICTURES.gif, use: 'divider' }
  await program.api('POST', '/api/books', { slug: 'divided', title: 'Divided' })
  await program.api('POST', '/api/books/divided/pictures', picture)
  const page = await scriptedPage(browser)
  await program.api('POST', '/api/comments', { book: 'divided', name: 'Ada', body: 'The first entry' })
  await page.clock.install()
  await page.goto('/b/divided')
  for (const name of ['Bob', 'Eve'])
    await program.api('POST', '/api/comments', { book: 'divided', name, body: 'Fresh' })
  await page.clock.runFor(31_000)
  await expect(page.locator('.fresh')).toHaveCount(2)
  const parts = page.locator('main > .entry, main > .divider')
  const names = () => parts.evaluateAll((all) => all.map(({ tagName }) => tagName).slice(0, 5))
  expect(await names()).toEqual(['ARTICLE', 'IMG', 'ARTICLE', 'IMG', 'ARTICLE'])
})

test('an entry that only moves up from the second page is not shown as new', async ({ browser }) => {
  for (let i = 0; i < 22; i++) await program.api('POST', '/api/comments', { name: `Guest ${i}`, body: `Entry ${i}` })
  const page = await scriptedPage(browser)
  await page.clock.install()
  await page.goto('/')
  const first = await page.getByRole('article').first().textContent()
  const id = await page.getByRole('article').nth(3).getAttribute('id')
  await program.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
  const asked = page.waitForResponse((response) => new URL(response.url()).pathname === '/')
  await page.clock.runFor(31_000)
  await asked
  await page.clock.runFor(31_000)
  expect(await page.getByRole('article').first().textContent()).toBe(first)
  await expect(page.getByText(EN.news)).toHaveCount(0)
})

test('what a search has found is marked, whatever its case, accents and markup are', async ({ browser }) => {
  const book = 'searched'
  await program.api('POST', '/api/books', { slug: book, title: 'Searched', has_search: true, markup: true })
  for (const body of ['Say *hëllo* WORLD', 'hello\nwórld, hello world', 'hello  there, world'])
    await program.api('POST', '/api/comments', { book, name: 'Ada', body })
  const page = await scriptedPage(browser)
  await page.goto(`/b/${book}?q=HELLO+w%C3%B6rld`)
  const marked = () =>
    page.evaluate(() => [...(CSS.highlights.get('found') ?? [])].map((range) => (range as Range).toString()))
  // Text of a range has no line breaks.
  await expect.poll(marked).toEqual(['hellowórld', 'hello world', 'hëllo WORLD'])
})

test('after signing, a guest returns to a page of the owner that the owner has allowed', async ({ browser }) => {
  const home = createServer((_, response) => response.end('Thanks for signing!')).listen(0, '127.0.0.1')
  await once(home, 'listening')
  const origin = `http://127.0.0.1:${(home.address() as AddressInfo).port}`
  await program.api('PATCH', '/api/books/main', { return_origins: [origin] })
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ baseURL: program.url, javaScriptEnabled })
    const page = await context.newPage()
    await page.goto(`/?return_to=${origin}/thanks`)
    await page.locator('input[name="name"]').fill('Ada')
    await page.getByLabel('Your message').fill('I will go back')
    await page.getByRole('button', { name: 'Sign it!' }).click()
    await expect(page.getByText('Thanks for signing!')).toBeVisible()
    // What was accepted is not offered again.
    await page.goto('/')
    await expect(page.getByLabel('Your message')).toHaveValue('')
  }
  home.close()
})

test('the browser solves the puzzle of a form, and the entry is published', async ({ browser }) => {
  await program.api('PATCH', '/api/books/main', { proof_of_work: true })
  const page = await scriptedPage(browser)
  await page.goto('/')
  await page.getByLabel('Your name', { exact: true }).fill('Ada')
  await page.getByLabel('Your message').fill('I have solved it.\nAll of it.')
  // An entry that is sent within three seconds waits for approval.
  await page.waitForTimeout(3_100)
  await page.getByRole('button', { name: 'Sign it!' }).dblclick()
  await expect(page.getByRole('article').first()).toContainText('I have solved it.', { timeout: 60_000 })
  const { body } = await program.api<{ data: { status: string }[] }>('GET', '/api/comments?q=solved')
  expect(body.data.map(({ status }) => status)).toEqual(['published'])
  await program.api('PATCH', '/api/books/main', { proof_of_work: false })
})

test('in every theme, the page fits a phone and a desktop, and loads only its own files', async ({ browser }) => {
  await program.api('POST', '/api/comments', {
    name: 'W'.repeat(80),
    body: `${'long'.repeat(200)} https://a.example/${'b'.repeat(200)}`,
  })
  for (const width of [360, 1_280]) {
    const page = await scriptedPage(browser, { viewport: { width, height: 800 } })
    const files: string[] = []
    page.on('request', (request) => files.push(new URL(request.url()).pathname))
    for (const theme of THEME_SLUGS) {
      await program.api('PATCH', '/api/books/main', { theme })
      await page.goto('/')
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wide, `${theme} at ${width}`).toBeLessThanOrEqual(0)
      const expected = ['/', '/guestbook.css', `/themes/${theme}.css`, '/guestbook.js', '/favicon.svg']
      expect(files.splice(0).filter((file) => !expected.includes(file))).toEqual([])
    }
  }
})
