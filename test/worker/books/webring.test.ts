import { describe, expect, it } from 'vitest'
import { World } from '../../support/world'

const home = async (world: World) => (await world.request('/')).text()

describe('a webring', () => {
  it('is a line of links near the end of the page, if it has a name', async () => {
    const links = { webring_prev_url: 'https://before.example', webring_next_url: 'https://after.example/a' }
    const world = new World()
    await world.api('PATCH', '/api/books/main', links)
    expect(await home(world)).not.toContain('before.example')
    await world.api('PATCH', '/api/books/main', { webring_name: 'Ring <of> gardens' })
    const page = await home(world)
    expect(page).toMatch(
      /href="https:\/\/before.example\/".* · .*Ring &lt;of&gt; gardens.* · .*href="https:\/\/after.example\/a"/s
    )
    expect(page.indexOf('before.example')).toBeGreaterThan(page.indexOf('</main>'))
    await world.api('PATCH', '/api/books/main', { webring_url: 'https://ring.example', webring_next_url: null })
    expect(await home(world)).toMatch(/<a href="https:\/\/ring.example\/">Ring/)
    expect(await home(world)).not.toContain('after.example')
    expect(await (await world.request('/embed/main')).text()).not.toContain('ring.example')
  })

  it.each(['javascript:alert(1)', 'https://', 'data:text/html,x'])('has no link to %s', async (url) => {
    const world = new World()
    for (const name of ['webring_url', 'webring_prev_url', 'webring_next_url'])
      expect(await world.api('PATCH', '/api/books/main', { [name]: url })).toMatchObject({
        status: 422,
        body: { errors: [{ path: name }] },
      })
  })
})
