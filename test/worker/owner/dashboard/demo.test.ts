import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser, partOf, signAsGuest } from '../../../support/session'
import { World } from '../../../support/world'

const DAY = 86_400_000
const DEMO_NOTICE = /<p class="notice"[^>]*><b>[^<]*demo/
const DEMO_BUTTON = 'action="/admin/first-steps/demo"'

const make = async (world: World) => (await ownerBrowser(world)).submit('/admin/first-steps/demo', {})

async function countMessages(): Promise<unknown> {
  return env.DB.prepare('select count(*) as n from messages').first('n')
}

describe('the demo guestbook', () => {
  it('is a book with made-up entries, marked as a demo for readers, search engines and the owner', async () => {
    const world = new World()
    expect(await make(world)).toMatchObject({ status: 303, location: '/admin/books/demo?done=demo' })
    const page = await (await world.request('/b/demo')).text()
    expect(page).toMatch(DEMO_NOTICE)
    expect(page).toContain('<meta name="robots" content="noindex"/>')
    expect(page).toContain('Brenda Modem')
    expect(page).toContain('With pleasure, Wanda.')
    expect(page).not.toContain('Totally Real Prizes')
    expect(await (await world.request('/sitemap.xml')).text()).not.toContain('/b/demo')
    expect(await (await world.request('/')).text()).not.toContain('noindex')
    const { see } = await ownerBrowser(world)
    expect(await see('/admin/books')).toMatch(/Demo guestbook demo 7/)
    expect(await see('/admin/comments?status=held&book=demo')).toContain('Totally Real Prizes')
    const links = [...page.matchAll(/href="(https?:\/\/[^"]*)"/g)].map(([, url = '']) => new URL(url).host)
    expect(links.filter((host) => !/(^|\.)example\.com$/.test(host))).toEqual([])
  })

  it('is made once, however often the button is pressed', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const press = () => browser.submit('/admin/first-steps/demo', {})
    const answers = [...(await Promise.all([press(), press()])), await press()]
    expect(answers.map(({ location }) => location)).toEqual(Array(3).fill('/admin/books/demo?done=demo'))
    expect(await env.DB.prepare(`select count(*) as n from comments where book = 'demo'`).first('n')).toBe(8)
    const acts = await env.DB.prepare(`select subject from audit_log where act = 'book.created'`).all()
    expect(acts.results).toEqual([{ subject: 'demo' }])
  })

  it('leaves a book of the owner with this slug alone, and says so', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'demo', title: 'My demos' })
    const { location } = await make(world)
    const html = await (await (await ownerBrowser(world)).get(location ?? '')).text()
    expect(partOf(html, 'role="alert"')).toContain('"demo"')
    expect(html).not.toContain(DEMO_BUTTON)
    expect(await (await world.request('/b/demo')).text()).not.toMatch(DEMO_NOTICE)
    await world.api('DELETE', '/api/books/demo')
    expect((await make(world)).location).toBe('/admin/books?done=demo_taken')
  })

  it('sends no webhooks: not when it is made, signed, moderated or removed', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    await make(world)
    await signAsGuest(world, { name: 'Ada' }, { path: '/b/demo/sign' })
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/comments?book=demo&status=held')
    expect(body.data).toHaveLength(2)
    for (const { id } of body.data) await world.api('PATCH', `/api/comments/${id}`, { status: 'published' })
    const { submit } = await ownerBrowser(world)
    await submit('/admin/books/demo/delete', { confirm: 'demo' })
    for (let i = 0; i < 10; i++) await world.sweep(later(2 * DAY + i * 60_000), 'expired_books')
    await world.drain()
    expect(await env.DB.prepare(`select count(*) as n from comments where book = 'demo'`).first('n')).toBe(0)
    expect(await countMessages()).toBe(0)
    expect(await box.received()).toEqual([])
  })

  it('is removed with one click, and can be made again at once', async () => {
    const world = new World()
    await make(world)
    const { submit, get } = await ownerBrowser(world)
    const html = await (await get('/admin')).text()
    expect(html).toContain('action="/admin/books/demo/delete"')
    expect((await submit('/admin/books/demo/delete', { confirm: 'demo' })).location).toBe('/admin/books?done=deleted')
    expect((await world.request('/b/demo')).status).toBe(404)
    expect(await (await get('/admin')).text()).toContain(DEMO_BUTTON)
    expect((await make(world)).location).toBe('/admin/books/demo?done=demo')
    expect((await world.request('/b/demo')).status).toBe(200)
  })

  it('is no setting of a book: neither the API nor the form can mark one', async () => {
    const world = new World()
    const { status } = await world.api('POST', '/api/books', { slug: 'other', title: 'O', is_demo: true })
    expect(status).toBe(422)
    await make(world)
    expect((await world.api('GET', '/api/books/demo')).body).toMatchObject({ is_demo: true })
  })
})
