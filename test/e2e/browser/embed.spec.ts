import { type Browser, expect, type Locator, type Page, test } from '@playwright/test'
import { EN } from '../../../src/guestbook/rules/languages/en'
import { Guestbook } from '../../support/bundled/guestbook'
import { type Served, startSite } from '../../support/services/foreign-site'
import { faults as axeFaults } from './axe'

/*
 * The guestbook on somebody else's pages: as a component, and as a frame.
 */

let program: Guestbook
let site: Awaited<ReturnType<typeof startSite>>
const pages: Record<string, Served> = {}

const component = (book: string, more = '') =>
  `<guest-book book="${book}" ${more}>See <a href="/x">my book</a></guest-book>`

/** Resets everything that a page can reset, and hides it. */
const HOSTILE = `
  main * {
    all: unset !important; display: none !important; visibility: hidden !important; opacity: 0 !important;
    color: transparent !important; background: red !important; font: 2px/1 serif !important;
    letter-spacing: 2em !important; direction: rtl !important; pointer-events: none !important;
    text-transform: uppercase !important; white-space: nowrap !important; user-select: none !important;
  }
  input, textarea, button, form, article, section, h2, p, a { position: fixed !important; left: -9999px !important }
  :root { --accent: transparent; --paper: red; --line: red; --radius: 99px }`

test.beforeAll(async () => {
  program = await Guestbook.start()
  site = await startSite(pages)
  const { url } = program
  const script = `<script src="${url}/embed.js" async></script>`
  const allowed = ['script', 'connect', 'img', 'frame'].map((kind) => `${kind}-src ${url}`).join('; ')
  const policy = `default-src 'none'; ${allowed}; require-trusted-types-for 'script'`
  const frame = (slug: string) =>
    `<iframe src="${url}/embed/${slug}" title="Guestbook" width="100%" height="300" data-max-height="3000"></iframe>`
  Object.assign(pages, {
    '/strict': { policy, body: script + component('main', 'limit="2"') },
    '/no-pictures': {
      policy: `default-src 'none'; script-src ${url}; connect-src ${url}`,
      body: script + component('faces'),
    },
    '/faces': { policy, body: script + component('faces') },
    '/low-frame': {
      policy,
      body: `${script}<iframe src="${url}/embed/main" title="Guestbook" data-max-height="300"></iframe>`,
    },
    '/two': { policy, body: script + component('main') + component('summer') + script },
    '/arabic': { policy, lang: 'ar', dir: 'rtl', body: script + component('summer') },
    '/hostile': {
      policy: `${policy}; style-src 'self'`,
      body: `<link rel="stylesheet" href="/hostile.css">${script}${component('summer')}`,
    },
    '/hostile.css': { css: HOSTILE },
    '/frame': { policy, body: script + frame('main') + frame('summer') },
    '/waiting': { policy, body: script + component('waiting') },
    '/known': { policy, body: script + component('known') },
    '/few': { policy, body: script + component('few', 'limit="2"') },
    '/numbered': { policy, body: script + component('numbered') },
    '/unknown': { policy, body: script + component('no-such-book') },
  })
  const questions = [{ text: 'How did you find me?', is_required: false, expected: null }]
  await program.api('PATCH', '/api/books/main', { title: 'Ada’s corner', questions, markup: true, moderation: 'none' })
  for (const [slug, title] of [
    ['summer', 'Summer party'],
    ['few', 'Few'],
  ])
    await program.api('POST', '/api/books', { slug, title, moderation: 'none' })
  const shown = {
    avatars: 'face',
    markup: true,
    drawings: 'on',
    show_numbers: true,
    asks_for: ['mood'],
    moderation: 'none',
  }
  await program.api('POST', '/api/books', { slug: 'faces', title: 'Faces', ...shown })
  const { body } = await program.api<{ id: string }>('POST', '/api/comments', { name: 'Oldest', body: 'first' })
  await program.api('PUT', `/api/comments/${body.id}/reply`, { body: 'Thank you!' })
  await program.api('POST', '/api/comments', { name: '<b>Bold</b>', body: '<img src=x onerror=alert(1)>\nsecond line' })
  const link = 'See https://example.com/a_(b). javascript:alert(1)'
  await program.api('POST', '/api/comments', { name: 'Zoë', website: 'example.com', body: link })
})

test.afterAll(async () => {
  await program.end()
  await site.close()
})

/** Opens the form of a book, which then has the focus. */
async function openForm(book: Locator | Page): Promise<void> {
  await book.getByRole('link', { name: EN.sign_heading }).click()
  await expect(book.getByRole('textbox', { name: 'Your name' })).toBeFocused()
}

/** Errors, and requests to any host but the site and the guestbook. Every test must end without any. */
const faults: string[] = []

/** A page that stays open would report the faults of what later tests sign. */
test.afterEach(async ({ browser }) => {
  await Promise.all(browser.contexts().map((context) => context.close()))
  expect(faults.splice(0)).toEqual([])
})

async function open(browser: Browser, path: string, options: Record<string, unknown> = {}): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  page.on('request', (request) => {
    if (![program.url, site.url].includes(new URL(request.url()).origin)) faults.push(request.url())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    // The browser itself reports refused requests, and that it does not focus a field in a frame.
    const isOwn = !/^(Failed to load resource|Blocked autofocusing)/.test(message.text())
    if (message.type() === 'error' && isOwn) faults.push(message.text())
  })
  await page.goto(site.url + path)
  return page
}

test('a guest signs with the keyboard alone, on a page with a strict policy', async ({ browser }) => {
  const page = await open(browser, '/strict')
  await expect(page.getByRole('article')).toHaveCount(2)
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
  await page.getByRole('link', { name: EN.sign_heading }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Your name')).toBeFocused()
  expect(loaded).toEqual(['/embed-form.js'])
  const type = async (text: string) => {
    await page.keyboard.press('Tab')
    await page.keyboard.type(text)
  }
  await page.keyboard.type(' ')
  for (const text of ['Hello from the keyboard', 'A webring', '']) await type(text)
  await page.keyboard.press('Enter')
  await type('javascript:x')
  await page.keyboard.press('Enter')
  const name = page.getByLabel('Your name')
  await expect(name).toBeFocused()
  await expect(name).toHaveAttribute('aria-invalid', 'true')
  await expect(name).toHaveAccessibleDescription(/empty/)
  await expect(page.getByLabel(/Your website/)).toHaveAccessibleDescription(/https:/)
  await expect(page.getByLabel('Your message')).toHaveValue('Hello from the keyboard')
  await page.keyboard.type('Grace')
  for (let i = 0; i < 4; i++) await page.keyboard.press('Tab')
  await page.keyboard.type('example.org')
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await expect(page.getByRole('status')).toHaveText(EN.thanks_published)
  const entry = page.getByRole('article').first()
  await expect(entry).toContainText('Hello from the keyboard')
  await expect(entry).toContainText('A webring')
  await expect(entry.getByRole('link', { name: 'Grace' })).toHaveAttribute('href', 'https://example.org/')
  await expect(page.getByRole('status')).toBeFocused()
  await expect(name).toHaveCount(0)
  await page.getByRole('button', { name: EN.sign_heading }).press('Enter')
  await expect(name).toBeFocused()
  await expect(name).toHaveValue('')
  expect(await page.locator('[aria-invalid]').count()).toBe(0)
  expect(await page.evaluate(() => JSON.stringify(localStorage))).toContain('edit_')
})

test('text from guests stays text, and only web addresses become links', async ({ browser }) => {
  const page = await open(browser, '/strict')
  await expect(page.getByRole('article')).toHaveCount(2)
  const older = page.getByRole('button', { name: 'Older entries' })
  while (await older.isVisible()) {
    const count = await page.getByRole('article').count()
    await older.click()
    await expect.poll(() => page.getByRole('article').count()).toBeGreaterThan(count)
    await expect(page.getByRole('article').nth(count)).toBeFocused()
  }
  const bold = page.getByRole('article').filter({ hasText: '<b>Bold</b>' })
  await expect(bold).toContainText('<img src=x onerror=alert(1)>')
  expect(await page.locator('article img, article b').count()).toBe(1)
  await expect(bold.getByText('second line')).toBeVisible()
  const links = page.getByRole('article').filter({ hasText: 'Zoë' }).getByRole('link')
  const found = await links.evaluateAll((all) => all.map((a) => [a.getAttribute('href'), a.getAttribute('rel')]))
  const rel = 'nofollow ugc noopener'
  expect(found.slice(0, 2)).toEqual([
    ['https://example.com/', rel],
    ['https://example.com/a_(b)', rel],
  ])
  expect(found).toHaveLength(3)
  await expect(page.getByRole('article').last()).toContainText('Thank you!')
})

test('an entry has its markup, smileys, number, mood, drawing and face', async ({ browser }) => {
  const guest = {
    name: 'Felis',
    website: '',
    avatar: 'cat',
    body: '*Meow* :-)\n\n> purr',
    mood: 'happy',
    drawing: 'M10 20l50 30',
  }
  const body = new URLSearchParams({ ...guest }).toString()
  const form = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: program.url }
  const headers = { ...form, 'CF-Connecting-IP': '192.0.2.8' }
  const html = await (await fetch(`${program.url}/b/faces`)).text()
  expect(html).toContain('Faces')
  await fetch(`${program.url}/b/faces/sign`, { method: 'POST', headers, body, redirect: 'manual' })
  const { body: held } = await program.api<{ data: { id: string }[] }>('GET', '/api/comments?book=faces&status=held')
  for (const { id } of held.data) await program.api('PATCH', `/api/comments/${id}`, { status: 'published' })
  const page = await open(browser, '/faces')
  const entry = page.getByRole('article')
  await expect(entry.getByRole('emphasis')).toHaveText('Meow')
  await expect(entry.getByTitle(':-)')).toHaveText('🙂')
  await expect(entry.getByRole('blockquote')).toHaveText('purr')
  await expect(entry).toContainText(EN.entry_number.replace('{number}', '1'))
  await expect(entry).toContainText(EN.mood.replace('{mood}', 'happy'))
  await expect(entry.getByRole('img', { name: EN.a_drawing })).toBeVisible()
  const width = () => entry.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth)
  await expect.poll(width).toBeGreaterThan(0)
  const strict = await open(browser, '/no-pictures')
  await expect(strict.getByRole('article').locator('svg.face')).toBeVisible()
  await expect(strict.getByRole('article').locator('img')).toHaveCount(0)
  for (const fault of faults.splice(0)) expect(fault).toMatch(/^Loading the image .*cat\.svg/)
})

test('a guest chooses a mood and a face, draws, keeps the lines, and finds all of it again', async ({ browser }) => {
  const page = await open(browser, '/faces', { bypassCSP: true })
  await page.route('**/api/comments**', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'cf-connecting-ip': '192.0.2.9' } })
  )
  // The pad has a status of its own.
  const status = page.locator('p[role=status]')
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
  await openForm(page)
  await page.keyboard.type('Artist')
  await page.getByLabel('Your message').fill(' /\\_/\\\n( o.o )')
  const press = async (name: string) => {
    await page.locator('summary', { hasText: name }).focus()
    await page.keyboard.press('Enter')
  }
  await press(EN.more_fields)
  await page.getByRole('radio', { name: EN.no_mood }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: /happy/ })).toBeChecked()
  expect(loaded.filter((path) => /doodle|faces\/2\/cactus/.test(path))).toEqual([])
  await press(EN.choose_face)
  await page.getByRole('radio', { name: 'Cat' }).focus()
  await page.keyboard.press('Space')
  await press(EN.your_drawing)
  await expect(page.locator('[data-pad]')).toBeVisible()
  const sheet = await page.locator('[data-pad] svg').boundingBox()
  if (!sheet) throw new Error('There should be a pad.')
  for (const down of [20, 60]) {
    await page.mouse.move(sheet.x + 20, sheet.y + down)
    await page.mouse.down()
    await page.mouse.move(sheet.x + 90, sheet.y + down + 10)
    await page.mouse.up()
  }
  await page.getByRole('button', { name: EN.drawing_undo }).click()
  await expect(page.locator('[data-pad] output')).toHaveText(/\d+%/)
  await page.getByLabel(EN.keep_lines).check()
  expect(await axeFaults(page)).toEqual([])
  await page.getByRole('button', { name: EN.sign }).click()
  await expect(status).toHaveText(EN.thanks_published)
  const entry = page.getByRole('article').filter({ hasText: 'Artist' })
  await expect(entry.locator('pre')).toHaveText(' /\\_/\\\n( o.o )')
  await expect(entry).toContainText('happy')
  await expect(entry.locator('img')).toHaveAttribute('src', /cat/)
  await expect(entry.getByRole('img', { name: EN.a_drawing }).locator('path')).toHaveAttribute('d', /^M[^M]+$/)
  await page.getByRole('button', { name: EN.sign_heading }).click()
  await expect(page.getByLabel(EN.keep_lines)).not.toBeChecked()
  await page.getByRole('button', { name: EN.edit }).click()
  await expect(page.getByRole('radio', { name: /happy/ })).toBeChecked()
  await page.getByRole('radio', { name: 'Fox' }).check()
  await page.getByRole('button', { name: EN.drawing_clear }).click()
  await page.getByLabel(EN.own_mood).fill('inspired')
  await page.getByLabel(EN.keep_lines).uncheck()
  await page.getByRole('button', { name: EN.save }).click()
  await expect(status).toHaveText(EN.thanks_edited)
  await expect(entry.locator('img')).toHaveAttribute('src', /fox/)
  await expect(entry).toContainText('inspired')
  await expect(entry.locator('pre, svg.drawing')).toHaveCount(0)
})

test('a guest changes an entry after signing, and deletes it', async ({ browser }) => {
  const page = await open(browser, '/strict')
  // One address may send ten entries and changes in a minute, and the other tests send some.
  await page.route('**/api/comments**', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'cf-connecting-ip': '192.0.2.7' } })
  )
  await openForm(page)
  await page.getByLabel('Your name').fill('Ivy')
  await page.getByLabel('Your message').fill('A tpyo')
  await page.getByLabel('How did you find me?').fill('By chance')
  await page.getByRole('button', { name: EN.sign }).click()
  const entry = page.getByRole('article').filter({ hasText: 'Ivy' })
  await expect(entry).toContainText('A tpyo')
  await page.getByRole('button', { name: EN.edit }).click()
  await expect(page.getByLabel('How did you find me?')).toHaveValue('By chance')
  await page.getByLabel('Your message').fill('A *typo*')
  await page.getByRole('button', { name: EN.save }).click()
  await expect(page.getByRole('status')).toHaveText(EN.thanks_edited)
  await expect(entry.getByRole('emphasis')).toHaveText('typo')
  await expect(entry).toContainText(EN.edited)
  await expect(page.getByLabel('Your message')).toHaveCount(0)
  await page.getByRole('button', { name: EN.edit }).click()
  const remove = page.getByRole('button', { name: EN.delete_entry })
  // It takes two clicks.
  await expect(remove).toBeHidden()
  await page.getByText(`${EN.delete_entry}…`).click()
  await remove.click()
  await expect(page.getByRole('status')).toHaveText(EN.thanks_deleted)
  await expect(entry).toHaveCount(0)
  await expect(page.getByRole('button', { name: EN.edit })).toBeHidden()
})

test('a second entry is kept while the first one is changed, and an entry that is gone is not the network', async ({
  browser,
}) => {
  const page = await open(browser, '/strict')
  await page.route('**/api/comments**', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'cf-connecting-ip': '192.0.2.12' } })
  )
  const [name, message] = [page.getByLabel('Your name'), page.getByLabel('Your message')]
  const press = (label: string) => page.getByRole('button', { name: label }).click()
  await openForm(page)
  await name.fill('Uma')
  await message.fill('The first')
  await press(EN.sign)
  await press(EN.sign_heading)
  await message.fill('A long second text')
  await press(EN.edit)
  await expect(message).toHaveValue('The first')
  await press(EN.edit)
  await expect(message).toHaveValue('A long second text')
  await name.fill('Uma')
  await press(EN.sign)
  await press(EN.sign_heading)
  await expect(message).toHaveValue('')
  await press(EN.edit)
  await expect(message).toHaveValue('A long second text')
  const { body } = await program.api<{ data: { id: string }[] }>('GET', '/api/comments?q=second+text')
  const headers = { Authorization: `Bearer ${program.token}` }
  await fetch(`${program.url}/api/comments/${body.data[0]?.id}`, { method: 'DELETE', headers })
  await press(EN.save)
  await expect(page.getByRole('status')).toHaveText(EN.changed_meanwhile)
})

test('a guest changes an entry twice, but not once the owner has changed it', async ({ browser }) => {
  const page = await open(browser, '/strict')
  await page.route('**/api/comments**', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'cf-connecting-ip': '192.0.2.33' } })
  )
  const [message, status] = [page.getByLabel('Your message'), page.getByRole('status')]
  const press = (label: string) => page.getByRole('button', { name: label }).click()
  await openForm(page)
  await page.getByLabel('Your name').fill('Wim')
  await message.fill('Call me: 555 1234')
  await press(EN.sign)
  for (const text of ['Call me soon: 555 1234', 'Call me tomorrow: 555 1234']) {
    await press(EN.edit)
    await message.fill(text)
    await press(EN.save)
    await expect(status).toHaveText(EN.thanks_edited)
    await expect(page.getByRole('article').filter({ hasText: 'Wim' })).toContainText(text)
  }
  const { body } = await program.api<{ data: { id: string }[] }>('GET', '/api/comments?q=tomorrow')
  const path = `/api/comments/${body.data[0]?.id}`
  await press(EN.edit)
  await message.fill('Call me on Friday: 555 1234')
  await program.api('PATCH', path, { body: 'Call me' })
  await press(EN.save)
  await expect(status).toHaveText(EN.changed_meanwhile)
  expect((await program.api('GET', path)).body).toMatchObject({ body: 'Call me' })
  await expect(message).toHaveValue('Call me on Friday: 555 1234')
})

test('an entry that waits is shown to its guest alone, until it is published, and closes the form', async ({
  browser,
}) => {
  await program.api('POST', '/api/books', { slug: 'waiting', title: 'Waiting', moderation: 'all', markup: true })
  const page = await (await browser.newContext({ bypassCSP: true })).newPage()
  await page.route('**/api/comments**', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'cf-connecting-ip': '192.0.2.11' } })
  )
  await page.clock.install()
  await page.goto(`${site.url}/waiting`)
  await openForm(page)
  await expect(page.getByText(EN.waits_all)).toBeVisible()
  await expect(page.getByLabel('Your message')).toHaveAccessibleName(`${EN.your_message} (${EN.markup_hint})`)
  await page.getByLabel('Your name').fill('Wanda')
  await page.getByLabel('Your message').fill('One line\n*another* <b>line</b>')
  await page.getByRole('button', { name: EN.sign }).click()
  await expect(page.getByRole('status')).toHaveText(EN.thanks_held)
  await expect(page.getByRole('textbox')).toHaveCount(0)
  const entry = page.getByRole('article')
  await expect(entry.locator('.words')).toHaveText('One line\n*another* <b>line</b>')
  await expect(entry).toContainText(EN.only_you)
  await expect(entry.getByRole('link')).toHaveCount(0)
  expect(await axeFaults(page)).toEqual([])
  await page.getByRole('button', { name: EN.edit }).click()
  await page.getByLabel('Your message').fill('*Better*')
  await page.getByRole('button', { name: EN.save }).click()
  await expect(entry).toHaveCount(1)
  await expect(entry).toContainText('*Better*')
  const { body } = await program.api<{ data: { id: string }[] }>('GET', '/api/comments?book=waiting&status=held')
  for (const { id } of body.data) await program.api('PATCH', `/api/comments/${id}`, { status: 'published' })
  await page.clock.fastForward(61_000)
  await expect(entry.getByRole('emphasis')).toHaveText('Better')
  await expect(entry).toHaveCount(1)
  await expect(entry).not.toContainText(EN.only_you)
})

test('a guest is known once any of their entries is approved, whatever became of the others', async ({ browser }) => {
  const sign = async (page: Page, isPrivate = false) => {
    await page.reload()
    await openForm(page)
    await page.getByLabel('Your name').fill('Kim')
    await page.getByLabel('Your message').fill(`Hello ${crypto.randomUUID()}`)
    if (isPrivate) {
      await page.getByText(EN.more_fields).click()
      await page.getByLabel(EN.private_entry).check()
    }
    const answered = page.waitForResponse((response) => response.request().method() === 'POST')
    await page.getByRole('button', { name: EN.sign }).click()
    const answer: { id: string; status: string } = await (await answered).json()
    await expect(page.getByRole('status')).not.toBeEmpty()
    return answer
  }
  const set = (id: string, status: string) => program.api('PATCH', `/api/comments/${id}`, { status })
  const headers = { Authorization: `Bearer ${program.token}` }
  const remove = (id: string) => fetch(`${program.url}/api/comments/${id}`, { method: 'DELETE', headers })
  const acts: Record<string, (id: string) => Promise<unknown>> = {
    hidden: (id) => set(id, 'hidden'),
    deleted: remove,
    waiting: async () => undefined,
  }
  await program.api('POST', '/api/books', { slug: 'known', title: 'Known', moderation: 'first' })
  for (const [i, [name, act]] of Object.entries(acts).entries()) {
    const page = await open(browser, '/known', { bypassCSP: true })
    await page.route('**/api/comments**', (route) =>
      route.continue({ headers: { ...route.request().headers(), 'cf-connecting-ip': `192.0.2.${20 + i}` } })
    )
    await act((await sign(page)).id)
    const second = await sign(page)
    expect([name, second.status]).toEqual([name, 'held'])
    await set(second.id, 'published')
    // A private entry is never approved, and takes nothing away.
    await sign(page, true)
    const third = await sign(page)
    expect([name, third.status]).toEqual([name, 'published'])
    // The entry that made the guest known goes, so the next one waits, and the one after its approval does not.
    await remove(second.id)
    const fourth = await sign(page)
    expect([name, fourth.status]).toEqual([name, 'held'])
    await set(fourth.id, 'published')
    expect([name, (await sign(page)).status]).toEqual([name, 'published'])
    await page.context().close()
  }
})

test('two books on one page do not know each other, even if the script is there twice', async ({ browser }) => {
  const page = await open(browser, '/two')
  const [main, summer] = ['Ada’s corner', 'Summer party'].map((name) => page.getByRole('region', { name }))
  if (!main || !summer) throw new Error('There should be two books.')
  await expect(main.getByRole('article').first()).toBeVisible()
  const before = await main.getByRole('article').count()
  await expect(summer).toContainText(EN.no_entries)
  await openForm(summer)
  await summer.getByLabel('Your name').fill('Bob')
  await summer.getByLabel('Your message').fill('Only in summer')
  await summer.getByRole('button', { name: 'Sign it!' }).click()
  await expect(summer.getByRole('article')).toContainText('Only in summer')
  await expect(summer.getByText(EN.no_entries)).toBeHidden()
  await openForm(main)
  await expect(main.getByLabel('Your name')).toHaveValue('')
  expect(await main.getByRole('article').count()).toBe(before)
  await expect(main.getByLabel('How did you find me?')).toBeVisible()
  await expect(summer.getByLabel('How did you find me?')).toHaveCount(0)
})

test('a page in Arabic gets the book in Arabic, from right to left, with errors in Arabic', async ({ browser }) => {
  const page = await open(browser, '/arabic', { locale: 'de-DE' })
  const book = page.getByRole('region', { name: 'Summer party' })
  await expect(book).toHaveAttribute('lang', 'ar')
  await expect(book).toHaveCSS('direction', 'rtl')
  await book.locator('.open').click()
  await book.getByLabel('اسمك').fill(' ')
  await book.getByLabel('رسالتك').fill('hello')
  await book.getByRole('button', { name: 'وقّع!' }).click()
  await expect(book.getByLabel('اسمك')).toHaveAccessibleDescription(/[؀-ۿ]{3}/)
  // The button is on the right.
  const ends = await book
    .locator('form, form > button')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right))
  expect(ends).toEqual([ends[0], ends[0]])
})

test('the CSS of the page cannot make the book illegible or unusable', async ({ browser }) => {
  const page = await open(browser, '/hostile')
  const book = page.getByRole('region', { name: 'Summer party' })
  await openForm(book)
  await book.getByLabel('Your name').fill('Eve')
  await book.getByLabel('Your message').fill('Still legible')
  await book.getByRole('button', { name: 'Sign it!' }).click()
  const words = book.getByText('Still legible', { exact: true })
  await expect(words).toBeInViewport()
  for (const [property, value] of Object.entries({ color: 'rgb(27, 26, 46)', 'font-size': '16px', direction: 'ltr' })) {
    await expect(words).toHaveCSS(property, value)
  }
  await expect(book).toHaveCSS('background-color', 'rgb(255, 251, 234)')
  await expect(book).toHaveCSS('letter-spacing', 'normal')
})

test('axe finds nothing in the component and in the frame, by day and by night', async ({ browser }) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await open(browser, '/two', { bypassCSP: true, colorScheme })
    await page.addStyleTag({ content: ':root { color-scheme: light dark }' })
    await expect(page.getByRole('article').first()).toBeVisible()
    expect([colorScheme, await axeFaults(page)]).toEqual([colorScheme, []])
    await openForm(page.getByRole('region', { name: 'Ada’s corner' }))
    await page.getByLabel('Your name').fill(' ')
    await page.getByLabel('Your message').fill('x')
    await page.getByRole('button', { name: EN.sign }).click()
    await expect(page.getByLabel('Your name')).toHaveAttribute('aria-invalid', 'true')
    expect([colorScheme, 'form', await axeFaults(page)]).toEqual([colorScheme, 'form', []])
    await page.goto(`${program.url}/embed/main`)
    expect([colorScheme, 'frame', await axeFaults(page)]).toEqual([colorScheme, 'frame', []])
    await page.context().close()
  }
})

test('new entries appear within a minute and are announced', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage()
  await page.clock.install()
  await page.goto(`${site.url}/strict`)
  await expect(page.getByRole('article')).toHaveCount(2)
  await program.api('POST', '/api/comments', { name: 'News', body: 'Fresh from the press' })
  await page.clock.fastForward(61_000)
  await expect(page.getByRole('status')).toHaveText(EN.news)
  await expect(page.getByRole('article').first()).toContainText('Fresh from the press')
})

test('an entry that is approved late changes the numbers of the newer ones', async ({ browser }) => {
  const book = 'numbered'
  await program.api('POST', '/api/books', { slug: book, title: 'Numbered', moderation: 'none', show_numbers: true })
  const sign = async (body: string) =>
    (await program.api<{ id: string }>('POST', '/api/comments', { book, name: 'Ada', body })).body.id
  const late = await sign('Late')
  await program.api('PATCH', `/api/comments/${late}`, { status: 'held' })
  await sign('Soon')
  const page = await (await browser.newContext({ baseURL: site.url })).newPage()
  await page.clock.install()
  await page.goto('/numbered')
  const articles = page.getByRole('article')
  await expect(articles).toContainText(['No. 1'])
  await program.api('PATCH', `/api/comments/${late}`, { status: 'published' })
  await page.clock.runFor(61_000)
  await expect(articles).toContainText([/No\. 2.*Soon/, /No\. 1.*Late/])
})

test('in a short list, a changed entry stays, and no new entry is out of reach', async ({ browser }) => {
  const page = await open(browser, '/few')
  await page.route('**/api/comments**', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'cf-connecting-ip': '192.0.2.13' } })
  )
  const sign = async (...names: string[]) => {
    for (const name of names) await program.api('POST', '/api/comments', { book: 'few', name, body: 'Hello' })
  }
  await page.clock.install()
  await page.reload()
  await openForm(page)
  await page.getByLabel('Your name').fill('Mia')
  await page.getByLabel('Your message').fill('Mine')
  await page.getByRole('button', { name: EN.sign }).click()
  const names = page.getByRole('article').getByRole('heading')
  await expect(names).toHaveText(['Mia'])
  await sign('B', 'C')
  await page.getByRole('button', { name: EN.edit }).click()
  await page.getByLabel('Your message').fill('Mine, changed')
  await page.getByRole('button', { name: EN.save }).click()
  await expect(page.getByRole('status')).toHaveText(EN.thanks_edited)
  await page.clock.runFor(3_000)
  await expect(names).toHaveText(['Mia'])
  await sign('D', 'E', 'F')
  await page.clock.fastForward(61_000)
  await expect(names).toHaveText(['F', 'E', 'Mia'])
  const older = page.getByRole('button', { name: EN.to_older })
  await older.click()
  await expect(names).toHaveText(['F', 'E', 'D', 'C', 'Mia'])
  await older.click()
  await expect(names).toHaveText(['F', 'E', 'D', 'C', 'B', 'Mia'])
  await expect(older).toBeHidden()
  await expect(page.getByText('Mine, changed')).toBeVisible()
})

test('a guest reads what is wrong if the owner has added a question since the form was opened', async ({ browser }) => {
  const page = await open(browser, '/few')
  await page.route('**/api/comments**', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'cf-connecting-ip': '192.0.2.14' } })
  )
  await openForm(page)
  await page.getByLabel('Your name').fill('Kim')
  await page.getByLabel('Your message').fill('Before the question')
  await program.api('PATCH', '/api/books/few', { questions: [{ text: 'Color?', is_required: true }] })
  await page.getByRole('button', { name: EN.sign }).click()
  await expect(page.getByRole('status')).toContainText(EN.your_answer)
  await program.api('PATCH', '/api/books/few', { questions: [] })
})

test('answers stay with their questions if the owner moves a question while the form is open', async ({ browser }) => {
  const page = await open(browser, '/few')
  await page.route('**/api/comments**', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'cf-connecting-ip': '192.0.2.15' } })
  )
  const [color, town] = [{ text: 'Favourite colour?' }, { text: 'Home town?', is_required: true }]
  const ask = (...questions: object[]) => program.api('PATCH', '/api/books/few', { questions })
  await ask(color, town)
  await page.reload()
  await openForm(page)
  await page.getByLabel('Your name').fill('Lea')
  await page.getByLabel('Your message').fill('Moved')
  await page.getByLabel(color.text).fill('blue')
  await page.getByLabel(town.text).fill('Rome')
  await ask(town, color)
  await page.getByRole('button', { name: EN.sign }).click()
  const entry = page.getByRole('article').filter({ hasText: 'Lea' })
  await expect(entry).toContainText(/Home town\?\s*Rome\s*Favourite colour\?\s*blue/)
  await page.getByRole('button', { name: EN.edit }).click()
  await page.getByLabel(town.text).fill('x'.repeat(300))
  await page.getByRole('button', { name: EN.save }).click()
  // The error is beside its field, although the question is the first one by now.
  await expect(page.getByLabel(town.text)).toHaveAccessibleDescription(/200/)
  await page.getByLabel(town.text).fill('Paris')
  await page.getByRole('button', { name: EN.save }).click()
  await expect(entry).toContainText(/Home town\?\s*Paris\s*Favourite colour\?\s*blue/)
  await ask()
})

test('a guest whose book no longer takes private entries keeps the text, and decides whether everybody may read it', async ({
  browser,
}) => {
  const page = await open(browser, '/few')
  await page.route('**/api/comments**', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'cf-connecting-ip': '192.0.2.15' } })
  )
  await openForm(page)
  await page.getByLabel('Your name').fill('Kim')
  await page.getByLabel('Your message').fill('For you alone, or for everybody')
  await page.getByText(EN.more_fields).click()
  const box = page.getByLabel(EN.private_entry)
  await box.check()
  await program.api('PATCH', '/api/books/few', { allows_private: false })
  await page.getByRole('button', { name: EN.sign }).click()
  await expect(page.getByRole('status')).toHaveText(EN.fault_private)
  await expect(page.getByLabel('Your message')).toHaveValue('For you alone, or for everybody')
  await expect(box).toBeChecked()
  await box.uncheck()
  await page.getByRole('button', { name: EN.sign }).click()
  await expect(page.getByRole('article').first()).toContainText('For you alone, or for everybody')
  await program.api('PATCH', '/api/books/few', { allows_private: true })
})

test('a guest who tries again after a network error signs once', async ({ browser }) => {
  const page = await open(browser, '/two')
  const summer = page.getByRole('region', { name: 'Summer party' })
  const keys: (string | undefined)[] = []
  await page.route('**/api/comments', async (route) => {
    const request = route.request()
    if (request.method() !== 'POST') return route.continue()
    keys.push(request.headers()['idempotency-key'])
    if (keys.length > 1) return route.continue()
    // The entry arrives, and the response is lost.
    await route.fetch()
    return route.abort()
  })
  await openForm(summer)
  await summer.getByLabel('Your name').fill('Ada')
  await summer.getByLabel('Your message').fill('Sent once')
  const button = summer.getByRole('button', { name: 'Sign it!' })
  await button.click()
  await expect(summer.getByRole('status')).toContainText(EN.not_sent)
  await expect(summer.getByLabel('Your message')).toHaveValue('Sent once')
  await button.click()
  await expect(summer.getByRole('status')).toContainText('Thank you')
  expect(keys).toEqual([keys[0], keys[0]])
  const { body } = await program.api<{ data: { body: string }[] }>('GET', '/api/comments?book=summer')
  expect(body.data.filter((one) => one.body === 'Sent once')).toHaveLength(1)
})

test('guests see the link inside the element if the book cannot be loaded, and without scripts', async ({
  browser,
}) => {
  for (const [path, javaScriptEnabled] of [
    ['/unknown', true],
    ['/strict', false],
  ] as const) {
    const page = await open(browser, path, { javaScriptEnabled })
    await expect(page.getByRole('link', { name: 'my book' })).toBeVisible()
    await expect(page.getByRole('region')).toHaveCount(0)
  }
})

test('a guest signs in a frame without scripts, and stays in the frame', async ({ browser }) => {
  const page = await open(browser, '/frame', { javaScriptEnabled: false })
  const frame = page.frameLocator('iframe[src$="/embed/summer"]')
  await frame.getByLabel('Your name').fill('Framed')
  await frame.locator('.more summary').click()
  await frame.getByLabel(/Your website/).fill('javascript:x')
  await frame.getByLabel('Your message').fill('Hello from the frame')
  await frame.getByRole('button', { name: 'Preview' }).click()
  await expect(frame.getByText(EN.fault_website, { exact: true })).toBeVisible()
  await frame.getByLabel(/Your website/).fill('')
  await page.waitForTimeout(3_100) // An entry that is sent within three seconds waits for approval.
  await frame.getByRole('button', { name: 'Sign it!' }).click()
  await expect(frame.locator('#thanks')).toContainText('Thank you')
  await expect(frame.getByRole('article').first()).toContainText('Hello from the frame')
  expect(page.url()).toBe(`${site.url}/frame`)
  await frame.getByRole('link', { name: 'The whole guestbook' }).click()
  await expect(page).toHaveURL(`${program.url}/b/summer`)
})

test('a frame grows up to its limit, and scrolls from there', async ({ browser }) => {
  const page = await open(browser, '/low-frame')
  await expect(page.locator('iframe')).toHaveAttribute('height', '300')
  const root = page.frameLocator('iframe').locator('html')
  expect(await root.evaluate((html) => html.scrollHeight > html.clientHeight)).toBe(true)
  await root.evaluate((html) => html.scrollTo(0, 200))
  expect(await root.evaluate((html) => html.scrollTop)).toBe(200)
})

test('a frame fits its book, and no other page can change its height', async ({ browser }) => {
  const page = await open(browser, '/frame')
  const element = page.locator('iframe[src$="/embed/main"]')
  const frame = page.frameLocator('iframe[src$="/embed/main"]')
  const content = () => frame.locator('html').evaluate((html: HTMLElement) => String(html.offsetHeight))
  const height = () => element.getAttribute('height')
  await expect.poll(async () => (await height()) === (await content())).toBe(true)
  const first = Number(await height())
  expect(first).toBeGreaterThan(400)
  await frame.getByLabel('Your message').evaluate((area) => {
    area.style.height = '9000px'
    area.style.maxHeight = 'none'
  })
  await expect.poll(height).toBe('3000')
  const fitting = await height()
  await page.evaluate(() => postMessage({ type: 'guesthook:height', height: 150 }, '*'))
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))
  expect(await height()).toBe(fitting)
  expect(await page.locator('iframe[src$="/embed/summer"]').getAttribute('height')).not.toBe(fitting)
})
