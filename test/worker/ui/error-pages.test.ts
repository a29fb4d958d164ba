import { afterEach, describe, expect, it, vi } from 'vitest'
import { FORM, ownerBrowser } from '../../support/session'
import { World } from '../../support/world'

const NAVIGATION = 'aria-label="Dashboard"'
const GUESTBOOK_CSS = '/guestbook.css'

/** @returns the status and the HTML of a page that a stranger gets */
async function seen(world: World, path: string, init: RequestInit = {}): Promise<{ status: number; html: string }> {
  const response = await world.request(path, init)
  return { status: response.status, html: await response.text() }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('an error page', () => {
  it('of the dashboard keeps the navigation, and leads back to its section', async () => {
    const browser = await ownerBrowser(new World())
    for (const [path, back] of [
      ['/admin/nowhere', '/admin">« Back to Overview'],
      ['/admin/endpoints/ep_unknown', '/admin/endpoints">« Back to Endpoints'],
      ['/admin/inbound/in_unknown', '/admin/inbound">« Back to Requests'],
      ['/admin/access/keys/key_unknown', '/admin/access">« Back to API keys and sessions'],
    ] as const) {
      const response = await browser.get(path)
      const html = (await response.text()).replace(/\s*\n\s*/g, '')
      expect([path, response.status]).toEqual([path, 404])
      expect(html).toContain(NAVIGATION)
      expect(html).toContain(back)
      expect(html).not.toContain(GUESTBOOK_CSS)
    }
  })

  it('shows the navigation to nobody but the owner', async () => {
    const world = new World()
    const foreign = { method: 'POST', headers: { ...FORM, Origin: 'https://evil.example' } }
    const { status, html } = await seen(world, '/admin/endpoints', foreign)
    expect(status).toBe(403)
    expect(html).toMatch(/href="\/admin">\s*« Back/)
    expect(html).not.toContain(NAVIGATION)
    expect(html).not.toContain(GUESTBOOK_CSS)
  })

  it('does not follow from a name in the URL that means something to the language', async () => {
    const browser = await ownerBrowser(new World())
    for (const path of [
      '/admin',
      '/admin/books',
      '/admin/keys',
      '/admin/event-types',
      '/admin/access',
      '/admin/sources',
    ])
      expect([path, (await browser.get(`${path}?done=constructor`)).status]).toEqual([path, 200])
  })

  it('has the look of the page that failed', async () => {
    const world = new World()
    const pages = ['/webhooks', '/webhooks/manage/link_x', '/moderate/mod_x', '/nowhere', '/administration']
    const looks = await Promise.all(pages.map(async (path) => (await seen(world, path)).html.includes(GUESTBOOK_CSS)))
    expect(looks).toEqual([false, false, false, true, true])
    expect((await seen(world, '/moderate/mod_x')).html).toContain('href="/admin/comments"')
    expect((await seen(world, '/docs/nope')).html).toContain('href="/docs#search"')
    // Registration is off, but the guide helps those whose URL the owner registers, too.
    expect((await seen(world, '/webhooks')).html).toContain('href="/webhooks/guide"')
  })

  it('is complete, whichever call to the database fails', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const world = new World()
    const browser = await ownerBrowser(world)
    const statuses = []
    for (let failing = 1, isReached = true; isReached; failing++) {
      world.recorder.fault = { callsLeft: failing, isCommitted: false }
      const response = await browser.get('/admin/endpoints')
      isReached = world.recorder.fault === undefined
      world.recorder.fault = undefined
      const html = await response.text()
      statuses.push(response.status)
      expect(html).toContain('</html>')
      expect(html.includes(response.headers.get('X-Request-Id') ?? '')).toBe(response.status === 500)
    }
    expect(statuses).toContain(500)
    expect(statuses.at(-1)).toBe(200)
  })
})
