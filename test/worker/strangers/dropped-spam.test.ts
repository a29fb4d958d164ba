import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { formStamp } from '../../../src/guestbook/signing/form-stamp'
import { dayOf } from '../../../src/kit/lib/time'
import { guestBrowser, withModeration } from '../../support/session'
import { World } from '../../support/world'

/* What the author of spam learns, whether the entry was stored or dropped because the day's spam is full. */

/** @returns a text without what differs between any two entries */
const comparable = (text: string) =>
  text
    .replace(/cmt_\w{26}|edit_[\w.-]+/g, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|\d{1,2} \w{3} \d{4}, \d\d:\d\d UTC/g, 'TIME')
    .replace(/"request_id":"[^"]*"/g, 'REQUEST')
    .replace(/name="(stamp|edited_at)" value="[^"]*"/g, '$1')
    .replace(/Text \d+/g, 'TEXT')

async function answerOf(response: Response): Promise<unknown[]> {
  const { status, headers } = response
  return [status, comparable(headers.get('Location') ?? ''), comparable(await response.text())]
}

let texts = 0
const text = (more = '') => `Text ${++texts} casino${more}`

/** Everything that a program can do with its entry. */
async function byProgram(world: World): Promise<unknown[]> {
  const send = (method: string, path: string, body?: object, token?: string) =>
    world.request(path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    })
  const signed = await send('POST', '/api/comments', { name: 'Mallory', body: text(), website: 'a.example' })
  const { id, edit_token } = await signed.clone().json<{ id: string; edit_token: string }>()
  const path = `/api/comments/${id}`
  const answers = [
    signed,
    await send('PATCH', path, { body: text(' again') }, edit_token),
    await send('PATCH', path, { name: '' }, edit_token),
    await send('PATCH', path, { body: text(), edited_at: null }, edit_token),
    await send('PATCH', path, { name: 'Eve', body: text(' and again'), website: null, pre: true }, edit_token),
    await send('GET', path),
    await send('DELETE', path, undefined, edit_token),
    await send('PATCH', path, { body: text() }, edit_token),
    await send('DELETE', path, undefined, edit_token),
  ]
  return Promise.all(answers.map(answerOf))
}

/** Everything that a browser can do with its entry. */
async function byBrowser(world: World): Promise<unknown[]> {
  const browser = guestBrowser(world)
  const stamp = await formStamp(world.env, 'main', Date.now() - 10_000)
  const body = text()
  const sign = (said: string, more = {}) => browser.post('/sign', { name: 'Mallory', body: said, stamp, ...more })
  const signed = await sign(body)
  const page = await browser.get('/?signed=held')
  const [path = ''] = /\/comments\/cmt_\w{26}(?=\/edit)/.exec(await page.clone().text()) ?? []
  const answers = [
    signed,
    page,
    await sign(body),
    await sign(text(' in the same form')),
    await browser.get('/'),
    await browser.get(`${path}/edit`),
    await browser.post(`${path}/edit`, { name: 'Mallory', body: text(' changed') }),
    await browser.get('/?signed=edited_held'),
    await browser.post(`${path}/edit`, { name: '', body: text() }),
    await browser.post(`${path}/delete?book=main`),
    await browser.post(`${path}/delete?book=main`),
    await browser.get('/'),
  ]
  return Promise.all(answers.map(answerOf))
}

it.each([
  ['a program', byProgram],
  ['a browser', byBrowser],
])(
  'the author of spam that was dropped learns what the author of spam that was stored learns: %s',
  async (_, learn) => {
    const world = await withModeration(new World())
    world.env.SIGN_LIMIT = { limit: async () => ({ success: true }) }
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
    const stored = await learn(world)
    const isFull = "update books set spam = json_object('day', ?1, 'total', 500, 'bytes', 0, 'kept', 500)"
    await env.DB.prepare(isFull).bind(dayOf(Date.now())).run()
    const rows = () => env.DB.prepare('select count(*) as n from comments').first<number>('n')
    const before = await rows()
    const dropped = await learn(world)
    expect(dropped).toEqual(stored)
    // Something was learned, and nothing was stored.
    expect(JSON.stringify(dropped)).toContain('TEXT casino')
    expect(await rows()).toBe(before)
  }
)

it('spam that was dropped is shown to nobody but its author, and the latest hundred are remembered', async () => {
  const world = await withModeration(new World())
  world.env.SIGN_LIMIT = { limit: async () => ({ success: true }) }
  await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
  const isFull = "update books set spam = json_object('day', ?1, 'total', 500, 'bytes', 0, 'kept', 500)"
  await env.DB.prepare(isFull).bind(dayOf(Date.now())).run()
  const browser = guestBrowser(world)
  await browser.sign({ body: 'A casino of my own' })
  expect(await (await browser.get('/')).text()).toContain('A casino of my own')
  const other = guestBrowser(world)
  await other.sign({ body: 'Another casino' })
  for (const page of [await other.get('/'), await world.request('/')])
    expect(await page.text()).not.toContain('A casino of my own')
  for (const status of ['held', 'hidden', 'spam', 'published'])
    expect((await world.api('GET', `/api/comments?status=${status}`)).body).toMatchObject({ data: [] })
  for (let i = 0; i < 100; i++) await world.api('POST', '/api/comments', { name: 'M', body: `casino ${i}` }, {})
  const later = await browser.get('/')
  expect([later.status, (await later.text()).includes('A casino of my own')]).toEqual([200, false])
})
