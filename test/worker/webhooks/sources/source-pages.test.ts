import { describe, expect, it } from 'vitest'
import { letPass } from '../../../support/clock'
import { mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { aSource, DAY, githubPost, post, STAR, theInbound } from '../../../support/sources'
import { World } from '../../../support/world'

describe('a new source', () => {
  it('shows its address and its secret together, with what to enter where', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const fields = {
      provider: 'github',
      name: 'My repository',
      secret: 'hush-hush-hush',
      act: 'keep',
      retention_days: '30',
      daily_quota_mb: '50',
    }
    expect(await browser.see('/admin/sources/new?provider=github')).toContain('Settings &gt; Webhooks')
    const { location } = await browser.submit('/admin/sources/new', fields)
    const page = await browser.see(location ?? '')
    const top = page.slice(0, page.indexOf('Latest messages'))
    expect(top).toMatch(/\/in\/hook_[\w-]{43}/)
    expect(top).toContain('hush-hush-hush')
    expect(top).toContain('Webhooks &gt; Secret')
    expect(await browser.see(location?.split('?')[0] ?? '')).not.toContain('hush-hush-hush')
  })

  it('that signs asks before it sends a sample, and shows what the template makes of the latest message', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const template = { name: '{{sender.login}}', body: 'starred {{repository.full_name}}' }
    const { id, path } = await aSource(world, 'github', { secret: 'hush', act: 'sign', template })
    const before = await browser.see(`/admin/sources/${id}`)
    expect(before).toContain('adds an entry')
    expect(before).toMatch(/Preview.*sample/)
    await githubPost(world, path, 'hush', '{"sender":{"login":"ada"},"repository":{"full_name":"ada/engine"}}')
    await world.drain()
    const after = await browser.see(`/admin/sources/${id}`)
    expect(after).toMatch(/Preview.*latest.*ada starred ada\/engine/)
    const keep = await aSource(world, 'unsigned')
    expect(await browser.see(`/admin/sources/${keep.id}`)).toContain('only store')
  })
})

describe('the page of a source', () => {
  it('takes the first secret', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { id, path } = await aSource(world, 'github')
    expect((await browser.submit(`/admin/sources/${id}/secret`, { secret: 'hush' })).status).toBe(303)
    const { body } = await githubPost(world, path, 'hush', STAR)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed', verified: true })
  })

  it('opens, and offers to rotate the URL, after SECRETS_KEY was lost', async () => {
    const world = new World()
    const template = { name: '{{sender.login}}', body: 'starred' }
    const { id, path } = await aSource(world, 'github', { secret: 'hush', act: 'sign', template })
    await githubPost(world, path, 'hush', STAR)
    await world.drain()
    const lost = new World({ SECRETS_KEY: btoa('z'.repeat(32)) })
    expect(await (await ownerBrowser(lost)).see(`/admin/sources/${id}`)).toContain('Rotate URL')
  })
})

describe('a received request', () => {
  it('is called what it is about, or how it begins if it has no type, and names its source once', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const github = await aSource(world, 'github', { name: 'Moths', secret: 'hush' })
    const push = JSON.stringify({ ref: 'main', head_commit: { message: 'Say hi to <moths>\n\nAll of them' } })
    const { body } = await githubPost(world, github.path, 'hush', push, { event: 'push' })
    await githubPost(world, github.path, 'hush', '{"message":"cut off\\', { event: 'star' })
    const custom = await aSource(world, 'unsigned', { name: 'Weather' })
    await post(world, custom.path, '{"celsius":3}')
    await world.drain()
    const list = await (await browser.get('/admin/inbound')).text()
    const titles = [...list.matchAll(/<td[^>]*><a href="\/admin\/inbound\/in_\w+">(.*?)<\/a>/g)].map(([, inner = '']) =>
      inner.replace(/<[^>]*>/g, '')
    )
    expect(titles).toEqual(['{&quot;celsius&quot;:3}', 'star', 'push: Say hi to &lt;moths&gt;'])
    const own = await (await browser.get(`/admin/sources/${github.id}`)).text()
    expect(own).toContain(`href="/admin/inbound/${body.id}"`)
    expect(own).not.toContain(`href="/admin/sources/${github.id}"`)
    const page = await browser.see(`/admin/inbound/${body.id}`)
    expect(page).toContain('push: Say')
    const top = page.slice(0, page.indexOf('Log'))
    expect(top.split('Moths')).toHaveLength(2)
    expect(page.indexOf('Body')).toBeLessThan(page.indexOf('Headers'))
  })

  it('can be exported as an HTTP Archive, without its secrets', async () => {
    const world = new World()
    const { path } = await aSource(world, 'header-token', { secret: 'hush', options: { header: 'X-Token' } })
    const { body } = await post(world, `${path}?n=1`, '{"a":1}', {
      'X-Token': 'hush',
      'Content-Type': 'application/json',
    })
    await world.drain()
    const { status, body: har } = await world.api<{ log: { entries: Record<'request' | 'response', object>[] } }>(
      'GET',
      `/api/inbound/${body.id}/har`
    )
    expect(status).toBe(200)
    expect(har.log.entries[0]?.request).toMatchObject({
      method: 'POST',
      postData: { mimeType: 'application/json', text: '{"a":1}' },
    })
    // Nothing notes which status was sent: a strict source may have refused the request.
    expect(har.log.entries[0]?.response).toMatchObject({ status: 0, statusText: '' })
    expect(JSON.stringify(har)).not.toContain('hush')
    const download = await (await ownerBrowser(world)).get(`/admin/inbound/${body.id}/har`)
    expect(download.headers.get('Content-Disposition')).toBe(`attachment; filename="${body.id}.har"`)
    expect((await world.api('GET', '/api/inbound/in_x/har')).status).toBe(404)
  })

  it('can be compared with another one, value by value, without showing a secret', async () => {
    const world = new World()
    const { path } = await aSource(world, 'header-token', { secret: 'hush', options: { header: 'X-Token' } })
    const send = async (text: string, token: string, more: object = {}) =>
      (await post(world, path, text, { 'X-Token': token, ...more })).body.id
    const first = await send('{"a":{"b":1},"c":2}', 'hush')
    const second = await send('{"a":{"b":2},"c":2,"d":3}', 'wrong', { 'X-New': 'yes' })
    await world.drain()
    const { body } = await world.api<Record<string, unknown>>('GET', `/api/inbound/${second}/compare?with=${first}`)
    expect(body).toMatchObject({
      before: first,
      after: second,
      is_same_body: false,
      body: [
        { name: 'a.b', before: '1', after: '2' },
        { name: 'd', before: null, after: '3' },
      ],
      headers: [{ name: 'x-new', before: null, after: 'yes' }],
    })
    const browser = await ownerBrowser(world)
    const page = await browser.see(`/admin/inbound/${first}/compare?with=${second}`)
    expect(page).toContain('a.b 1 2')
    expect(page).not.toContain('hush')
    expect((await browser.get(`/admin/inbound/${first}/compare?with=in_x`)).status).toBe(404)
    expect(await browser.see(`/admin/inbound/${second}`)).toContain('Compare with')
  })

  it('is compared byte by byte if it is not text', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const send = async (...bytes: number[]) => (await post(world, path, new Uint8Array(bytes))).body.id
    const [first, second, third] = [await send(0xff, 1), await send(0xff, 2), await send(0xff, 1)]
    await world.drain()
    const isSame = async (before: string, after: string) =>
      (await world.api<{ is_same_body: boolean }>('GET', `/api/inbound/${after}/compare?with=${before}`)).body
        .is_same_body
    expect(await isSame(first, second)).toBe(false)
    expect(await isSame(first, third)).toBe(true)
  })

  it('is forwarded to a destination that the form then remembers', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const { body } = await post(world, path, '{}')
    const { body: other } = await post(world, path, '{"n":2}')
    const browser = await ownerBrowser(world)
    const urls = Array.from({ length: 7 }, () => mailbox().url())
    for (const to of urls) await browser.post(`/admin/inbound/${body.id}/send`, { to })
    const html = await (await browser.get(`/admin/inbound/${other.id}`)).text()
    expect(html).toContain(`value="${urls[6]}" list="destinations"`)
    for (const url of urls.slice(2)) expect(html).toContain(`<option value="${url}"`)
    expect(html).not.toContain(urls[0])
  })
})

describe('the list of sources', () => {
  it('says when the last request came and what failed in the last week, and shows first what fails', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const failing = await aSource(world, 'github', { secret: 'hush' })
    const well = await aSource(world, 'unsigned')
    await githubPost(world, failing.path, 'hush', STAR)
    for (const body of ['{"a":1}', '{"a":2}']) await githubPost(world, failing.path, 'wrong', body)
    await post(world, well.path, '{}')
    const idle = await aSource(world, 'stripe')
    await world.drain()
    const read = async (path: string) => (await browser.get(path)).text()
    const page = await read('/admin/sources')
    const rowOf = (id: string) => new RegExp(`/admin/sources/${id}"[\\s\\S]*?</tr>`).exec(page)?.[0] ?? ''
    expect(rowOf(failing.id)).toContain('2 of 3 failed')
    expect(rowOf(well.id)).not.toMatch(/failed|never/)
    expect(rowOf(idle.id)).toContain('never')
    expect(page.indexOf(failing.id)).toBeLessThan(page.indexOf(well.id))
    const [, link = ''] = /href="(\/admin\/inbound\?[^"]*)"/.exec(rowOf(failing.id)) ?? []
    expect((await read(link.replaceAll('&amp;', '&'))).match(/\/admin\/inbound\/in_\w+"/g)).toHaveLength(2)
    // The overview counts the same.
    expect(await browser.see('/admin')).toMatch(/2 requests failed/)
    letPass(8 * DAY)
    expect(await (await ownerBrowser(world)).see('/admin/sources')).not.toContain('failed')
  })
  it('calls a source failing in the list and on its page, which offers what helps first', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const source = await aSource(world, 'github', { secret: 'hush' })
    const read = async (path: string) => (await browser.get(path)).text()
    for (const body of ['{"a":1}', '{"a":2}']) await githubPost(world, source.path, 'wrong', body)
    await world.drain()
    const page = await read(`/admin/sources/${source.id}`)
    for (const html of [page, await read('/admin/sources')])
      expect(html.match(/class="status bad">.{0,50} failing</g)).toHaveLength(1)
    expect(page).toMatch(/2 of 2 requests failed: signature mismatch/)
    expect(/<a class="button primary" href="#([^"]+)"/.exec(page)?.[1]).toBe('new-secret')
    expect(page.indexOf('button primary')).toBeLessThan(page.indexOf('<button', page.indexOf('<main')))
    expect(page).toContain('id="new-secret"')
    // The log says once that a request failed.
    const [request = ''] = /\/admin\/inbound\/in_\w+/.exec(page) ?? []
    expect(await browser.see(request)).toMatch(/\bfailed [^.:]*: signature mismatch\./)
    // Once the secret is right, what failed only has to be processed again.
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'wrong' })
    const mended = await read(`/admin/sources/${source.id}`)
    expect(mended).not.toContain('href="#new-secret"')
    expect(mended.match(/<button class="primary"[^>]*>Reprocess/g)).toHaveLength(1)
    await githubPost(world, source.path, 'wrong', STAR)
    await world.drain()
    expect(await read(`/admin/sources/${source.id}`)).not.toMatch(/failing|requests failed/)
  })
})
