import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { later, restChores } from '../../../support/fixtures'
import {
  aSource,
  DAY,
  githubPost,
  listInbound as list,
  post,
  STAR,
  theBody,
  theInbound,
} from '../../../support/sources'
import { World } from '../../../support/world'

describe('an old message', () => {
  it("is removed together with its body after its source's retention period", async () => {
    const world = new World()
    const short = await aSource(world, 'unsigned', { retention_days: 2 })
    const long = await aSource(world, 'unsigned', { retention_days: 60 })
    for (const { path } of [short, long]) for (let i = 0; i < 3; i++) await post(world, path, `{"n":${i}}`)
    await world.drain()
    await world.sweep(later(1 * DAY))
    expect(await list(world)).toHaveLength(6)
    await world.sweep(later(3 * DAY))
    expect(await list(world, `source=${short.id}`)).toHaveLength(0)
    expect(await list(world, `source=${long.id}`)).toHaveLength(3)
    const chunks = await env.DB.prepare('select count(*) as n from inbound_chunks').first()
    expect(chunks).toEqual({ n: 3 })
  })

  it('can lose its body earlier, while the rest of the message is kept', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned', { body_retention_days: 7 })
    const { body } = await post(world, source.path, '{"needle":1}')
    await world.drain()
    expect(await list(world, 'q=needle')).toHaveLength(1)
    await world.sweep(later(8 * DAY))
    expect(await list(world, 'q=needle')).toHaveLength(0)
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed', size: 12 })
    const gone = await world.api('GET', `/api/inbound/${body.id}/body`)
    expect(gone.status).toBe(404)
    expect(gone.body.code).toBe('body_removed')
  })

  it('is kept while it is parked', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned', { retention_days: 1, body_retention_days: 1 })
    await world.api('PATCH', `/api/sources/${source.id}`, { status: 'paused' })
    const { body } = await post(world, source.path, '{}')
    await world.drain()
    await world.sweep(later(5 * DAY))
    await world.api('PATCH', `/api/sources/${source.id}`, { status: 'active' })
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
  })

  it("is kept until it is processed, however short its source's retention period is", async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned', { retention_days: 1, body_retention_days: 1 })
    const { body } = await post(world, source.path, '{"a":1}')
    world.loseQueue()
    await world.sweep(later(3 * DAY))
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
    expect(new TextDecoder().decode(await theBody(world, body.id))).toBe('{"a":1}')
  })

  it('loses its body in one sweep, however many sources remove bodies early', async () => {
    const world = new World({ FREE_PLAN: 'false' })
    for (let i = 0; i < 15; i++) {
      const { path } = await aSource(world, 'unsigned', { body_retention_days: 1 })
      await post(world, path, `{"i":${i}}`)
    }
    await world.drain()
    await world.sweep(later(2 * DAY))
    const left = await env.DB.prepare('select count(*) as n from inbound_chunks').first()
    expect(left).toEqual({ n: 0 })
  })

  it('of a deleted source is removed, followed by the source', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned')
    await post(world, source.path, '{}')
    await world.api('DELETE', `/api/sources/${source.id}`)
    await world.drain()
    await world.sweep(later(31 * DAY))
    await world.sweep(later(32 * DAY))
    const left = await env.DB.prepare('select count(*) as n from sources').first()
    expect(left).toEqual({ n: 0 })
  })
})

describe('a body that became old while its message was parked', () => {
  it('is removed once the message has been processed, and kept if the message fails', async () => {
    const world = new World()
    const more = { secret: 'hush', body_retention_days: 1 }
    const source = await aSource(world, 'github', more)
    const good = await githubPost(world, source.path, 'hush', STAR)
    const bad = await githubPost(world, source.path, 'wrong', STAR)
    world.loseQueue()
    await world.api('PATCH', `/api/sources/${source.id}`, { status: 'paused' })
    await world.sweep(later(60 * 60_000))
    await world.drain()
    await env.DB.prepare('update sources set bodies_removed_to = ?1').bind('in_~').run()
    await world.api('PATCH', `/api/sources/${source.id}`, { status: 'active' })
    await world.drain()
    expect(await theInbound(world, good.body.id)).toMatchObject({ status: 'processed' })
    const gone = await world.api('GET', `/api/inbound/${good.body.id}/body`)
    expect(gone.body.code).toBe('body_removed')
    expect(await theInbound(world, bad.body.id)).toMatchObject({ status: 'failed' })
    expect(new TextDecoder().decode(await theBody(world, bad.body.id))).toBe(STAR)
  })
})

describe('a removed message', () => {
  it('is removed together with its body, and counts as new when it is sent again', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const { body } = await post(world, path, 'private')
    await world.drain()
    expect((await world.api('DELETE', `/api/inbound/${body.id}`)).status).toBe(204)
    expect((await world.api('DELETE', `/api/inbound/${body.id}`)).status).toBe(404)
    expect((await world.api('GET', `/api/inbound/${body.id}`)).status).toBe(404)
    const left = await env.DB.prepare('select count(*) as n from inbound_chunks').first()
    expect(left).toEqual({ n: 0 })
    const again = await post(world, path, 'private')
    expect(again.status).toBe(202)
    await world.api('DELETE', `/api/inbound/${again.body.id}`)
    await world.drain()
    expect(await list(world)).toEqual([])
  })
})

describe('with 1,000 sources', () => {
  it('a sweep reads a page of them, and each gets its turn', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned', { retention_days: 1 })
    const { id } = await aSource(world, 'unsigned', { retention_days: 1 })
    const columns = (await env.DB.prepare("select group_concat(name) as n from pragma_table_info('sources')").first())
      ?.n
    const values = String(columns).replace(/^id,/, "'src_' || printf('%04d', i),").replace(',token_hash', ',null')
    await env.DB.prepare(
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < 998)
       insert into sources (${columns}) select ${values} from n cross join sources where id = ?1`
    )
      .bind(id)
      .run()
    await env.DB.prepare("update sources set status = 'paused' where id like 'src____5'").run()
    await post(world, path, '{}')
    await world.drain()
    await restChores()
    world.invocations.length = 0
    for (let i = 0; i <= 21; i++) await world.sweep(later(3 * DAY + i * 60_000))
    expect(await list(world)).toEqual([])
    expect(world.worst(({ rowsRead }) => rowsRead)).toBeLessThanOrEqual(400)
  })
})

describe('a backlog of old messages on the Free plan', () => {
  it('is removed slowly, so that the rows that are removed leave room for visitors', async () => {
    const world = new World({ FREE_PLAN: 'true' })
    const source = await aSource(world, 'unsigned', { retention_days: 1 })
    for (let i = 0; i < 12; i++) await post(world, source.path, `{"n":${i}}`)
    await world.drain()
    await restChores()
    world.invocations.length = 0
    for (let i = 0; i < 4; i++) await world.sweep(later(3 * DAY + i * 60_000))
    expect(await list(world)).toHaveLength(0)
    // 1,440 sweeps a day may write 43% of the 100,000 rows that the plan allows.
    expect(world.worst(({ rowsWritten }) => rowsWritten)).toBeLessThanOrEqual(30)
  })
})
