import { describe, expect, it } from 'vitest'
import { aComment } from '../../../support/fixtures'
import { ownerBrowser, signAsGuest, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

const CAT = ' /\\_/\\\n( o.o )   :-)\n\n\n > ^ <  *not bold*'
/** As it is in HTML. */
const SHOWN = CAT.replaceAll('<', '&lt;').replaceAll('>', '&gt;')

describe('a drawing of characters', () => {
  it('keeps every space and line break, on pages, in feeds and in the API, if its author asks for it', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { markup: true })
    await signAsGuest(world, { body: `\r\n${CAT.replaceAll('\n', '\r\n')}\r\n`, pre: 'on' })
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/comments')
    expect(body.data).toMatchObject([{ body: CAT, pre: true }])
    const id = body.data[0]?.id
    const browser = await ownerBrowser(world)
    for (const path of ['/', `/comments/${id}`, '/export.html', '/admin/comments?status=published']) {
      const html = await (await browser.get(path)).text()
      expect([path, /<pre[^>]*>\n(.*?)<\/pre>/s.exec(html)?.[1]]).toEqual([path, SHOWN])
    }
    for (const feed of ['/feed.atom', '/feed.json']) expect(await (await world.request(feed)).text()).toContain('<pre')
  })

  it('is an ordinary text otherwise', async () => {
    const world = await withoutModeration(new World())
    await signAsGuest(world, { body: CAT })
    const { body } = await world.api('GET', '/api/comments')
    expect(body).toMatchObject({ data: [{ pre: false, body: CAT.replace('\n\n\n', '\n\n') }] })
    expect(await (await world.request('/')).text()).not.toContain('<pre')
  })

  it('is marked with the API, too, and by the owner', async () => {
    const world = new World()
    const { id } = await aComment(world, { body: CAT, pre: true })
    const path = `/api/comments/${id}`
    expect((await world.api('GET', path)).body).toMatchObject({ pre: true, body: CAT })
    expect((await world.api('PATCH', path, { pre: false })).body).toMatchObject({ pre: false })
    expect((await world.api('PATCH', path, { pre: true })).body).toMatchObject({ pre: true })
  })
})
