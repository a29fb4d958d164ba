import { describe, expect, it } from 'vitest'
import TEXTS from '../../../../public/providers.json'
import { CATEGORIES, PROVIDERS } from '../../../../src/webhooks/rules/verifying/providers'
import { ownerBrowser, partOf } from '../../../support/session'
import { aSource, post, theInbound } from '../../../support/sources'
import { World } from '../../../support/world'

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
    for (const { id } of CATEGORIES) expect(html).toContain(`href="/admin/sources/new#${id}"`)
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

describe('the secret of a source', () => {
  const stepsIn = (html: string) => [
    ...(/<ol class="setup">(.*?)<\/ol>/s.exec(html)?.[1]?.matchAll(/<li>(.*?)<\/li>/gs) ?? []),
  ]
  const labelOf = (html: string, id: string) =>
    new RegExp(`<label for="${id}">([^<]*)`).exec(html)?.[1]?.replaceAll('&quot;', '"')

  async function pagesOf(provider: string, secret?: string) {
    const world = new World()
    const { id } = await aSource(world, provider, secret === undefined ? {} : { secret })
    const browser = await ownerBrowser(world)
    const read = async (path: string) => (await browser.get(path)).text()
    return { form: await read(`/admin/sources/new?provider=${provider}`), page: await read(`/admin/sources/${id}`) }
  }

  it.each(PROVIDERS.filter(({ secret }) => secret.by !== 'nobody'))(
    'is called the same on both pages: $slug',
    async ({ slug }) => {
      const what = TEXTS[slug as keyof typeof TEXTS].secret
      const { form, page } = await pagesOf(slug)
      expect([labelOf(form, 'secret'), labelOf(page, 'new-secret')]).toEqual([what, what])
      // One act is the next one: to save it.
      expect(page).toMatch(/class="primary"[^>]*>Save [^<]{5,}</)
      expect(page).not.toMatch(/class="primary"[^>]*>Send a sample/)
      expect(page).toMatch(/class="notice bad"[^>]*>[^<]*<a href="#new-secret">/)
    }
  )

  it.each(PROVIDERS.filter(({ secret }) => secret.by === 'provider').map(({ slug }) => slug))(
    'of %s is entered in one of the steps: before the URL, or after it',
    async (slug) => {
      const { form, page } = await pagesOf(slug)
      const isLate = stepsIn(page).some(([, step]) => /\bhere\b/.test(step ?? ''))
      expect(/<li>Add the source without/.test(form)).toBe(isLate)
      expect(stepsIn(page)[0]?.[1]?.includes('href="#new-secret"')).toBe(!isLate)
      expect(stepsIn(form)[0]?.[1]).not.toContain('#new-secret')
    }
  )

  it('is not asked for again once it is there', async () => {
    const { page } = await pagesOf('github', 'hush')
    expect(page).not.toContain('href="#new-secret"')
    expect(page).toMatch(/class="primary"[^>]*>Send a sample/)
    expect(labelOf(page, 'new-secret')).toBe('New webhook secret')
  })
})

describe('a source that signs the guestbook', () => {
  const SIGNS = { name: 'x', act: 'sign', retention_days: '30' }
  const tagOf = (html: string, name: string) =>
    new RegExp(`<(input|textarea|select)[^>]* name="${name}"[^>]*>`).exec(html)
  const errorOf = (html: string, name: string) => partOf(html, `id="${name}-error"`)

  it.each(['new', 'existing'])(
    'needs a name and a text: the form of a %s one says so at its empty fields',
    async (which) => {
      const world = new World()
      const browser = await ownerBrowser(world)
      const path = which === 'new' ? '/admin/sources/new' : `/admin/sources/${(await aSource(world, 'github')).id}`
      const response = await browser.post(path, { ...SIGNS, provider: 'github' })
      const html = await response.text()
      expect(response.status).toBe(422)
      for (const name of ['template_name', 'template_body']) {
        expect(tagOf(html, name)?.[0]).toContain('aria-invalid')
        expect(errorOf(html, name)).toContain('Required')
      }
      expect(tagOf(html, 'template_name')?.[0]).toContain('autofocus')
      const alert = partOf(html, 'role="alert"')
      expect(alert).toContain('template text')
      expect(alert).not.toContain('{')
      const half = await (await browser.post(path, { ...SIGNS, provider: 'github', template_name: 'Ada' })).text()
      expect([errorOf(half, 'template_name'), errorOf(half, 'template_body')]).toEqual(['', expect.stringMatching(/./)])
    }
  )

  it('chooses among the books, if there are several', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const form = async () => (await browser.get('/admin/sources/new?provider=github')).text()
    expect(tagOf(await form(), 'template_book')).toBeNull()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    expect(tagOf(await form(), 'template_book')?.[1]).toBe('select')
    expect(await form()).toMatch(/<option value="main" selected="">.*<option value="summer">[^<]*Summer/s)
    const { location } = await browser.submit('/admin/sources/new', {
      ...SIGNS,
      provider: 'unsigned',
      template_name: 'a',
      template_body: 'b',
      template_book: 'summer',
    })
    const page = location?.split('?')[0] ?? ''
    expect((await world.api('GET', page.replace('/admin', '/api'))).body).toMatchObject({
      template: { book: 'summer' },
    })
    await world.api('DELETE', '/api/books/summer')
    // The settings do not move to another book by themselves.
    expect(await (await browser.get(page)).text()).toContain('<option value="summer" selected="">summer')
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
    await browser.post(`/admin/sources/${source}/secret`, { secret: 'wrong', grace_seconds: '0' })
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
