import { describe, expect, it } from 'vitest'
import { EN } from '../../../../src/guestbook/rules/languages/en'
import { letPass } from '../../../support/clock'
import { aComment } from '../../../support/fixtures'
import { guestBrowser, withModeration } from '../../../support/session'
import { World } from '../../../support/world'

const DAY = 24 * 60 * 60_000

const textOf = async (response: Response | Promise<Response>) => (await response).text()
const editOf = (html: string) => /href="(\/comments\/cmt_\w+\/edit)"/.exec(html)?.[1] ?? ''

async function aWaiting(fields: Record<string, string> = {}) {
  const world = await withModeration(new World())
  await aComment(world, { body: 'An older entry' })
  const browser = guestBrowser(world)
  await browser.sign({ name: 'Wanda', body: 'It waits', ...fields })
  return { world, browser }
}

describe('an entry that waits', () => {
  it('is shown to its author in its place, after each reload, with a way to change it', async () => {
    const { browser } = await aWaiting()
    for (const path of ['/?signed=held', '/', '/']) {
      const html = await textOf(browser.get(path))
      expect(html).toMatch(/<article class="entry h-entry waiting"/)
      expect(html.indexOf('It waits')).toBeLessThan(html.indexOf('An older entry'))
      expect(html).toContain(EN.only_you)
      expect((await browser.get(editOf(html))).status).toBe(200)
    }
  })

  it('is shown to its end, because it has no page of its own yet', async () => {
    const { browser } = await aWaiting({ body: `${'long '.repeat(700)}end` })
    const html = await textOf(browser.get('/'))
    expect(html).toContain('long end')
    expect(html).not.toContain(EN.read_on)
  })

  it('needs no link in the notice right above it, but one from further up', async () => {
    const { world, browser } = await aWaiting()
    const links = async () => {
      const html = await textOf(browser.get('/?signed=held'))
      const [notice = ''] = /<p class="notice good held"[\s\S]*?<\/p>/.exec(html) ?? []
      return [notice.includes(EN.thanks_held), notice.includes('<a ')]
    }
    expect(await links()).toEqual([true, false])
    await aComment(world, { body: 'A newer entry' })
    expect(await links()).toEqual([true, true])
  })

  it('is in no page of anybody else, whoever asks first, and no cache keeps the page of its author', async () => {
    const { world, browser } = await aWaiting()
    const before = await world.request('/')
    const own = await browser.get('/')
    expect(own.headers.get('Cache-Control')).toBe('no-store')
    expect(own.headers.get('ETag')).toBeNull()
    expect(await own.text()).toContain('It waits')
    const tag = before.headers.get('ETag') ?? ''
    expect(await before.text()).not.toContain('It waits')
    for (const path of ['/', '/b/main', '/?page=1', '/embed/main', '/export.html', '/feed.atom', '/api/comments']) {
      for (const reader of [world, new World()]) expect(await textOf(reader.request(path))).not.toContain('It waits')
    }
    // A browser that had the page before it signed does not keep that one.
    expect((await browser.get('/', { 'If-None-Match': tag })).status).toBe(200)
    const stranger = guestBrowser(world)
    await stranger.sign({ body: 'Another one waits' })
    const theirs = await textOf(stranger.get('/'))
    expect([theirs.includes('Another one waits'), theirs.includes('It waits')]).toEqual([true, false])
  })

  it('does not show its author a reply that the owner has not published yet', async () => {
    const { world, browser } = await aWaiting()
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/comments?status=held')
    await world.api('PUT', `/api/comments/${body.data[0]?.id}/reply`, { body: 'A draft' })
    const html = await textOf(browser.get('/'))
    expect([html.includes('It waits'), html.includes('A draft')]).toEqual([true, false])
  })

  it('looks the same if it is spam, so that bots learn nothing', async () => {
    const { browser } = await aWaiting({ homepage: 'https://spam.example' })
    expect(await textOf(browser.get('/'))).toContain(EN.only_you)
  })

  it('is shown like any other once it is approved, and not at all once it is hidden or private', async () => {
    const { world, browser } = await aWaiting()
    await browser.sign({ body: 'For the owner', is_private: 'on' })
    const html = await textOf(browser.get('/'))
    expect(html).not.toContain('For the owner')
    const id = editOf(html).split('/')[2]
    await world.api('PATCH', `/api/comments/${id}`, { status: 'published' })
    const approved = await textOf(browser.get('/'))
    expect(approved).not.toContain(EN.only_you)
    // Once its author cannot change it any more, the page is that of everybody.
    expect(editOf(approved)).toContain(id)
    letPass(15 * 60_000)
    const later = await browser.get('/')
    expect(later.headers.get('ETag')).toMatch(/^W/)
    expect(editOf(await later.text())).toBe('')
    await world.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
    expect(await textOf(browser.get('/'))).not.toContain('It waits')
  })

  it('can be changed and is shown for a day, although a published one can be changed for 15 minutes', async () => {
    const { browser } = await aWaiting()
    const path = editOf(await textOf(browser.get('/')))
    letPass(DAY - 60_000)
    expect(await textOf(browser.get('/'))).toContain('It waits')
    const saved = await browser.post(path, { name: 'Wanda', body: 'It waits, and was changed' })
    expect(saved.status).toBe(303)
    expect(await textOf(browser.get(saved.headers.get('Location')?.split('#')[0] ?? ''))).toContain('was changed')
    letPass(2 * 60_000)
    expect(await textOf(browser.get('/'))).not.toContain('It waits')
    expect((await browser.get(path)).status).toBe(403)
  })
})

describe('thanks', () => {
  it('lead nowhere if nobody can see the entry: a private one that was changed, or one that the owner has hidden', async () => {
    const { world, browser } = await aWaiting()
    const waiting = editOf(await textOf(browser.get('/')))
    await browser.sign({ body: 'For the owner', is_private: 'on' })
    const hidden = editOf(await textOf(browser.get('/?signed=private')))
    await world.api('PATCH', `/api/comments/${waiting.split('/')[2]}`, { status: 'hidden' })
    const locations: string[] = []
    for (const path of [waiting, hidden]) {
      const saved = await browser.post(path, { name: 'Wanda', body: `Changed ${path}` })
      const location = saved.headers.get('Location')?.split('#')[0] ?? ''
      locations.push(location.split('&')[0] ?? '')
      const html = await textOf(browser.get(location))
      expect([html.includes(EN.to_entry), editOf(html)]).toEqual([false, path])
    }
    expect(locations).toEqual(['/?signed=edited', '/?signed=private'])
  })

  it('offer no entry of another book', async () => {
    const { world, browser } = await aWaiting()
    await world.api('POST', '/api/books', { slug: 'other', title: 'Other' })
    expect(editOf(await textOf(browser.get('/b/other?signed=held')))).toBe('')
  })

  it('lead to the entry: on this page, or on its own', async () => {
    const { world, browser } = await aWaiting()
    await aComment(world, { body: 'A newer entry' })
    const held = await textOf(browser.get('/?signed=held'))
    const id = editOf(held).split('/')[2]
    expect(held).toMatch(new RegExp(`id="thanks".*href="#${id}"`, 's'))
    const other = await textOf(browser.get(`/?signed=edited&entry=${id}&before=${id}`))
    expect(other).toContain(`href="/?entry=${id}"`)
  })
})
