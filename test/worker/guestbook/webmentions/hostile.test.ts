import { beforeEach, describe, expect, it, vi } from 'vitest'
import { fetchSource } from '../../../../src/guestbook/webmentions/fetch-source'
import { readHtml } from '../../../../src/guestbook/webmentions/read-html'
import { utf8 } from '../../../../src/kit/lib/bytes'
import { mailbox } from '../../../support/fixtures'
import { withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'
import { aPage, entries, mention, post, rows, TARGET } from './site'

beforeEach(async () => {
  await withoutModeration(new World())
})

const LOCAL = { ownHosts: [], allowLocal: true }
const LINK = `<a href="${TARGET}">x</a>`
const read = (html: string) => readHtml(utf8(html), 'https://ada.example/', [TARGET])

describe('fetching a source', () => {
  it('ends at the deadline, whether the page hangs, drips or redirects to itself', async () => {
    const box = mailbox()
    const loop = await aPage('')
    await loop.serve({ status: 302, headers: { Location: loop.url } })
    expect(await fetchSource(box.url('hang'), LOCAL, { deadlineMs: 100 })).toMatchObject({
      state: 'failed',
      reason: 'deadline',
    })
    expect(await fetchSource(box.url('drip'), LOCAL, { deadlineMs: 100 })).toMatchObject({
      state: 'failed',
      reason: 'deadline',
    })
    expect(await fetchSource(loop.url, LOCAL)).toMatchObject({ reason: 'too_many_redirects', isFinal: false })
    expect(await loop.fetches()).toBe(6)
  })

  it('reads at most 500,000 bytes', async () => {
    const endless = await fetchSource(mailbox().url('endless'), LOCAL)
    expect(endless).toMatchObject({ state: 'page', body: { length: 500_000 } })
    const world = new World()
    const page = await aPage(`${' '.repeat(500_000)}${LINK}`)
    await mention(world, page.url)
    expect(await rows()).toMatchObject([{ reason: 'not_linked' }])
  })

  it('reports what the other site does wrong', async () => {
    const box = mailbox()
    const reasons: [behavior: string, reason: string][] = [
      ['close', 'connection_lost'],
      ['half-answer', 'connection_lost'],
      ['status/500', 'http_500'],
      ['status/403', 'http_403'],
      ['status/304', 'http_304'],
    ]
    for (const [behavior, reason] of reasons) {
      expect([behavior, await fetchSource(box.url(behavior), LOCAL)]).toMatchObject([behavior, { reason }])
    }
    expect(await fetchSource(box.url('status/410'), LOCAL)).toEqual({ state: 'gone', isSure: true })
    expect(await fetchSource(box.url('status/404'), LOCAL)).toEqual({ state: 'gone', isSure: false })
  })

  it('never reaches a private network, not even by a redirect', async () => {
    const world = new World()
    const page = await aPage(post('Hello'))
    await mention(world, page.url)
    const hidden = await aPage('')
    for (const to of ['http://169.254.169.254/', 'https://10.0.0.1/', 'https://printer.local/', 'ftp://ada.example/']) {
      await hidden.serve({ status: 302, headers: { Location: to } })
      expect(await fetchSource(hidden.url, LOCAL)).toEqual({ state: 'failed', reason: 'blocked', isFinal: true })
    }
    // In production, the address of this machine is refused, too.
    expect(await fetchSource(page.url, { ...LOCAL, allowLocal: false })).toMatchObject({ reason: 'blocked' })
    expect(await fetchSource(TARGET, { ownHosts: ['guestbook.example.com'], allowLocal: true })).toMatchObject({
      reason: 'blocked',
    })
  })
})

describe('a page that is no text', () => {
  it.each(['image/png', 'video/mp4', 'application/octet-stream'])('is not read: %s', async (type) => {
    const world = new World()
    const page = await aPage('')
    await page.serve({ body: post('Hello'), headers: { 'Content-Type': type } })
    await mention(world, page.url)
    expect(await rows()).toMatchObject([{ reason: 'not_linked' }])
    expect(await fetchSource(page.url, LOCAL)).toMatchObject({ state: 'page', body: { length: 0 } })
  })
})

describe('a long page', () => {
  const filler = '<p>Some <a href="https://other.example/">words</a>.</p>\n'.repeat(6_000)

  it.each(['', '<script>const x = "<"</script>'])('is read around its link, with its title: %s', async (before) => {
    const entry = `<div class="h-entry"><p class="p-author h-card">Ada</p><p class="e-content">Hello ${LINK}</p></div>`
    const html = `<title>A title</title>${before}${filler}${entry}${filler}`
    expect(html.length).toBeGreaterThan(500_000)
    const { links, page } = await read(html)
    expect([...links]).toEqual([TARGET])
    expect(page).toMatchObject({ title: 'A title', author_name: 'Ada', text: 'Hello x' })
  })

  it('is not parsed if it does not contain the host', async () => {
    const parse = vi.spyOn(HTMLRewriter.prototype, 'transform')
    expect((await read(filler)).links.size).toBe(0)
    expect(parse).not.toHaveBeenCalled()
    parse.mockRestore()
  })
})

describe('a hostile page', () => {
  it('is read as far as possible, and costs a limited number of calls', async () => {
    const pages: Record<string, [html: string, isLinked: boolean]> = {
      'unclosed tags': [`<div class="h-entry"><p class="e-content">Hello ${LINK}<b><i><li>`, true],
      'an unclosed attribute': [`<a href="${TARGET}`, false],
      '10,000 nested elements': [`${'<div>'.repeat(10_000)}${LINK}`, true],
      '10,000 nested entries': [`${'<div class="h-entry p-name">'.repeat(10_000)}${LINK}`, true],
      'more elements than the parser can hold': [`${'<b>'.repeat(300_000)}${LINK}`, false],
      'a huge attribute': [`<a class="${'h-card '.repeat(100_000)}" title="${'x'.repeat(200_000)}">${LINK}`, true],
      'a huge number of attributes': [`<a ${'a=b '.repeat(100_000)}>${LINK}`, true],
      'a huge number of links': [`<a href="${TARGET}x"></a>`.repeat(20_000) + LINK, false],
      'a huge text': [`<p class="h-entry"><b class="p-name">${'word &amp; '.repeat(90_000)}</b>${LINK}`, true],
      'a huge address': [`<a href="${TARGET}${'x'.repeat(900_000)}">x</a>${LINK}`, true],
      'end tags without start tags': [`${'</div></p></article>'.repeat(10_000)}${LINK}`, true],
      'broken bytes': [`\u0000<\u0000a>\u0000</\u0000><!-- <a href="${TARGET}"> --!>${LINK}`, true],
      nothing: ['', false],
    }
    for (const [name, [html, isLinked]] of Object.entries(pages)) {
      const { links, page } = await read(html)
      expect([name, links.has(TARGET)]).toEqual([name, isLinked])
      expect(JSON.stringify(page).length).toBeLessThan(20_000)
    }
  })

  it('becomes an entry without controls, with bounded marks, and no longer than a summary', async () => {
    const world = new World()
    const text = `\u202Eevil\u0000\u0007&#8238;&#7; ${'a\u0301'.repeat(3)}${'\u0301'.repeat(500)} ${'long '.repeat(500)}`
    const page = await aPage(
      `<div class="h-entry"><p class="p-author h-card">\u2066${'Eve '.repeat(100)}</p>
       <a class="u-url" href="javascript:alert(1)">x</a><div class="e-content">${text}${LINK}</div></div>`
    )
    await mention(world, page.url)
    const [entry] = await entries(world)
    expect(entry?.body).toMatch(/^evil ááá\u0301{29} long .*…$/)
    expect([...(entry?.body ?? '')].length).toBeLessThanOrEqual(500)
    expect(entry?.name).toMatch(/^Eve Eve .*…$/)
    expect(entry?.website).toBe(page.url)
    const html = await (await world.request('/')).text()
    for (const bad of ['\u0000', '\u0007', '\u202E', 'javascript:']) expect(html).not.toContain(bad)
  })

  it('has its markup shown as text', async () => {
    const world = new World()
    const page = await aPage(post('&lt;script&gt;alert(1)&lt;/script&gt;<script>alert(2)</script>'))
    await mention(world, page.url)
    const [entry] = await entries(world)
    expect(entry?.body).toBe('<script>alert(1)</script> Sign it!')
    expect(await (await world.request('/')).text()).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })
})
