import { env } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { letPass, stopClock } from '../../../../support/clock'
import { ownerBrowser } from '../../../../support/session'
import { aSource, DAY, githubPost, listInbound, post, STAR, theInbound } from '../../../../support/sources'
import { World } from '../../../../support/world'

async function eventsOf(): Promise<unknown> {
  const count = "select count(*) as n from messages where type = 'inbound.received'"
  return (await env.DB.prepare(count).first())?.n
}

/** Posts a signed Standard Webhooks message. */
function svixPost(world: World, path: string, names: 'svix' | 'webhook', more: Record<string, string> = {}) {
  const time = Math.floor(Date.now() / 1_000)
  const key = Buffer.alloc(32, 7)
  const mac = createHmac('sha256', key).update(`msg_1.${time}.{}`).digest('base64')
  return post(world, path, '{}', {
    [`${names}-id`]: 'msg_1',
    [`${names}-timestamp`]: String(time),
    [`${names}-signature`]: `v1,${mac}`,
    ...more,
  })
}

describe('a body and a signature that are sent again under another delivery id', () => {
  it('are acted on, because the signature covers nothing else, but the owner sees it', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush', act: 'publish' })
    const first = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    await world.drain()
    const copy = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-2' })
    expect(copy.status).toBe(202)
    await world.drain()
    expect(await eventsOf()).toBe(2)
    const shown = await theInbound(world, copy.body.id)
    expect(shown).toMatchObject({ status: 'processed', verified: true, copy_of: first.body.id })
    expect(shown.log.at(-1)?.detail).toMatch(new RegExp(`same.*${first.body.id}`))
    expect(await theInbound(world, first.body.id)).toMatchObject({ copy_of: null })
    const listed = await listInbound(world, `source=${source.id}`)
    expect(listed.map(({ copy_of }) => copy_of)).toEqual([first.body.id, null])
    const browser = await ownerBrowser(world)
    const page = await (await browser.get(`/admin/inbound/${copy.body.id}`)).text()
    expect(page).toContain('same body')
    expect(page).toContain(`href="/admin/inbound/${first.body.id}"`)
    expect(await browser.see('/admin/inbound')).toContain('copy of')
    expect(await browser.see(`/admin/inbound/${first.body.id}`)).not.toContain('same body')
  })

  it('are found while the first message waits, and always name the first message', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const ids: string[] = []
    for (let i = 0; i < 15; i++)
      ids.push((await githubPost(world, source.path, 'hush', STAR, { delivery: `d-${i}` })).body.id)
    await Promise.all(world.queued.splice(0).map((order) => world.consume(order)))
    for (const id of ids.slice(1)) expect(await theInbound(world, id)).toMatchObject({ copy_of: ids[0] })
  })

  it('are found after a day if the sender sends no delivery id', async () => {
    const world = new World()
    const source = await aSource(world, 'websub', { secret: 'hush' })
    const mac = createHmac('sha256', 'hush').update(STAR).digest('hex')
    const send = () => post(world, source.path, STAR, { 'X-Hub-Signature': `sha256=${mac}` })
    const first = await send()
    await world.drain()
    expect((await send()).body).toEqual({ id: first.body.id, repeat: true })
    await env.DB.prepare('update inbound_messages set received_at = received_at - ?1').bind(DAY).run()
    const again = await send()
    await world.drain()
    expect(await theInbound(world, again.body.id)).toMatchObject({ status: 'processed', copy_of: first.body.id })
  })

  it('are refused where the signature covers the delivery id, also if it covers the id of another header', async () => {
    // A signature also covers the second in which it is made.
    stopClock()
    const world = new World()
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    const { path } = await aSource(world, 'standard-webhooks', { secret })
    await svixPost(world, path, 'webhook')
    const changed = await svixPost(world, path, 'webhook', { 'webhook-id': 'msg_2' })
    await world.drain()
    const refused = { status: 'failed', reason: 'signature_mismatch', copy_of: null }
    expect(await theInbound(world, changed.body.id)).toMatchObject(refused)
    for (const [provider, signed, more] of [
      ['standard-webhooks', 'svix', { 'webhook-id': 'msg_2', 'webhook-signature': 'v1,junk' }],
      ['svix', 'webhook', { 'svix-id': 'msg_2', 'svix-signature': 'v1,junk' }],
    ] as const) {
      const other = await aSource(world, provider, { secret })
      const first = await svixPost(world, other.path, signed)
      await world.drain()
      expect(await theInbound(world, first.body.id)).toMatchObject({ status: 'processed', verified: true })
      const copy = await svixPost(world, other.path, signed, more)
      await world.drain()
      expect(await theInbound(world, copy.body.id)).toMatchObject({ status: 'failed', reason: 'signature_mismatch' })
    }
    const gitlab = await aSource(world, 'gitlab', { secret })
    const renamed = await svixPost(world, gitlab.path, 'svix', { 'idempotency-key': 'msg_2' })
    await world.drain()
    expect(await theInbound(world, renamed.body.id)).toMatchObject({ status: 'failed', verified: false })
  })

  it.each([
    ['a signature in capitals', '', (mac: string) => `sha256=${mac.toUpperCase()}`],
    ['a prefix in capitals', '', (mac: string) => `SHA256=${mac}`],
    ['a query', '?x=1', (mac: string) => `sha256=${mac}`],
  ])('are found with %s', async (_, query, written) => {
    stopClock()
    const world = new World()
    const { path } = await aSource(world, 'github', { secret: 'hush' })
    const first = await githubPost(world, path, 'hush', STAR, { delivery: 'd-1' })
    await world.drain()
    // Ids of the same millisecond have no order.
    letPass(1)
    const mac = createHmac('sha256', 'hush').update(STAR).digest('hex')
    const copy = await post(world, path + query, STAR, {
      'X-GitHub-Event': 'star',
      'X-GitHub-Delivery': 'd-2',
      'X-Hub-Signature-256': written(mac),
    })
    await world.drain()
    expect(await theInbound(world, copy.body.id)).toMatchObject({ status: 'processed', copy_of: first.body.id })
  })

  it('are the same delivery under another query if the sender sends no delivery id', async () => {
    const world = new World()
    const { path } = await aSource(world, 'meta', { secret: 'hush' })
    const mac = createHmac('sha256', 'hush').update(STAR).digest('hex')
    const send = (query: string) => post(world, path + query, STAR, { 'X-Hub-Signature-256': `sha256=${mac}` })
    const first = await send('')
    await world.drain()
    expect((await send('?x=1')).body).toEqual({ id: first.body.id, repeat: true })
  })

  it('are not reported for a forged message', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    for (const delivery of ['d-1', 'd-2', 'd-3']) await githubPost(world, source.path, 'guess', STAR, { delivery })
    await world.drain()
    expect((await listInbound(world)).map(({ copy_of }) => copy_of)).toEqual([null, null, null])
  })

  it.each([
    ['gitlab-token', { secret: 'hush' }, { 'X-Gitlab-Token': 'hush' }, 'Idempotency-Key'],
    ['unsigned', { options: { delivery_id: 'header:x-id' } }, {}, 'X-Id'],
  ])('are not reported for %s, whose messages have no signature', async (provider, more, headers, id) => {
    const world = new World()
    const { path } = await aSource(world, provider, more)
    for (const value of ['1', '2'])
      expect((await post(world, path, '{}', { ...headers, [id]: value })).status).toBe(202)
    await world.drain()
    expect(await listInbound(world)).toMatchObject([
      { status: 'processed', copy_of: null },
      { status: 'processed', copy_of: null },
    ])
  })

  it('are not reported for samples or for another source', async () => {
    const world = new World()
    const [a, b] = [
      await aSource(world, 'github', { secret: 'hush' }),
      await aSource(world, 'github', { secret: 'hush' }),
    ]
    for (const { path } of [a, b]) await githubPost(world, path, 'hush', STAR)
    for (let i = 0; i < 2; i++) await world.api('POST', `/api/sources/${a.id}/sample`, { body: STAR })
    await world.drain()
    const all = await listInbound(world)
    expect(all).toHaveLength(4)
    expect(all.map(({ copy_of }) => copy_of)).toEqual([null, null, null, null])
  })
})
