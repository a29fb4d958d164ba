import { type Browser, type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test'
import { Guestbook } from '../../../support/bundled/guestbook'
import { eventually } from '../../../support/program/program'
import { faultsOnScreens } from '../axe'

/* The moderation queue, with and without its script. */

const COUNT = 63

let program: Guestbook

test.beforeAll(async () => {
  program = await Guestbook.start()
  for (let i = 0; i < COUNT; i++) {
    const body = i % 7 === 0 ? `${i}: a long story. ${'Then we met again. '.repeat(20)}` : `A short text :-) ${i}`
    const website = i % 3 === 0 ? 'https://guest.example' : null
    const { body: entry } = await program.api<{ id: string }>('POST', '/api/comments', {
      name: `Guest ${i}`,
      body,
      website,
    })
    await program.api('PATCH', `/api/comments/${entry.id}`, { status: 'held' })
  }
})

test.afterAll(() => program.end())

async function idsOf(status: string): Promise<string[]> {
  const { body } = await program.api<{ data: { id: string }[] }>('GET', `/api/comments?status=${status}&limit=100`)
  return body.data.map(({ id }) => id)
}

/** The cookies of the first login. The program allows ten logins a minute, and a fast machine needs more. */
let session: Parameters<BrowserContext['addCookies']>[0] = []

async function openQueue(browser: Browser, javaScriptEnabled = true): Promise<Page> {
  const viewport = { width: 1280, height: 860 }
  const context = await browser.newContext({ baseURL: program.url, viewport, bypassCSP: true, javaScriptEnabled })
  const page = await context.newPage()
  await context.addCookies(session)
  await page.goto('/admin/comments')
  if (session.length === 0) {
    await page.getByLabel('Admin token').fill(program.token)
    await page.getByRole('button', { name: 'Log in' }).click()
  }
  await expect(page.getByRole('heading', { name: 'Entries' })).toBeVisible()
  session = await context.cookies()
  // The script marks the first entry.
  if (javaScriptEnabled) await expect(page.locator('.current')).toHaveCount(1)
  return page
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.id)

test('a card that opens for a reply leaves the others and its buttons as they are', async ({ browser }) => {
  const page = await openQueue(browser)
  const cards = page.locator('.queue .entry')
  const button = cards.nth(1).locator('summary', { hasText: 'Reply' })
  const heights = () => cards.evaluateAll((all) => all.filter((_, i) => i !== 1).map((card) => card.clientHeight))
  const place = async () => {
    const [box, publish] = [
      await button.boundingBox(),
      await cards.nth(1).locator('[value=publish]').first().boundingBox(),
    ]
    return { x: (box?.x ?? 0) - (publish?.x ?? 0), y: (box?.y ?? 0) - (publish?.y ?? 0) }
  }
  const before = { heights: await heights(), place: await place() }
  await button.click()
  await expect(page.getByRole('textbox', { name: 'Your reply' })).toBeVisible()
  expect(await place()).toEqual(before.place)
  expect(Math.max(...(await heights()))).toBeLessThanOrEqual(Math.max(...before.heights))
  const [card, list] = [await cards.nth(1).boundingBox(), await page.locator('.queue').boundingBox()]
  expect(card?.width).toBe(list?.width)
})

test('no dot is left over beside a drawing, folded or not, and no badge is left with 0', async ({ browser }) => {
  await program.api('PATCH', '/api/books/main', { drawings: 'on', asks_for: ['mood', 'place'] })
  const entry = { website: 'https://dot.example', mood: 'calm', place: 'Porto', drawing: 'M10 20l50 30' }
  const ids = []
  for (const body of ['Dotty', `Dotty ${'and so on '.repeat(40)}`]) {
    const { body: made } = await program.api<{ id: string }>('POST', '/api/comments', { ...entry, name: 'Dot', body })
    await program.api('PATCH', `/api/comments/${made.id}`, { status: 'held' })
    ids.push(made.id)
  }
  const page = await openQueue(browser)
  await page.goto('/admin/comments?status=held&q=Dotty')
  const dots = await page
    .locator('.entry .below > *')
    .evaluateAll((all) => all.filter((one) => getComputedStyle(one, '::after').content !== 'none').length)
  expect([await page.locator('.below .drawing').count(), dots]).toEqual([2, 0])
  const [badge, waiting] = [page.locator('[data-count="spam"]'), page.locator('[data-count="held"]')]
  await expect(badge).toBeHidden()
  await page.locator('.entry [value="spam"]').first().click()
  await expect(badge).toHaveText('1')
  await page.keyboard.press('u')
  await expect(badge).toBeHidden()
  await expect(waiting).toBeVisible()
  for (const id of ids) await program.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
  await page.context().close()
})

test('a text uses the room that a taller card of its row makes', async ({ browser }) => {
  const long = 'All the lights of the harbour. '.repeat(20)
  const ids: string[] = []
  for (const drawing of [null, 'M10 20l50 30']) {
    const entry = { name: 'Tall', body: `${long} ${ids.length}`, drawing }
    const { body } = await program.api<{ id: string }>('POST', '/api/comments', entry)
    await program.api('PATCH', `/api/comments/${body.id}`, { status: 'held' })
    ids.push(body.id)
  }
  const page = await openQueue(browser)
  await page.goto('/admin/comments?status=held&q=harbour')
  const text = page.locator(`[id="${ids[0]}"] .words`)
  const line = await text.evaluate((words) => Number.parseFloat(getComputedStyle(words).lineHeight))
  const height = async () => (await text.boundingBox())?.height ?? 0
  expect(await height()).toBeGreaterThan(4.5 * line)
  await page.setViewportSize({ width: 360, height: 740 })
  await expect.poll(height).toBeLessThan(4.5 * line)
  for (const id of ids) await program.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
  await page.context().close()
})

test('on a phone, the buttons are large enough for a finger', async ({ browser }) => {
  const page = await openQueue(browser)
  await page.setViewportSize({ width: 360, height: 740 })
  const rows = page.locator('.entry').first().locator('.acts > button')
  const boxes = await rows.evaluateAll((all) => all.map((button) => button.getBoundingClientRect().toJSON()))
  expect(boxes.length).toBeGreaterThan(2)
  for (const { height } of boxes) expect(height).toBeGreaterThanOrEqual(36)
  for (const [i, { left }] of boxes.slice(1).entries()) expect(left - boxes[i].right).toBeGreaterThanOrEqual(8)
})

test('sixty entries fit in three screens, and twenty keys publish twenty of them without a reload', async ({
  browser,
}) => {
  const page = await openQueue(browser)
  await expect(page.locator('.queue .entry')).toHaveCount(60)
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(3 * 860)
  const before = await idsOf('held')
  let loads = 0
  page.on('framenavigated', () => loads++)
  for (let i = 0; i < 20; i++) await page.keyboard.press('a')
  await expect(page.locator('.queue .entry')).toHaveCount(40)
  expect(await focused(page)).toBe(before[20])
  await eventually(async () => expect((await idsOf('published')).toSorted()).toEqual(before.slice(0, 20).toSorted()))
  expect(loads).toBe(0)
  await expect(page.locator('[data-count="held"]')).toHaveText(String(COUNT - 20))
  await page.keyboard.press('u')
  await expect(page.locator('.toast')).toContainText('back')
  expect(await focused(page)).toBe(before[19])
  await eventually(async () => expect(await idsOf('published')).not.toContain(before[19]))
  await page.context().close()
})

test('a card shows four lines of the text or all of it, and what is below it in the rest of five', async ({
  browser,
}) => {
  const name = 'Long letter'
  const body = 'We walked to the lighthouse at night, and you were there. '.repeat(9)
  const long = { name, body, website: 'https://guest.example/a/long/address', mood: 'cozy', place: 'a train to Porto' }
  const { body: entry } = await program.api<{ id: string }>('POST', '/api/comments', long)
  await program.api('PATCH', `/api/comments/${entry.id}`, { status: 'held' })
  const page = await openQueue(browser)
  await page.goto('/admin/comments?status=held&q=Long')
  await page.waitForFunction(() => document.querySelector('.current'))
  const lines = (part: string) =>
    page
      .locator('.entry .seen')
      .filter({ hasText: 'lighthouse' })
      .locator(part)
      .evaluate((element) => element.clientHeight / Number.parseFloat(getComputedStyle(element).lineHeight))
  expect(await lines('> .words')).toBeCloseTo(4, 1)
  expect(await lines('> .below')).toBeCloseTo(1, 1)
  await page.goto('/admin/comments?status=held')
  const cut = await page
    .locator('.entry .words')
    .evaluateAll((all) => all.filter((one) => one.scrollHeight > one.clientHeight + 2 && one.textContent.length < 100))
  expect(cut).toEqual([])
  await program.api('PATCH', `/api/comments/${entry.id}`, { status: 'published' })
  await page.context().close()
})

test('the first card of every list is the current one', async ({ browser }) => {
  const page = await openQueue(browser)
  const { body: entry } = await program.api<{ id: string }>('POST', '/api/comments', { name: 'Fern', body: 'Hello' })
  for (const status of ['published', 'all']) {
    await page.goto(`/admin/comments?status=${status}`)
    await expect(page.locator('.entry.current')).toHaveAttribute('id', entry.id)
    await page.keyboard.press('b')
    await expect(page.locator(`[id="${entry.id}"] .panel[open]`)).toBeVisible()
  }
  await page.context().close()
})

test('a decision survives the tab, and one that the server refuses brings the entry back', async ({ browser }) => {
  const page = await openQueue(browser)
  const [first = '', second = ''] = await idsOf('held')
  await page.keyboard.press('h')
  await page.goto('about:blank')
  await eventually(async () => expect(await idsOf('hidden')).toContain(first))
  await page.goBack()
  await page.reload()
  await expect(page.locator('.current')).toHaveCount(1)
  await page.route('**/admin/comments/*', (route) => route.abort())
  await page.keyboard.press('s')
  await expect(page.locator('.toast')).toContainText('Not saved')
  expect(await focused(page)).toBe(second)
  expect(await idsOf('spam')).toEqual([])
  await page.context().close()
})

test('a double click and a held key decide about one entry, and undo one decision', async ({ browser }) => {
  const page = await openQueue(browser)
  const [first = '', second = '', third = '', fourth = ''] = await idsOf('held')
  const expectFirst = (id: string) => expect(page.locator('.queue .entry').first()).toHaveAttribute('id', id)
  const hold = async (key: string) => {
    for (const press of ['down', 'down', 'up'] as const) await page.keyboard[press](key)
  }
  await page.locator(`[id="${first}"] [value="hide"]`).dblclick()
  await expectFirst(second)
  await page.locator('.queue .entry').first().focus()
  await hold('h')
  await expectFirst(third)
  await page.keyboard.press('h')
  await expectFirst(fourth)
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).dblclick()
  await expectFirst(third)
  await hold('u')
  await expectFirst(second)
  await page.keyboard.press('u')
  await eventually(async () => expect((await idsOf('held')).slice(0, 3)).toEqual([first, second, third]))
  await page.context().close()
})

test('an entry is published with a reply, its guest is banned, and many are decided about at once, by key', async ({
  browser,
}) => {
  const page = await openQueue(browser)
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = await idsOf('held')
  await page.keyboard.press('r')
  await expect(page.locator('textarea:focus')).toBeVisible()
  expect(await faultsOnScreens(page)).toEqual([])
  await page.setViewportSize({ width: 1280, height: 860 })
  await page.keyboard.type('Welcome!')
  await page.keyboard.press('Control+Enter')
  await eventually(async () => expect(await idsOf('published')).toContain(first))
  const { body } = await program.api<{ reply: { body: string } }>('GET', `/api/comments/${first}`)
  expect(body.reply.body).toBe('Welcome!')
  await page.keyboard.press('b')
  await page.locator('.panel[open] select').first().waitFor()
  expect(await faultsOnScreens(page)).toEqual([])
  await page.setViewportSize({ width: 1280, height: 860 })
  await page.locator('.panel[open]').getByRole('button', { name: 'mark as spam' }).click()
  await eventually(async () => expect(await idsOf('spam')).toEqual([second]))
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  // The keys are about the selection, not about the entry to which the owner has gone on.
  await page.keyboard.press('j')
  await page.keyboard.press('h')
  await eventually(async () => expect(await idsOf('hidden')).toEqual(expect.arrayContaining([third, fourth])))
  expect(await idsOf('held')).toContain(fifth)
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click()
  await eventually(async () => expect(await idsOf('held')).toEqual(expect.arrayContaining([third, fourth])))
  await page.context().close()
})

test('undoing "Publish with this reply" restores the earlier reply, and keeps what was typed', async ({ browser }) => {
  const page = await openQueue(browser)
  const [first = '', second = ''] = await idsOf('held')
  await program.api('PUT', `/api/comments/${second}/reply`, { body: 'Earlier' })
  await page.reload()
  await expect(page.locator('.current')).toHaveCount(1)
  const stateOf = async (id: string) => {
    const { body } = await program.api<{ status: string; reply: { body: string } | null }>('GET', `/api/comments/${id}`)
    return [body.status, body.reply?.body]
  }
  for (const [id, reply] of [
    [first, undefined],
    [second, 'Earlier'],
  ] as const) {
    const card = page.locator(`[id="${id}"]`)
    await card.focus()
    await page.keyboard.press('r')
    await page.locator('textarea:focus').fill('Wrong reply')
    await page.keyboard.press('Control+Enter')
    await eventually(async () => expect(await stateOf(id)).toEqual(['published', 'Wrong reply']))
    await page.keyboard.press('u')
    await eventually(async () => expect(await stateOf(id)).toEqual(['held', reply]))
    await expect(card.locator('textarea')).toHaveValue('Wrong reply')
  }
  await program.api('DELETE', `/api/comments/${second}/reply`)
  await page.context().close()
})

test('a decision right after its undo counts, and a stale page decides nothing', async ({ browser }) => {
  const page = await openQueue(browser)
  const [first = '', second = ''] = await idsOf('held')
  await page.keyboard.press('h')
  await page.keyboard.press('u')
  await page.keyboard.press('s')
  await eventually(async () => expect(await idsOf('spam')).toContain(first))
  await expect(page.locator('.queue .entry').first()).toHaveAttribute('id', second)
  await program.api('PATCH', `/api/comments/${second}`, { status: 'published' })
  await page.locator('.queue .entry').first().focus()
  await page.keyboard.press('h')
  await expect(page.locator('.toast.bad')).toContainText('Not saved')
  expect(await idsOf('published')).toContain(second)
  for (const id of [first, second]) await program.api('PATCH', `/api/comments/${id}`, { status: 'held' })
  await page.context().close()
})

test('in the list of all entries, the numbers follow, and decisions about one or several are undone', async ({
  browser,
}) => {
  const page = await openQueue(browser)
  const [first = '', second = '', third = ''] = await idsOf('held')
  await program.api('PATCH', `/api/comments/${second}`, { status: 'published' })
  await page.goto('/admin/comments?status=all')
  await expect(page.locator('.current')).toHaveCount(1)
  const held = page.locator('[data-count="held"]')
  const waiting = Number(await held.textContent())
  const statusOf = async (id: string) =>
    (await program.api<{ status: string }>('GET', `/api/comments/${id}`)).body.status
  const expectStatuses = (...statuses: string[]) =>
    eventually(async () => expect(await Promise.all([first, second, third].map(statusOf))).toEqual(statuses))
  await page.locator(`[id="${first}"]`).focus()
  await page.keyboard.press('h')
  await expect(held).toHaveText(String(waiting - 1))
  await expect(page.locator('.rail a .number')).toHaveText(String(waiting - 1))
  await expect(page.locator(`[id="${first}"] [value="publish"]`).first()).toBeVisible()
  await expectStatuses('hidden', 'published', 'held')
  await page.keyboard.press('u')
  await expect(held).toHaveText(String(waiting))
  await expectStatuses('held', 'published', 'held')
  for (const id of [first, second, third]) await page.locator(`[id="${id}"] [name="ids"]`).check()
  await page.locator('.bulk').getByRole('button', { name: 'Hide' }).click()
  await expectStatuses('hidden', 'hidden', 'hidden')
  await expect(held).toHaveText(String(waiting - 2))
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click()
  await expectStatuses('held', 'published', 'held')
  await expect(held).toHaveText(String(waiting))
  await program.api('PATCH', `/api/comments/${second}`, { status: 'held' })
  await page.context().close()
})

test('a decision about several that leaves some out says how many it changed, and can be undone', async ({
  browser,
}) => {
  const page = await openQueue(browser)
  const ids = (await idsOf('held')).slice(0, 3)
  for (const id of ids) await page.locator(`[id="${id}"] [name="ids"]`).check()
  await program.api('PATCH', `/api/comments/${ids[0]}`, { status: 'spam' })
  await page.locator('.bulk').getByRole('button', { name: 'Hide' }).click()
  await expect(page.locator('.toast.bad')).toContainText(/^2 entries/)
  expect(await idsOf('hidden')).toEqual(expect.arrayContaining(ids.slice(1)))
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click()
  await eventually(async () => expect(await idsOf('held')).toEqual(expect.arrayContaining(ids.slice(1))))
  await program.api('PATCH', `/api/comments/${ids[0]}`, { status: 'held' })
  await page.context().close()
})

test('the menu gets its number when the first entry starts to wait', async ({ browser }) => {
  const page = await openQueue(browser)
  const held = await idsOf('held')
  for (const id of held) await program.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
  await page.goto('/admin/comments?status=hidden')
  await expect(page.locator('.current')).toHaveCount(1)
  const number = page.locator('.rail a .number')
  await expect(number).toHaveCount(0)
  const back = page.locator('.entry').first()
  await back.locator('summary', { hasText: '⋯' }).click()
  await back.getByRole('button', { name: 'Back to waiting' }).click()
  await expect(number).toHaveText('1')
  await expect(number).toBeVisible()
  await page.keyboard.press('u')
  await expect(number).toBeHidden()
  for (const id of held) await program.api('PATCH', `/api/comments/${id}`, { status: 'held' })
  await page.context().close()
})

test('the buttons for many entries wait until something is selected', async ({ browser }) => {
  const page = await openQueue(browser)
  const hide = page.locator('.bulk').getByRole('button', { name: 'Hide' })
  await expect(hide).toBeDisabled()
  const before = await idsOf('held')
  await hide.click({ force: true })
  await expect(page.locator('body > .toast')).toHaveText('')
  const box = page.locator('.entry [name="ids"]').first()
  await box.check()
  await expect(hide).toBeEnabled()
  await box.uncheck()
  await expect(hide).toBeDisabled()
  expect(await idsOf('held')).toEqual(before)
  await page.context().close()
})

test('a queue that stays open says what has come since, and leaves the owner where they are', async ({ browser }) => {
  const page = await openQueue(browser)
  await page.clock.install()
  await page.goto('/admin/comments?status=held')
  await expect(page.locator('.current')).toHaveCount(1)
  const shown = () => page.locator('.queue .entry').evaluateAll((entries) => entries.map(({ id }) => id))
  const before = await shown()
  const waiting = (await idsOf('held')).length
  await page.keyboard.press('j')
  await page.keyboard.press('r')
  await expect(page.locator('textarea:focus')).toBeVisible()
  await page.keyboard.type('Half a reply')
  const place = () => page.locator('textarea:focus').boundingBox()
  const placeBefore = await place()
  const news = page.locator('.news')
  const look = async () => {
    const looked = page.waitForResponse(/comments\?status=held/)
    await page.clock.runFor(25_000)
    await (await looked).finished()
  }
  await look()
  await expect(news).toHaveText('')
  const { body: late } = await program.api<{ id: string }>('POST', '/api/comments', { name: 'Late', body: 'Hello' })
  await program.api('PATCH', `/api/comments/${late.id}`, { status: 'held' })
  await look()
  await expect(news).toHaveText('1 new entry waits. Show it')
  await expect(page.locator('.rail a .number')).toHaveText(String(waiting + 1))
  expect(await shown()).toEqual(before)
  expect(await place()).toEqual(placeBefore)
  await expect(page.locator('textarea:focus')).toHaveValue('Half a reply')
  expect(await faultsOnScreens(page)).toEqual([])
  await news.getByRole('link').click()
  await expect(page.locator('.queue .entry').first()).toHaveAttribute('id', late.id)
  await expect(news).toHaveText('')
  await program.api('PATCH', `/api/comments/${late.id}`, { status: 'hidden' })
  await page.context().close()
})

test('a queue can begin with the oldest entry: keys, undo and news work as in the other order', async ({ browser }) => {
  const page = await openQueue(browser)
  await page.clock.install()
  await page.getByRole('link', { name: 'Oldest first' }).click()
  await expect(page.getByRole('link', { name: 'Newest first' })).toBeVisible()
  await expect(page.locator('.current')).toHaveCount(1)
  const oldest = (await idsOf('held')).toReversed()
  const [first = '', second = ''] = oldest
  const shown = () => page.locator('.queue .entry').evaluateAll((entries) => entries.map(({ id }) => id))
  expect(await shown()).toEqual(oldest.slice(0, 60))
  await page.keyboard.press('h')
  await eventually(async () => expect(await idsOf('held')).not.toContain(first))
  expect(await focused(page)).toBe(second)
  await page.keyboard.press('u')
  await expect(page.locator('.queue .entry').first()).toHaveAttribute('id', first)
  await eventually(async () => expect(await idsOf('held')).toContain(first))
  const look = async () => {
    const looked = page.waitForResponse(/comments\?status=held/)
    await page.clock.runFor(25_000)
    await (await looked).finished()
  }
  await look()
  const news = page.locator('.news')
  await expect(news).toHaveText('')
  const { body: late } = await program.api<{ id: string }>('POST', '/api/comments', { name: 'Late', body: 'Hello' })
  await program.api('PATCH', `/api/comments/${late.id}`, { status: 'held' })
  await look()
  await expect(news).toHaveText('1 new entry waits. Show it')
  await program.api('PATCH', `/api/comments/${late.id}`, { status: 'hidden' })
  await page.context().close()
})

test('a search marks what it has found in the texts of entries', async ({ browser }) => {
  const page = await openQueue(browser)
  await page.goto('/admin/comments?status=held&q=SHORT+text')
  await expect(page.locator('.current')).toHaveCount(1)
  const found = () =>
    page.evaluate(() => [...(CSS.highlights.get('found') ?? [])].map((range) => (range as Range).toString()))
  const cards = await page.locator('.queue .entry').count()
  expect(await found()).toEqual(Array.from({ length: cards }, () => 'short text'))
  await page.context().close()
})

test('undo goes back step by step after its message is gone, and says when there is nothing left', async ({
  browser,
}) => {
  const page = await openQueue(browser)
  await page.clock.install()
  await page.reload()
  await expect(page.locator('.current')).toHaveCount(1)
  await page.keyboard.press('u')
  await expect(page.locator('.toast')).toContainText('Nothing is left to undo')
  const [first = '', second = ''] = await idsOf('held')
  const hidden = await idsOf('hidden')
  await page.keyboard.press('h')
  await page.keyboard.press('h')
  await eventually(async () => expect(await idsOf('hidden')).toEqual(expect.arrayContaining([first, second])))
  await page.clock.runFor(60_000)
  await expect(page.locator('.toast')).toHaveText('')
  await page.keyboard.press('u')
  expect(await focused(page)).toBe(second)
  await page.keyboard.press('u')
  expect(await focused(page)).toBe(first)
  await eventually(async () => expect((await idsOf('hidden')).toSorted()).toEqual(hidden.toSorted()))
  await page.context().close()
})

test('an entry that was decided about goes back to waiting', async ({ browser }) => {
  const page = await openQueue(browser, false)
  const [first = ''] = await idsOf('held')
  await program.api('PATCH', `/api/comments/${first}`, { status: 'hidden' })
  await page.goto('/admin/comments?status=hidden')
  await page.locator(`[id="${first}"] summary`, { hasText: '⋯' }).click()
  await page.locator(`[id="${first}"]`).getByRole('button', { name: 'Back to waiting' }).click()
  await expect(page.locator('.toast')).toContainText('moved to Waiting')
  expect(await idsOf('held')).toContain(first)
  await page.context().close()
})

test('without scripts, a decision leads to the next entry, and can be undone there', async ({ browser }) => {
  const page = await openQueue(browser, false)
  const [first = '', second = ''] = await idsOf('held')
  await page.locator(`[id="${first}"]`).getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(page).toHaveURL(new RegExp(`#${second}$`))
  expect(await idsOf('published')).toContain(first)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.locator(`[id="${first}"]`)).toBeVisible()
  expect(await idsOf('held')).toContain(first)
  await page.context().close()
})

test('a card without a picture has its box at the end, and what is below the name at its start', async ({
  browser,
}) => {
  await program.api('POST', '/api/books', { slug: 'plain', title: 'Plain', avatars: 'none' })
  const { body } = await program.api<{ id: string }>('POST', '/api/comments', { book: 'plain', name: 'Al', body: 'Hi' })
  await program.api('PATCH', `/api/comments/${body.id}`, { status: 'held' })
  const page = await openQueue(browser)
  const placesOf = (card: Locator) =>
    card.evaluate((article) => {
      const [head, name, box, facts] = ['header', 'h3', '[name="ids"]', 'header > p'].map((one) =>
        article.querySelector(one)?.getBoundingClientRect()
      )
      const fromEnd = Math.round((head?.right ?? 0) - (box?.right ?? 0))
      return { fromEnd, isBelow: name?.left === facts?.left, start: (name?.left ?? 0) - (head?.left ?? 0) }
    })
  const plain = await placesOf(page.locator(`[id="${body.id}"]`))
  const other = await placesOf(page.locator('.entry:has(.avatar)').first())
  expect(plain).toEqual({ ...other, isBelow: true, start: 0 })
  expect([other.isBelow, other.start > 0]).toEqual([true, true])
  await page.context().close()
})

test('a book with a long title fits a phone', async ({ browser }) => {
  const title = "The Wonderful Guestbook of Anna and Peter's Summer Garden"
  await program.api('PATCH', '/api/books/main', { title })
  await program.api('POST', '/api/books', { slug: 'long', title: 'Wonderful'.repeat(7).slice(0, 60) })
  const page = await openQueue(browser)
  for (const width of [360, 768]) {
    await page.setViewportSize({ width, height: 740 })
    for (const path of ['comments', 'books', 'bans', 'moving']) {
      await page.goto(`/admin/${path}`)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      expect([path, wide]).toEqual([path, width])
    }
  }
  await page.context().close()
})
