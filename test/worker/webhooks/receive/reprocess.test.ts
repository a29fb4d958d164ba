import { env } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sealSource } from '../../../../src/webhooks/sources/secrets'
import { later } from '../../../support/fixtures'
import {
  aSource,
  DAY,
  githubPost,
  listInbound as list,
  post,
  type SourceView,
  STAR,
  theInbound,
} from '../../../support/sources'
import { World } from '../../../support/world'

describe('a replay', () => {
  it('changes nothing, and returns 409, if the body has been removed', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush', body_retention_days: 1 })
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    await world.drain()
    const before = await theInbound(world, body.id)
    await world.sweep(later(2 * DAY))
    const again = await world.api('POST', `/api/inbound/${body.id}/replay`)
    expect(again).toMatchObject({ status: 409, body: { code: 'body_removed' } })
    expect(await theInbound(world, body.id)).toEqual(before)
    const verification = await world.api('GET', `/api/inbound/${body.id}/verification`)
    expect(verification.body).toMatchObject({ reason: 'body_removed' })
  })

  it('changes nothing, and returns 409, if the source has been deleted', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    await world.drain()
    await world.api('DELETE', `/api/sources/${source.id}`)
    const again = await world.api('POST', `/api/inbound/${body.id}/replay`)
    expect(again).toMatchObject({ status: 409, body: { code: 'source_deleted' } })
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed', verified: true })
  })
})

describe('a message that is waiting when its source is deleted', () => {
  it('fails, and keeps what is known about it', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body } = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-9' })
    await world.api('DELETE', `/api/sources/${source.id}`)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({
      status: 'failed',
      reason: 'source_deleted',
      verified: null,
      external_id: 'd-9',
    })
  })
})

describe('a message that was sent to an earlier URL', () => {
  const options = { header: 'x-sig', signed: '{url}{body}' }

  it('is verified with that URL if the URL is signed', async () => {
    const world = new World()
    const source = await aSource(world, 'custom-hmac', { secret: 'hush', options })
    const mac = createHmac('sha256', 'hush').update(`${source.url}{}`).digest('hex')
    const { body } = await post(world, source.path, '{}', { 'X-Sig': mac })
    for (let i = 0; i < 3; i++) await world.api('POST', `/api/sources/${source.id}/url/rotate`)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed', verified: true, path: source.path })
  })
})

describe('a source whose secrets cannot be read', () => {
  async function broken(world: World): Promise<SourceView> {
    const source = await aSource(world, 'github', { secret: 'hush' })
    const sealed = await sealSource(world.env, 'src_another', { token: 'hook_x', current: 'x' })
    await env.DB.prepare('update sources set secrets = ?1 where id = ?2').bind(sealed, source.id).run()
    return source
  }

  it('reports the problem, and works again after its URL has been rotated and its secret has been entered', async () => {
    const world = new World()
    const { id } = await broken(world)
    const shown = await world.api('GET', `/api/sources/${id}`)
    expect(shown).toMatchObject({ status: 503, body: { code: 'secrets_key_wrong' } })
    const rotated = await world.api<SourceView>('POST', `/api/sources/${id}/url/rotate`)
    expect(rotated.status).toBe(200)
    await world.api('PATCH', `/api/sources/${id}`, { secret: 'hush' })
    await githubPost(world, new URL(rotated.body.url).pathname, 'hush', STAR)
    await world.drain()
    expect((await list(world))[0]).toMatchObject({ status: 'processed', verified: true })
  })

  it('can be deleted', async () => {
    const world = new World()
    const { id } = await broken(world)
    expect((await world.api('DELETE', `/api/sources/${id}`)).status).toBe(204)
  })
})
