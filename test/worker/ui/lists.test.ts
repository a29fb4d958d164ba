import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { anEndpoint } from '../../support/fixtures'
import { ownerBrowser } from '../../support/session'
import { aSource, post } from '../../support/sources'
import { World } from '../../support/world'

type OwnersBrowser = Awaited<ReturnType<typeof ownerBrowser>>

/** @returns the links above a list: where each leads, by its text, and which are set */
async function chips(browser: OwnersBrowser, path: string) {
  const html = await (await browser.get(path)).text()
  const found = [...html.matchAll(/<a class="chip" href="([^"]*)"( aria-current="true")?[^>]*>(.*?)<\/a>/g)]
  const textOf = (inner: string) => inner.replace(/<[^>]*>/g, '').replace(' ✕', '')
  return {
    html,
    href: Object.fromEntries(
      found.map(([, href = '', , inner = '']) => [textOf(inner), href.replaceAll('&amp;', '&')])
    ),
    set: found.filter(([, , isSet]) => isSet).map(([, , , inner = '']) => textOf(inner)),
  }
}

const rowsIn = (html: string) => html.match(/<tbody[^>]*>(.*?)<\/tbody>/s)?.[1]?.match(/<tr>/g)?.length ?? 0

describe('the filter above a list', () => {
  it('sets a range and a source with one click each, and removes them the same way', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const github = await aSource(world, 'unsigned', { name: 'GitHub' })
    const other = await aSource(world, 'unsigned', { name: 'Other' })
    await post(world, github.path, '{"type":"push"}')
    await post(world, other.path, '{"type":"ping"}')
    await world.drain()
    const all = await chips(browser, '/admin/inbound')
    expect([rowsIn(all.html), all.set]).toEqual([2, []])
    const links = Object.keys(all.href)
    expect(links.slice(0, 4)).toEqual(['Last hour', 'Last day', 'Last week', expect.stringContaining('Other times')])
    const one = await chips(browser, all.href.GitHub ?? '')
    expect([rowsIn(one.html), one.set]).toEqual([1, ['GitHub']])
    const hour = await chips(browser, one.href['Last hour'] ?? '')
    expect([rowsIn(hour.html), hour.set]).toEqual([1, ['Last hour', 'GitHub']])
    expect(await chips(browser, hour.href.GitHub ?? '')).toMatchObject({ set: ['Last hour'] })
    await env.DB.prepare(`update inbound_messages set id = replace(id, 'in_01', 'in_00')`).run()
    expect(rowsIn((await chips(browser, '/admin/inbound?range=week')).html)).toBe(0)
  })

  it.each(['/admin/messages', '/admin/access/audit', '/admin/inbound'])(
    'of %s has ranges, and shows a time of its own as a time',
    async (path) => {
      const browser = await ownerBrowser(new World())
      const { html, href, set } = await chips(browser, `${path}?range=day&since=2026-11-24T09:30`)
      expect(Object.keys(href)).toEqual(expect.arrayContaining(['Last hour', 'Last day', 'Last week']))
      expect(set).toEqual(['From 24 Nov 2026, 09:30 UTC'])
      expect(html).toContain('<time datetime="2026-11-24T09:30:00.000Z">')
    }
  )

  it('of deliveries stays at its place, and keeps a range when other fields are sent', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, 'https://example.com/')
    const browser = await ownerBrowser(world)
    const { html, href, set } = await chips(browser, `/admin/endpoints/${id}?range=day&type=comment.*`)
    expect(set).toEqual(['Last day', 'attempted', 'Event type: comment.*'])
    expect(href['Last day']).toBe(`/admin/endpoints/${id}?type=comment.*#deliveries`)
    expect(html.includes('type="hidden" name="range" value="day"')).toBe(true)
  })

  it('has the numbers of the pages that lead to this one', async () => {
    const world = new World()
    for (let i = 0; i < 45; i++) await world.api('POST', '/api/messages', { type: `n.${i}`, data: {} })
    const browser = await ownerBrowser(world)
    let at = '/admin/messages'
    const numbers: string[][] = []
    for (let page = 0; page < 3; page++) {
      const html = await (await browser.get(at)).text()
      numbers.push(
        [...html.matchAll(/aria-label="Page (\d+)"|aria-current="page">(\d+)</g)].map(([, a, b]) => a ?? `${b}`)
      )
      at = /rel="next" href="([^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? at
    }
    expect(numbers).toEqual([['1'], ['1', '2'], ['1', '2', '3']])
  })
})
