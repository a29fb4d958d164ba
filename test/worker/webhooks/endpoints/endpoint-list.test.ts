import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { LAG_MS, STEP_MS } from '../../../../src/owner/rules/stats/periods'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'

/** @returns the ids of the endpoints in the order of the page, and each row */
function rowsOf(html: string) {
  return [...html.matchAll(/<tr><td.*?<\/tr>/gs)].map(([row]) => ({
    id: /\/admin\/endpoints\/(ep_\w+)/.exec(row)?.[1],
    text: row.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '),
    row,
  }))
}

describe('the list of endpoints', () => {
  it('shows the worst first, with the last answer, the success of a day and what waits', async () => {
    const world = new World()
    const bad = await anEndpoint(world, mailbox().url('status/500'))
    const limited = await anEndpoint(world, mailbox().url('retry-after/3600'))
    const good = await anEndpoint(world, mailbox().url(), { description: 'The good one' })
    const off = await anEndpoint(world, `${mailbox().url()}?key=1`, { enabled: false })
    for (let i = 0; i < 6; i++) {
      await aComment(world)
      await world.drain()
    }
    await world.sweep(Math.ceil((Date.now() + 1) / STEP_MS) * STEP_MS + LAG_MS)
    const { get } = await ownerBrowser(world)
    const rows = rowsOf(await (await get('/admin/endpoints')).text())
    expect(rows.map(({ id }) => id)).toEqual([bad.id, limited.id, good.id, off.id])
    expect(rows[0]?.text).toMatch(/✕ down .* 0% .*(ago|just now) 500/)
    expect(rows[0]?.row).toMatch(/status=waiting">\d+<\/a>/)
    expect(rows[1]?.text).toMatch(/paused by the receiver .* 429/)
    expect(rows[2]?.text).toMatch(/enabled The good one http\S+ 100% 6 of 6 attempts .* – $/)
    expect(rows[2]?.row).toMatch(/<svg class="spark"[^>]*role="img"/)
    // A query is no part of the name, so the whole URL stands below it.
    expect(rows[3]?.text).toMatch(/disabled [^?]* http\S+\?key=1 – – – $/)
  })

  it('shows on the first page all that need attention, and each endpoint once', async () => {
    const world = new World()
    const ids: string[] = []
    for (let i = 0; i < 24; i++) ids.push((await anEndpoint(world, mailbox().url())).id)
    const worst = ids.slice(0, 2)
    await env.DB.prepare(`update endpoints set failing_since = ?, consecutive_failures = 1 where id in (?, ?)`)
      .bind(later(0), ...worst)
      .run()
    const { get } = await ownerBrowser(world)
    const first = await (await get('/admin/endpoints')).text()
    const next = /rel="next" href="([^"#]*)/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const [one, two] = [rowsOf(first), rowsOf(await (await get(next)).text())].map((rows) => rows.map(({ id }) => id))
    expect(one?.slice(0, 2).toSorted()).toEqual(worst.toSorted())
    expect([...(one ?? []), ...(two ?? [])].toSorted()).toEqual(ids.toSorted())
  })
})

describe('the form for a new endpoint', () => {
  it('has a page of its own, and comes back with what was typed', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    expect(await (await browser.get('/admin/endpoints')).text()).toContain('href="/admin/endpoints/new"')
    const form = await (await browser.get('/admin/endpoints/new')).text()
    expect(form).toContain('action="/admin/endpoints"')
    const refused = await browser.post('/admin/endpoints', { url: 'x', event_types: '*', description: 'kept' })
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('value="kept"')])
  })

  it.each(['standard', 'slack'])('leads to a page that names a mistyped event type (format: %s)', async (format) => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const url = format === 'slack' ? mailbox().services.slack : mailbox().url()
    const fields = { url, format, event_types: 'comment.publshed order.paid' }
    const { location } = await browser.submit('/admin/endpoints', fields)
    const page = location?.replace(/\?.*/, '') ?? ''
    const meant = /comment\.publshed matches no event type [^?]*comment\.published ?\?/
    const other = 'order.paid matches no event type'
    const landed = await browser.see(location ?? '')
    expect(landed).toMatch(meant)
    expect(landed).toContain(other)
    // The typing error stays in view. The other type may be published without a definition.
    const later = await browser.see(page)
    expect(later).toMatch(meant)
    expect(later).not.toContain(other)
    expect(await browser.see(`${page}?tab=settings`)).toContain(other)
    await world.api('PATCH', page.replace('/admin', '/api'), { event_types: ['comment.published', 'order.paid'] })
    await world.api('POST', '/api/event-types', { name: 'order.paid', schema: {}, example: {} })
    for (const address of [location ?? '', page, `${page}?tab=settings`])
      expect(await browser.see(address)).not.toContain('matches no event type')
  })

  it('says which format has which fields, and which URLs belong to a format', async () => {
    const { get } = await ownerBrowser(new World())
    const html = await (await get('/admin/endpoints/new')).text()
    const around = (field: string) =>
      /^.*data-formats="([^"]*)"/s.exec(html.slice(0, html.indexOf(`name="${field}"`)))?.[1]
    expect(around('min_interval_minutes')).toBe('build-hook')
    expect(around('digest')).toMatch(/slack.*email/)
    expect(around('digest')).not.toContain('standard')
    const detect = /data-detect="([^"]*)"/.exec(html)?.[1]?.replaceAll('&quot;', '"') ?? '[]'
    const email = JSON.parse(detect).find(({ name }: { name: string }) => name === 'email')
    const isEmail = (url: string) => email.urls.some((one: string) => new RegExp(one).test(url))
    expect(['mailto:a@b.example', 'a@b.example', 'https://a@b.example'].map(isEmail)).toEqual([true, true, false])
  })
})
