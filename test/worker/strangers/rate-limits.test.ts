import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { STRANGERS } from '../../../src/access/acts'
import { FORM, guestBrowser, withoutModeration } from '../../support/session'
import { World } from '../../support/world'

/* What strangers can change has a rate limit: the list of routes names it, and this test uses it up. */

const USED_UP = { limit: async () => ({ success: false }) } as RateLimit

/** A world with an entry, its author's token, and registration. */
async function prepare() {
  const world = await withoutModeration(new World())
  await world.api('PATCH', '/api/settings', { registration: 'open' })
  const { body } = await world.api<{ id: string; edit_token: string }>('POST', '/api/comments', ENTRY, {})
  return { world, id: body.id, token: body.edit_token }
}

const ENTRY = { name: 'Ada', body: 'Hello' }
const form = (fields: Record<string, string>) => ({
  method: 'POST',
  headers: FORM,
  body: new URLSearchParams(fields).toString(),
})

type Prepared = Awaited<ReturnType<typeof prepare>>

/** Calls each route, and returns the status. A private link that is renewed has a test in registration/. */
const CALLS: Record<string, (given: Prepared) => Promise<number>> = {
  'POST /api/comments': async ({ world }) => (await world.api('POST', '/api/comments', ENTRY, {})).status,
  'POST /sign': async ({ world }) => (await world.request('/sign', form(ENTRY))).status,
  'POST /b/:slug/sign': async ({ world }) => (await world.request('/b/main/sign', form(ENTRY))).status,
  'POST /embed/:slug/sign': async ({ world }) => (await world.request('/embed/main/sign', form(ENTRY))).status,
  'PATCH /api/comments/:id': async ({ world, id, token }) =>
    (await world.api('PATCH', `/api/comments/${id}`, { body: 'Other' }, { Authorization: `Bearer ${token}` })).status,
  'DELETE /api/comments/:id': async ({ world, id, token }) =>
    (await world.api('DELETE', `/api/comments/${id}`, undefined, { Authorization: `Bearer ${token}` })).status,
  'POST /comments/:id/edit': ({ world }) =>
    afterSigning(world, (id) => [`/comments/${id}/edit`, { name: 'Ada', body: 'Other' }]),
  'POST /comments/:id/delete': ({ world }) => afterSigning(world, (id) => [`/comments/${id}/delete`, {}]),
  'POST /webmention': async ({ world }) => {
    const mention = { source: 'https://a.example/', target: 'https://guestbook.example.com/' }
    return (await world.request('/webmention', form(mention))).status
  },
  'POST /webhooks': async ({ world }) =>
    (await world.request('/webhooks', form({ url: 'https://a.example/hook', event_types: 'comment.published' })))
      .status,
}

/** Signs in a browser, uses up the limit, and sends a form about the entry. */
async function afterSigning(world: World, formOf: (id: string) => [string, Record<string, string>]): Promise<number> {
  const limits = { ...world.env }
  world.env.SIGN_LIMIT = env.SIGN_LIMIT
  const browser = guestBrowser(world)
  await browser.sign({ body: 'In a browser' })
  const id = await env.DB.prepare('select max(id) as id from comments').first<string>('id')
  world.env.SIGN_LIMIT = limits.SIGN_LIMIT
  const [path, fields] = formOf(String(id))
  return (await browser.post(path, fields)).status
}

describe('a route of strangers', () => {
  const routes = Object.entries(STRANGERS).flatMap(([route, { limit }]) => (limit === null ? [] : [{ route, limit }]))

  it('is called here, or renews a private link', () => {
    const called = [...Object.keys(CALLS), 'POST /webhooks/renew/:token']
    expect(called.toSorted()).toEqual(routes.map(({ route }) => route).toSorted())
  })

  it.each(routes.filter(({ route }) => route in CALLS))('$route has the limit $limit', async ({ route, limit }) => {
    const given = await prepare()
    given.world.env[limit] = USED_UP
    expect(await CALLS[route]?.(given)).toBe(429)
  })
})
