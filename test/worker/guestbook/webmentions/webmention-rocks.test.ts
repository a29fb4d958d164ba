import { beforeEach, describe, expect, it } from 'vitest'
import { later } from '../../../support/fixtures'
import { withoutModeration } from '../../../support/session'
import { BASE, World } from '../../../support/world'
import { aPage, entries, HOUR, mention, passes, post, send, TARGET } from './site'

beforeEach(async () => {
  await withoutModeration(new World())
})

/*
 * The cases of https://webmention.rocks that concern receivers, played by a page on this machine. The discovery cases
 * test senders; ours is that a sender who follows them finds the endpoint.
 */

describe('webmention.rocks', () => {
  it('discovery: the endpoint is found by the header, by the element, and from the URL of the page', async () => {
    const response = await new World().request('/')
    const header = /<([^>]*)>; rel="webmention"/.exec(response.headers.get('Link') ?? '')?.[1] ?? ''
    const element = /<(?:link|a)[^>]*rel="webmention"[^>]*href="([^"]*)"/.exec(await response.text())?.[1] ?? ''
    expect([header, element].map((href) => new URL(href, TARGET).href)).toEqual(Array(2).fill(`${BASE}/webmention`))
    const head = await new World().request('/', { method: 'HEAD' })
    expect(head.headers.get('Link')).toBe(response.headers.get('Link'))
  })

  it('receiver 1: a webmention is accepted as a form with 202, and checked later', async () => {
    const world = new World()
    const page = await aPage(post('Hello'))
    expect((await send(world, page.url)).status).toBe(202)
    expect(await page.fetches()).toBe(0)
    await world.drain()
    expect(await entries(world)).toHaveLength(1)
  })

  it('receiver 2: a source with the link only in a comment is not shown', async () => {
    const world = new World()
    await mention(world, (await aPage(`<p>Nothing</p><!-- <a href="${TARGET}">x</a> -->`)).url)
    expect(await entries(world)).toEqual([])
  })

  it('update 1: the entry is updated when the source is sent again with another text', async () => {
    const world = new World()
    const page = await aPage(post('One'))
    await mention(world, page.url)
    await passes(HOUR)
    await page.serve(post('Two'))
    await mention(world, page.url)
    expect(await entries(world)).toMatchObject([{ body: 'Two Sign it!' }])
  })

  it('update 2: one source can announce a second target, and both are kept', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'b', title: 'B', moderation: 'none' })
    const page = await aPage(post('One'))
    await mention(world, page.url)
    await passes(HOUR)
    await page.serve(post('One', { more: `<a href="${BASE}/b/b">B</a>` }))
    for (const target of [TARGET, `${BASE}/b/b`]) await send(world, page.url, target)
    await world.drain()
    expect(await entries(world)).toHaveLength(1)
    expect(await entries(world, 'published', 'b')).toHaveLength(1)
  })

  it('update 3: the entry is removed when the link is removed, and stays for the target that is still linked', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'b', title: 'B', moderation: 'none' })
    const targets = [TARGET, `${BASE}/b/b`]
    const page = await aPage(post('One', { more: `<a href="${BASE}/b/b">B</a>` }))
    for (const target of targets) await send(world, page.url, target)
    await world.drain()
    await passes(HOUR)
    await page.serve(post('One', { target: `${BASE}/b/b` }))
    for (const target of targets) await send(world, page.url, target)
    await world.drain()
    expect(await entries(world)).toEqual([])
    expect(await entries(world, 'published', 'b')).toHaveLength(1)
  })

  it.each([410, 404])('delete: the entry is removed when the source returns %i', async (status) => {
    const world = new World()
    const page = await aPage(post('Hello'))
    await mention(world, page.url)
    await passes(HOUR)
    await page.serve({ status, body: post('Hello') })
    await mention(world, page.url)
    // A 404 may be a mistake, so it must last.
    expect(await entries(world)).toHaveLength(status === 404 ? 1 : 0)
    await passes(HOUR)
    await world.sweep(later(0))
    await world.drain()
    expect(await entries(world)).toEqual([])
  })
})
