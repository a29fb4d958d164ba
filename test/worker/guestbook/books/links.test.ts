import { describe, expect, it } from 'vitest'
import { BOOK_FORM, ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'

const home = async (world: World) => (await world.request('/')).text()
const save = (world: World, links: unknown) => world.api('PATCH', '/api/books/main', { links })

describe('the links of a book', () => {
  it('are a line near the end of the page, but not in a frame', async () => {
    const world = new World()
    const links = [
      { label: '‹ Before', url: 'https://before.example' },
      { label: 'Ring <of> gardens', url: 'https://ring.example/a' },
    ]
    expect((await save(world, links)).status).toBe(200)
    const page = await home(world)
    expect(page).toMatch(
      /href="https:\/\/before.example\/"[^>]*>‹ Before<.* · .*https:\/\/ring.example\/a"[^>]*>Ring &lt;of&gt; /s
    )
    expect(page.indexOf('before.example')).toBeGreaterThan(page.indexOf('</main>'))
    expect(await (await world.request('/embed/main')).text()).not.toContain('ring.example')
    await save(world, [])
    expect(await home(world)).not.toContain('class="links"')
  })

  it('are one per line in the form', async () => {
    const world = new World()
    const { submit, see } = await ownerBrowser(world)
    const links = 'Ring of  gardens https://ring.example/\n\nNext › https://after.example/a'
    expect((await submit('/admin/books/main', { ...BOOK_FORM, title: 'Book', links })).status).toBe(303)
    const { body } = await world.api('GET', '/api/books/main')
    expect(body.links).toEqual([
      { label: 'Ring of gardens', url: 'https://ring.example/' },
      { label: 'Next ›', url: 'https://after.example/a' },
    ])
    expect(await see('/admin/books/main')).toMatch(
      /Ring of gardens https:\/\/ring.example\/\s+Next › https:\/\/after.example\/a/
    )
    const wrong = await submit('/admin/books/main', { ...BOOK_FORM, title: 'Book', links: 'https://ring.example/' })
    expect([wrong.status, wrong.html]).toEqual([422, expect.stringContaining('The text of a link')])
  })

  it.each([
    ['a script', [{ label: 'X', url: 'javascript:alert(1)' }]],
    ['data', [{ label: 'X', url: 'data:text/html,x' }]],
    ['no host', [{ label: 'X', url: 'https://' }]],
    ['no address', [{ label: 'X', url: '' }]],
    ['no text', [{ label: ' ', url: 'https://ring.example' }]],
    ['a long text', [{ label: 'x'.repeat(61), url: 'https://ring.example' }]],
    ['more than five', Array(6).fill({ label: 'X', url: 'https://ring.example' })],
    ['another field', [{ label: 'X', url: 'https://ring.example', rel: 'me' }]],
  ])('are refused with %s', async (_, links) => {
    const { status, body } = await save(new World(), links)
    expect([status, body]).toMatchObject([422, { errors: [{ path: expect.stringMatching(/^links/) }] }])
  })
})
