import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { aSource } from '../../../support/sources'
import { BASE, TOKEN, World } from '../../../support/world'

const withKey = { Authorization: `Bearer ${TOKEN}`, 'Idempotency-Key': 'once' }

describe('a call with an Idempotency-Key', () => {
  it.each(['pull-token', 'duplicate', 'replay'])(
    'to %s is not answered again once its endpoint is gone',
    async (what) => {
      const world = new World()
      const { id } = await anEndpoint(world, mailbox().url('ok'))
      const body = what === 'replay' ? { since: '2020-01-01T00:00:00Z', only: 'failed' } : undefined
      const call = () => world.api('POST', `/api/endpoints/${id}/${what}`, body, withKey)
      const first = await call()
      expect(first.status).toBeLessThan(300)
      expect((await call()).body).toEqual(first.body)
      await world.api('DELETE', `/api/endpoints/${id}`)
      expect((await call()).status).toBe(404)
    }
  )
})

describe('a button', () => {
  it('needs no form, because it has no fields', async () => {
    const world = new World()
    const { id } = await aSource(world, 'github', { secret: 'hush' })
    const { cookie } = await ownerBrowser(world)
    for (const [button, change] of [
      ['pause', { status: 'paused' }],
      ['resume', { status: 'active' }],
    ] as const) {
      const headers = { ...cookie, Origin: BASE }
      const { status } = await world.request(`/admin/sources/${id}/${button}`, { method: 'POST', headers })
      expect(status).toBe(303)
      expect((await world.api('GET', `/api/sources/${id}`)).body).toMatchObject(change)
    }
  })
})

describe('a setting of a book that another version has stored', () => {
  it('is that of a new book if this version does not know its value', async () => {
    const world = new World()
    const settings = JSON.stringify({
      moderation: 'by_committee',
      max_links: null,
      own_smileys: null,
      theme: 'gone',
      x: 1,
    })
    await env.DB.prepare("update books set settings = ?1, version = version + 1 where slug = 'main'")
      .bind(settings)
      .run()
    const { status, body } = await world.api('GET', '/api/books/main')
    expect(status).toBe(200)
    expect(body).toMatchObject({ moderation: 'first', max_links: 2, own_smileys: [], theme: 'nineties' })
    const { body: entry } = await world.api('POST', '/api/comments', { name: 'Ada', body: 'Hi' }, {})
    expect(entry).toMatchObject({ status: 'held' })
  })
})
