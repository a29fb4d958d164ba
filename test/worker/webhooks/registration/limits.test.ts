import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { laterOffTurn, mailbox } from '../../../support/fixtures'
import { World } from '../../../support/world'
import { aWorld, changeNetwork, endpoints, register, registered, submit } from './integrator'

const DAY = 86_400_000
const unlimited = { REGISTER_LIMIT: { limit: async () => ({ success: true }) } as RateLimit }

describe('a registration', () => {
  it('that waits for approval expires after a week, and its place is free again', async () => {
    const world = await aWorld('approve', { FREE_PLAN: 'false' })
    const { path } = await registered(world)
    await world.sweep(laterOffTurn(6 * DAY))
    expect(await endpoints(world)).toHaveLength(1)
    await world.sweep(laterOffTurn(8 * DAY))
    expect(await endpoints(world)).toEqual([])
    expect((await world.request(path)).status).toBe(404)
    const places = 'select count(*) as n from endpoints where manage_token_hash is not null'
    expect(await env.DB.prepare(places).first('n')).toBe(0)
  })

  it('that gets a new URL after a long pause has a whole week again', async () => {
    const world = await aWorld('approve', { FREE_PLAN: 'false' })
    const { id, path } = await registered(world)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await submit(world, `${path}/pause`)
    await env.DB.prepare('update endpoints set disabled_at = disabled_at - ? where id = ?')
      .bind(30 * DAY, id)
      .run()
    const fields: [string, string][] = [
      ['url', mailbox().url('verify')],
      ['description', ''],
      ['event_types', 'comment.published'],
    ]
    expect((await submit(world, `${path}/edit`, fields)).status).toBe(303)
    await world.sweep(laterOffTurn(6 * DAY))
    expect(await endpoints(world)).toMatchObject([{ id, disabled_reason: 'awaiting_approval' }])
    await world.sweep(laterOffTurn(8 * DAY))
    expect(await endpoints(world)).toEqual([])
  })

  it('that the owner has disabled stays so: it gets no new URL, which would expire', async () => {
    const world = await aWorld('approve', { FREE_PLAN: 'false' })
    const { id, path, box } = await registered(world)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await world.api('POST', `/api/endpoints/${id}/disable`)
    const [before] = await endpoints(world)
    const fields = (url: string): [string, string][] => [
      ['url', url],
      ['description', 'changed'],
      ['event_types', 'comment.published'],
    ]
    expect((await submit(world, `${path}/edit`, fields(mailbox().url('verify')))).status).toBe(409)
    expect(await endpoints(world)).toEqual([before])
    expect((await submit(world, `${path}/edit`, fields(box.url('verify')))).status).toBe(303)
    await world.sweep(laterOffTurn(30 * DAY))
    expect(await endpoints(world)).toMatchObject([{ disabled_reason: 'manual', disabled_at: before?.disabled_at }])
  })

  it('that the owner has approved does not expire', async () => {
    const world = await aWorld('approve', { FREE_PLAN: 'false' })
    const { id } = await registered(world)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await world.sweep(laterOffTurn(30 * DAY))
    expect(await endpoints(world)).toHaveLength(1)
  })

  it('is one of a few that a network can make on one day, whatever hosts it has', async () => {
    const world = await aWorld('approve', unlimited)
    let accepted = 0
    for (; accepted < 20; accepted++) {
      const { status } = await register(world, mailbox().url('verify'))
      if (status !== 303) break
      // Each has a host of its own.
      await env.DB.prepare("update endpoints set url = 'https://' || lower(id) || '.example/'").run()
    }
    expect((await register(world, mailbox().url('verify'))).status).toBe(429)
    expect(accepted).toBeGreaterThanOrEqual(3)
    expect(accepted).toBeLessThanOrEqual(5)
    changeNetwork()
    expect((await register(new World(), mailbox().url('verify'))).status).toBe(303)
  })
})

describe('a private link', () => {
  it('cannot fill the log with tests: they count in the share of the network', async () => {
    const world = await aWorld('open', unlimited)
    const { path } = await registered(world)
    const statuses: number[] = []
    for (let i = 0; i < 30; i++) statuses.push((await submit(world, `${path}/test`)).status)
    expect(statuses.filter((status) => status === 303).length).toBeGreaterThan(10)
    expect(statuses.at(-1)).toBe(429)
    const before = await env.DB.prepare('select count(*) as n from attempts').first<number>('n')
    const { status } = await submit(world, `${path}/replay`)
    expect(status).toBe(429)
    expect(await env.DB.prepare('select count(*) as n from attempts').first<number>('n')).toBe(before)
  })

  it('says on its own page that there are no more replays today, while tests and previews still work', async () => {
    const world = await aWorld('open', unlimited)
    const { path, see } = await registered(world)
    await submit(world, `${path}/test`)
    let answer = await submit(world, `${path}/replay`)
    for (let i = 0; i < 9 && answer.status === 303; i++) answer = await submit(world, `${path}/replay`)
    expect(answer.status).toBe(429)
    expect(answer.html).toMatch(/No more replays /)
    expect(answer.html).toContain('aria-current="page">Replay')
    expect(answer.html).toContain('<h1>Your endpoint at ')
    expect((await submit(world, `${path}/test`)).status).toBe(303)
    expect(await see('?tab=replay&preview=true&only=missing&span=7')).toContain('Nothing to replay')
  })
})
