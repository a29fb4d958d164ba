import { describe, expect, it } from 'vitest'
import { CATEGORIES, PROVIDERS } from '../../../src/webhooks/rules/verifying/providers'
import { ownerBrowser } from '../../support/session'
import { aSource, post, theInbound } from '../../support/sources'
import { World } from '../../support/world'

/** @returns the slugs that a page offers; what is hidden waits for another query */
function offered(html: string): string[] {
  const shown = html.split('<section').filter((section) => !/^[^>]* hidden/.test(section))
  const items = shown.flatMap((section) => [
    ...section.matchAll(/<li data-find="[^"]*"( hidden)?>.*?provider=([\w-]+)"/gs),
  ])
  return items.flatMap(([, hidden, slug = '']) => (hidden ? [] : [slug]))
}

describe('adding a source', () => {
  it('offers every provider in a category', async () => {
    const browser = await ownerBrowser(new World())
    const html = await (await browser.get('/admin/sources/new')).text()
    expect(offered(html)).toEqual(PROVIDERS.map(({ slug }) => slug))
    expect(html).toMatch(/<input[^>]*name="q"[^>]*autofocus/)
    for (const { id } of CATEGORIES) expect(html).toContain(`href="#${id}"`)
  })

  it('searches without scripts, by the words of names, of other services and of categories', async () => {
    const browser = await ownerBrowser(new World())
    const find = async (q: string) => offered(await (await browser.get(`/admin/sources/new?q=${q}`)).text())
    expect(await find('git')).toEqual(['github', 'gitlab', 'gitlab-token', 'gitea'])
    expect(await find('TOKEN+git')).toEqual([])
    expect(await find('shops')).toContain('stripe')
    expect(await find('nothing-like-it')).toEqual([])
    for (const [query, slug] of [
      ['stripe', 'stripe'],
      ['Resend', 'svix'],
      ['gitlab+secret', 'gitlab-token'],
    ]) {
      const { status, headers } = await browser.get(`/admin/sources/new?q=${query}`)
      expect([status, headers.get('Location')]).toEqual([303, `/admin/sources/new?provider=${slug}`])
    }
  })

  it.each(PROVIDERS.map(({ slug }) => slug))('shows the steps for %s beside the form', async (slug) => {
    const browser = await ownerBrowser(new World())
    const html = await (await browser.get(`/admin/sources/new?provider=${slug}`)).text()
    const steps = /<ol class="setup">(.*?)<\/ol>/s.exec(html)?.[1]?.split('<li>').length ?? 0
    expect(steps).toBeGreaterThan(3)
    expect(html).not.toMatch(/<li>[a-z]/)
  })
})

describe('a failed request', () => {
  const lookAt = async (provider: string, secret: string, headers: Record<string, string>) => {
    const world = new World()
    const { id: source, path } = await aSource(world, provider, { secret })
    const { body } = await post(world, path, '{"object_kind":"push"}', headers)
    await world.drain()
    const browser = await ownerBrowser(world)
    const html = await (await browser.get(`/admin/inbound/${body.id}`)).text()
    const list = await browser.see('/admin/inbound')
    const acts = [...html.matchAll(/<(a|button) class="[^"]*primary"[^>]*>/g)]
    return {
      world,
      browser,
      source,
      id: String(body.id),
      html,
      list,
      first: acts.map(([tag]) => /href="([^"]*)"/.exec(tag)?.[1] ?? tag),
    }
  }

  it.each([
    ['gitlab-token', 'token', { 'X-Gitlab-Token': 'wrong' }],
    ['postmark', 'password', { Authorization: `Basic ${btoa('user:wrong')}` }],
  ])('of %s speaks of a %s, and of no signature', async (provider, word, headers) => {
    const { html, list, world, id } = await lookAt(provider, 'user:right', headers as Record<string, string>)
    expect(html.toLowerCase()).toContain(`the ${word} does not match`)
    const [, aboutIt = ''] = /<main(.*?)<h2>Request/s.exec(html) ?? []
    expect(aboutIt.toLowerCase()).not.toContain('signature')
    expect(list).toContain(`${word} mismatch`)
    const { reason, log } = await theInbound(world, id)
    expect(reason).toBe('signature_mismatch')
    expect(log.at(-1)?.detail).toContain(`${word} mismatch`)
  })

  it('of a strict source says so to the sender, with the same code', async () => {
    const world = new World()
    const { path } = await aSource(world, 'bearer-token', { secret: 'right', strict: true })
    const { status, body } = await post(world, path, '{}', { Authorization: 'Bearer wrong' })
    expect(status).toBe(401)
    expect(body).toMatchObject({ code: 'signature_mismatch', detail: expect.stringContaining('token') })
  })

  it('offers first what helps, and is processed again when that was done', async () => {
    const { browser, source, id, first } = await lookAt('gitlab-token', 'right', { 'X-Gitlab-Token': 'wrong' })
    expect(first).toEqual([`/admin/sources/${source}#new-secret`])
    expect(await (await browser.get(`/admin/sources/${source}`)).text()).toContain('id="new-secret"')
    await browser.post(`/admin/sources/${source}/secret`, { secret: 'wrong', grace: '0' })
    const html = await (await browser.get(`/admin/inbound/${id}`)).text()
    expect(html).toMatch(/class="primary"[^>]*>Reprocess/)
    expect(html).not.toContain('#new-secret')
  })

  it('without a signature leads to the steps in the settings of the provider', async () => {
    const { source, first, browser } = await lookAt('github', 'hush', {})
    expect(first).toEqual([`/admin/sources/${source}#setup`])
    expect(await (await browser.get(`/admin/sources/${source}`)).text()).toContain('id="setup"')
  })
})
