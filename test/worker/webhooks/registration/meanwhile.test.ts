import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, later, laterOffTurn, mailbox } from '../../../support/fixtures'
import { justBefore } from '../../../support/meanwhile'
import { ownerBrowser } from '../../../support/session'
import { latestMessageId, theDelivery, theEndpoint } from '../../../support/views'
import { TOKEN, World } from '../../../support/world'
import { aWorld, changeNetwork, endpoints, register, registered, submit } from './integrator'

/* What another request does to an endpoint between two calls of the first one to the database. */

const DAY = 86_400_000
const OWNER = { Authorization: `Bearer ${TOKEN}` }
const MINUTE = 60_000

type Job = { id: string }

const editTo = (url: string): [string, string][] => [
  ['url', url],
  ['description', 'Ada'],
  ['event_types', 'comment.published'],
]

describe('a replay that is canceled', () => {
  it('leaves a build hook the call for an entry that came in the meantime', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url(), { format: 'build-hook', event_types: ['comment.*'] })
    await aComment(world)
    await world.drain()
    const since = new Date(Date.now() - DAY).toISOString()
    const { body } = await world.api<Job>('POST', `/api/endpoints/${id}/replay`, { only: 'all', since })
    await world.drain()
    await aComment(world)
    await world.drain()
    await world.api('POST', `/api/jobs/${body.id}/cancel`)
    await world.drain()
    await world.sweep(later(10 * MINUTE))
    await world.drain()
    expect(await box.received()).toHaveLength(2)
  })
})

describe('enabling with replay_missing', () => {
  it('also sends what was published until the endpoint was enabled', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await world.api('POST', `/api/endpoints/${id}/disable`)
    await aComment(world)
    await world.drain()
    const hasCome = justBefore(world, /set status = 'enabled'/, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await aComment(world)
      await world.drain()
    })
    await world.api('POST', `/api/endpoints/${id}/enable`, { replay_missing: true })
    expect(hasCome()).toBe(true)
    await world.drainDelayed()
    expect(await box.received()).toHaveLength(2)
  })
})

describe('a new URL of an integrator', () => {
  it('is not enabled by an approval of the old one', async () => {
    const world = await aWorld('approve')
    const owner = await ownerBrowser(world)
    const { path, id, box } = await registered(world)
    const approve = () => owner.submit(`/admin/endpoints/${id}/enable`, { url: box.url('verify') })
    const other = mailbox()
    const hasCome = justBefore(world, /^\s*update endpoints\s+set.*"url"/s, approve)
    await submit(world, `${path}/edit`, editTo(other.url('verify')))
    expect(hasCome()).toBe(true)
    expect((await endpoints(world))[0]).toMatchObject({ status: 'disabled', disabled_reason: 'awaiting_approval' })
  })

  it('is not enabled by an approval that began before', async () => {
    const world = await aWorld('approve')
    const owner = await ownerBrowser(world)
    const { path, id, box } = await registered(world)
    const other = mailbox()
    justBefore(world, /set status = 'enabled'/, () => submit(world, `${path}/edit`, editTo(other.url('verify'))))
    await owner.submit(`/admin/endpoints/${id}/enable`, { url: box.url('verify') })
    const [endpoint] = await endpoints(world)
    expect(endpoint).toMatchObject({ url: other.url('verify'), status: 'disabled' })
  })

  it('is refused if another endpoint got it while it was checked', async () => {
    const world = await aWorld('open', { REGISTER_LIMIT: { limit: async () => ({ success: true }) } as RateLimit })
    const [one, two] = [await registered(world), await registered(world)]
    const wanted = mailbox().url('verify')
    const hasCome = justBefore(world, /^\s*update endpoints\s+set.*"url"/s, () =>
      submit(world, `${two.path}/edit`, editTo(wanted))
    )
    expect((await submit(world, `${one.path}/edit`, editTo(wanted))).status).toBe(422)
    expect(hasCome()).toBe(true)
    expect((await endpoints(world)).map(({ url }) => url)).toEqual([wanted, one.box.url('verify')])
  })

  it('is accepted although its host has as many endpoints as it may have', async () => {
    const unlimited = { limit: async () => ({ success: true }) } as RateLimit
    const world = await aWorld('open', { REGISTER_LIMIT: unlimited, TEST_LIMIT: unlimited })
    const { path, id } = await registered(world)
    const others = Array.from({ length: 4 }, (_, i) => ({ id: `ep_${i}`, url: mailbox().url('verify') }))
    await env.DB.prepare(
      `insert into endpoints (id, status, url, event_types, created_at, updated_at, secrets, manage_token_hash)
       select value ->> 'id', 'enabled', value ->> 'url', '["*"]', 1, 1, '', value ->> 'id' from json_each(?1)`
    )
      .bind(JSON.stringify(others))
      .run()
    const wanted = mailbox().url('verify')
    expect((await submit(world, `${path}/edit`, editTo(wanted))).status).toBe(303)
    expect((await endpoints(world)).find((one) => one.id === id)).toMatchObject({ url: wanted })
  })
})

it('a registration that is approved while it expires stays', async () => {
  const world = await aWorld('approve', { FREE_PLAN: 'false' })
  const { id } = await registered(world)
  const hasCome = justBefore(world, /^\s*update endpoints\s+set.*"status"/s, () =>
    world.api('POST', `/api/endpoints/${id}/enable`)
  )
  await world.sweep(laterOffTurn(8 * DAY))
  expect(hasCome()).toBe(true)
  expect(await endpoints(world)).toMatchObject([{ id, status: 'enabled' }])
})

it('moderation links that are taken away stay so while the pull token is revoked or renewed', async () => {
  const world = new World()
  const { id } = await anEndpoint(world, mailbox().url(), { moderation_links: true })
  for (const method of ['POST', 'DELETE'] as const) {
    await world.api('PATCH', `/api/endpoints/${id}`, { moderation_links: true })
    const hasCome = justBefore(world, /pull_token_hash" = /, () =>
      world.api('PATCH', `/api/endpoints/${id}`, { moderation_links: false })
    )
    await world.api(method, `/api/endpoints/${id}/pull-token`)
    expect(hasCome()).toBe(true)
    expect(await theEndpoint(world, id)).toMatchObject({ moderation_links: false })
  }
})

it('a pull token is not given to whoever asks for it while the private link is replaced', async () => {
  const world = await aWorld('open')
  const { path, id, box } = await registered(world)
  for (const ask of [
    () => submit(world, `${path}/pull-token`),
    () => world.request(`/api/endpoints/${id}/pull-token`, { method: 'POST', headers: OWNER }),
  ]) {
    changeNetwork()
    await register(world, box.url('verify'))
    const renew = new URL(JSON.parse((await box.received()).at(-1)?.body ?? '').data.renew_url).pathname
    const hasCome = justBefore(world, /pull_token_hash" = /, () => submit(world, renew))
    const answer = await ask()
    expect(hasCome()).toBe(true)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(await theEndpoint(world, id)).toMatchObject({ pull: false })
  }
  const { status, body } = await world.api<{ token: string }>('POST', `/api/endpoints/${id}/pull-token`)
  expect([status, body.token.startsWith('pull_')]).toEqual([201, true])
})

it('a new interval keeps what has happened to the endpoint in the meantime', async () => {
  const world = new World()
  const box = mailbox()
  const hook = { format: 'build-hook', event_types: ['comment.*'], min_interval_minutes: 60 }
  const { id } = await anEndpoint(world, box.url('scripted'), hook)
  await box.script('ok')
  await aComment(world)
  await world.drain()
  const health = async () => (await theEndpoint(world, id)).health
  expect(await health()).toMatchObject({ breaker: 'held' })
  const hasCome = justBefore(world, /"min_interval_minutes" = /, () =>
    world.api('POST', `/api/endpoints/${id}/disable`)
  )
  const { status } = await world.api('PATCH', `/api/endpoints/${id}`, { min_interval_minutes: 5 })
  expect(hasCome()).toBe(true)
  expect(status).toBe(200)
  expect(await theEndpoint(world, id)).toMatchObject({ status: 'disabled', min_interval_minutes: 5 })
  expect(await health()).toMatchObject({ breaker: 'closed', resume_at: null })
})

it('"Retry now" does not send what a page that was just released is about to send', async () => {
  const world = new World()
  const box = mailbox()
  const { id } = await anEndpoint(world, box.url())
  await aComment(world)
  await world.drain()
  const since = new Date(Date.now() - DAY).toISOString()
  await world.api('POST', `/api/endpoints/${id}/replay`, { only: 'all', since })
  expect(await theDelivery(world, id)).toMatchObject({ is_sending: true })
  const path = `/api/messages/${await latestMessageId(world)}/deliveries/${id}/retry`
  // 202 would say that another order was queued.
  expect((await world.api('POST', path, { hasten: true })).status).toBe(200)
  await world.drainDelayed()
  expect(await box.received()).toHaveLength(2)
})
