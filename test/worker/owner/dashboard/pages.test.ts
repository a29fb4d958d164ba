import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { BOOK_FORM, FORM, ownerBrowser, partOf, session } from '../../../support/session'
import { latestMessageId } from '../../../support/views'
import { World } from '../../../support/world'

describe('the dashboard', () => {
  it('says where a page is, whatever the title of the book', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { title: 'Books' })
    const browser = await ownerBrowser(world)
    const crumbs = async (path: string) => {
      const [, nav = ''] = /aria-label="Breadcrumbs">(.*?)<\/nav>/s.exec(await (await browser.get(path)).text()) ?? []
      return nav.replace(/<[^>]*>/g, '').split(' › ')
    }
    expect(await crumbs('/admin/books')).toEqual([''])
    expect(await crumbs('/admin/books/main')).toEqual(['Books', 'Books'])
    for (const [page, title] of Object.entries({ bans: 'Bans', embed: 'Put it on your site', pictures: 'Pictures' }))
      expect(await crumbs(`/admin/books/main/${page}`)).toEqual(['Books', 'Books', title])
  })

  it('can manage an endpoint without JavaScript, from registration to deletion', async () => {
    const world = new World()
    const box = mailbox()
    const cookie = await session(world)
    const post = (path: string, fields: Record<string, string>) =>
      world.request(path, {
        method: 'POST',
        headers: { ...FORM, ...cookie },
        body: new URLSearchParams(fields).toString(),
      })
    const get = async (path: string) => (await world.request(path, { headers: cookie })).text()

    expect(await get('/admin/endpoints')).toContain('No endpoints yet')
    const refused = await post('/admin/endpoints', {
      url: 'https://10.1.1.1/x',
      event_types: '*',
      description: 'kept',
    })
    expect(refused.status).toBe(422)
    const form = await refused.text()
    expect(partOf(form, 'id="url-error"')).toContain('host name')
    expect(form).toContain('value="https://10.1.1.1/x"')
    expect(form).toContain('value="kept"')

    const created = await post('/admin/endpoints', {
      url: box.url(),
      event_types: 'comment.* ping',
      description: '',
    })
    const path = created.headers.get('Location')?.split('?')[0] ?? ''
    expect(await get(created.headers.get('Location') ?? '')).toMatch(/whsec_[\w+/=]{40,}/)
    expect(await get(path)).not.toMatch(/whsec_[A-Za-z0-9+/]{9}/)

    const tested = await post(`${path}/test`, { type: 'ping' })
    expect(await get(tested.headers.get('Location') ?? '')).toContain('Thank you.')
    expect((await post(path, { url: box.url('status/500'), event_types: '*', description: 'mine' })).status).toBe(303)
    expect(await get(path)).toContain('mine')
    expect(await get(`${path}/edit`)).toContain('value="mine"')
    const mistyped = await post(path, { url: 'ftp://x', event_types: 'ping', description: 'typed' })
    expect(mistyped.status).toBe(422)
    expect(await mistyped.text()).toContain('value="typed"')
    expect((await post(`${path}/secret/rotate`, { grace_seconds: '3600' })).status).toBe(303)
    expect((await post(`${path}/secret/rotate`, { grace_seconds: 'x' })).status).toBe(422)

    await aComment(world)
    await world.drain()
    expect(await get(path)).toMatch(/retrying.*500|500.*retrying/)
    expect((await post(`${path}/disable`, {})).status).toBe(303)
    expect(await get(path)).toContain('You disabled')
    expect((await post(`${path}/enable`, {})).status).toBe(303)
    expect((await post(`${path}/delete`, {})).headers.get('Location')).toBe('/admin/endpoints?done=deleted')
    expect((await world.request(path, { headers: cookie })).status).toBe(404)
  })

  it('shows a message, its deliveries and attempts, and can retry a delivery', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('status/410'))
    await aComment(world, { name: '<i>Eve</i>', body: "it's <b>" })
    await world.drain()
    const message = await latestMessageId(world)
    const cookie = await session(world)
    const get = async (path: string) => (await world.request(path, { headers: cookie })).text()
    expect(await get('/admin')).toContain(message)
    expect(await get(`/admin/messages/${message}`)).toContain('&lt;i&gt;Eve&lt;/i&gt;')
    const path = `/admin/messages/${message}/deliveries/${id}`
    const html = await get(path)
    expect(html).toContain('410')
    expect(html).toContain('as requested')
    expect(html).toContain('curl -X POST')
    expect(html).not.toContain('<i>Eve')
    const retry = () => world.request(`${path}/retry`, { method: 'POST', headers: { ...FORM, ...cookie } })
    const refused = await retry()
    expect(refused.status).toBe(409)
    expect(partOf(await refused.text(), 'role="alert"')).toMatch(/enabled/)
    const button = `action="${path}/retry"`
    const listed = `/admin/messages/${message}`
    expect(await get(listed)).not.toContain(button)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    for (const address of [listed, `${listed}?part=rows`]) expect(await get(address)).toContain(button)
    await env.DB.prepare('update messages set erased_at = 1').run()
    for (const address of [listed, `${listed}?part=rows`]) expect(await get(address)).not.toContain(button)
    await env.DB.prepare('update messages set erased_at = null').run()
    expect((await retry()).headers.get('Location')).toBe(`${path}?done=retry`)
    await world.drain()
    expect(await box.received()).toHaveLength(2)
  })

  it('can change the guestbook’s title, on the page and in events', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const cookie = await session(world)
    const save = (fields: Record<string, string>) =>
      world.request('/admin/books/main', {
        method: 'POST',
        headers: { ...FORM, ...cookie },
        body: new URLSearchParams({ ...BOOK_FORM, ...fields }).toString(),
      })
    expect((await save({ title: 'Ada’s <Book>', welcome: 'Come in!' })).status).toBe(303)
    const statuses: number[] = []
    for (const fields of [
      { title: '', welcome: 'x' },
      { title: 'x'.repeat(61), welcome: 'x' },
      { title: 'a\u0000b', welcome: 'x' },
      { title: 'a\u202eb', welcome: 'x' },
      { title: 'x', welcome: '\u200b' },
      { title: 'x', welcome: 'x', daily_quota_mb: 'much' },
    ]) {
      statuses.push((await save(fields)).status)
    }
    expect(statuses).toEqual(Array(6).fill(422))
    const notUtf8 = { method: 'POST', headers: { ...FORM, ...cookie }, body: 'title=%ff&welcome=x' }
    expect((await world.request('/admin/books/main', notUtf8)).status).toBe(400)
    const html = await (await world.request('/')).text()
    expect(html).toContain('Ada’s &lt;Book&gt;')
    expect(html).toContain('Come in!')
    await aComment(world)
    await world.drain()
    expect(JSON.parse(Buffer.from((await box.received())[0]?.body ?? '', 'latin1').toString('utf8'))).toMatchObject({
      data: { book: { title: 'Ada’s <Book>' } },
    })
  })

  it('lists the entries that are waiting for approval', async () => {
    const world = new World()
    await aComment(world, { name: 'Fine' })
    await aComment(world, {
      name: 'Linked',
      body: 'http://a.example http://b.example http://c.example',
    })
    const headers = await session(world)
    const html = await (await world.request('/admin/comments?status=held', { headers })).text()
    expect(html).toContain('Linked')
    expect(html).not.toContain('Fine')
  })

  it('can moderate entries without JavaScript', async () => {
    const world = new World()
    const { id } = await aComment(world, { name: 'Mallory' })
    const cookie = await session(world)
    const act = (action: string) =>
      world.request(`/admin/comments/${id}`, {
        method: 'POST',
        headers: { ...FORM, ...cookie },
        body: `action=${action}`,
      })
    const shown = async () => (await (await world.request('/')).text()).includes('Mallory')
    expect((await act('hide')).status).toBe(303)
    expect(await shown()).toBe(false)
    await act('publish')
    expect(await shown()).toBe(true)
    expect((await act('explode')).status).toBe(422)
    await act('delete')
    expect(await shown()).toBe(false)
    expect((await act('delete')).status).toBe(404)
  })
})
