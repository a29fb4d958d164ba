import { describe, expect, it } from 'vitest'
import { LANGUAGE_CODES } from '../../../src/guestbook/rules/languages'
import { FACE_SLUGS } from '../../../src/guestbook/rules/looks/faces'
import { translator } from '../../core/guestbook/languages/translators'
import { FORM, signAsGuest, withoutModeration } from '../../support/session'
import { World } from '../../support/world'

const FACE = /\/faces\/[^"]*" alt="([^"]*)"/g

async function see(world: World, path: string, language: string, init: RequestInit = {}) {
  const headers = { ...(init.headers as Record<string, string>), 'Accept-Language': language }
  const response = await world.request(path, { ...init, headers })
  return { response, html: (await response.text()).replaceAll('&#39;', "'") }
}

describe.each(LANGUAGE_CODES)('a guest who reads %s', (code) => {
  const { text, direction } = translator(code)
  const isIn = (html: string) => expect(html).toContain(`<html lang="${code}" dir="${direction}"`)

  it('reads in this language what is wrong: with an address, a page, a request, and the time to change an entry', async () => {
    const world = new World()
    for (const [path, status, key, init] of [
      ['/nowhere', 404, 'error_gone', {}],
      ['/comments/cmt_nowhere', 404, 'error_gone', {}],
      ['/b/nowhere', 404, 'error_gone', {}],
      ['/?before=nowhere', 400, 'error_refused', {}],
      ['/sign', 405, 'error_gone', { method: 'PUT' }],
      ['/comments/cmt_1/edit', 403, 'edit_expired', {}],
      ['/comments/cmt_1/edit', 403, 'error_refused', { method: 'POST', headers: { Origin: 'https://evil.example' } }],
    ] as const) {
      const { response, html } = await see(world, path, code, init)
      expect([path, response.status]).toEqual([path, status])
      isIn(html)
      expect(html).toContain(`<title>${text(status === 404 ? 'error_lost' : 'error_title')}</title>`)
      expect(html).toContain(text('to_book'))
      expect(response.headers.get('Vary')).toContain('Accept-Language')
      if (code !== 'en' || key === 'edit_expired') expect(html).toContain(text(key))
    }
  })

  it('reads the errors of the form for a change in this language', async () => {
    const world = await withoutModeration(new World())
    const signed = await signAsGuest(world, { body: 'Mine' })
    const Cookie = (signed.headers.get('Set-Cookie') ?? '').split(';')[0] ?? ''
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/comments')
    const path = `/comments/${body.data[0]?.id}/edit`
    const form = new URLSearchParams({ name: 'Ada', website: 'x', body: 'Mine' }).toString()
    const { response, html } = await see(world, path, code, {
      method: 'POST',
      headers: { ...FORM, Cookie },
      body: form,
    })
    expect(response.status).toBe(422)
    isIn(html)
    expect(html).toContain(text('fault_website'))
    expect(html).toContain(text('faulty_fields', { count: 1 }))
  })

  it('can choose between faces with names in this language', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { avatars: 'face' })
    const { html } = await see(world, '/', code)
    const names = [...html.matchAll(FACE)].map(([, name]) => name)
    expect(names).toEqual(text('faces').split('|'))
    expect(names).toHaveLength(FACE_SLUGS.length)
  })
})
