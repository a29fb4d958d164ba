import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { forgetSources } from '../../../../../src/webhooks/sources/cache'
import { letPass } from '../../../../support/clock'
import { aComment, anEndpoint, later, mailbox } from '../../../../support/fixtures'
import { aSource, listInbound, post, theInbound } from '../../../../support/sources'
import { latestMessageId, theDelivery } from '../../../../support/views'
import { BASE, World } from '../../../../support/world'

const OTHER_NAME = 'https://guests.example.net'
const TYPES = ['comment.published', 'inbound.received']
const DAY = 86_400_000

type Box = ReturnType<typeof mailbox>

beforeEach(() => forgetSources(env))

/** A guestbook that sends its events to a receiver, which leads back to the guestbook under another name. */
async function circle(more: Record<string, unknown>) {
  const world = new World()
  const box = mailbox()
  const endpoint = await anEndpoint(world, box.url('ok'), { event_types: TYPES })
  const source = await aSource(world, 'standard-webhooks', { secret: endpoint.secret, ...more })
  return { world, box, endpoint, source }
}

/** Passes on what the receiver got since the last time, as the other name of the guestbook would receive it. */
async function passOn(world: World, box: Box, path: string, from: number) {
  const received = (await box.received()).slice(from)
  world.base = OTHER_NAME
  const answers = []
  for (const { headers, body } of received) {
    const { 'content-length': _, host: __, connection: ___, ...rest } = headers
    answers.push(await post(world, path, body, rest))
  }
  world.base = BASE
  await world.drain()
  return { count: received.length, answers }
}

async function hopsOfMessages(): Promise<unknown[]> {
  const { results } = await env.DB.prepare('select hops from messages order by id').all()
  return results.map(({ hops }) => hops)
}

describe('a guestbook that calls itself under another name', () => {
  it.each([
    ['publishes', { act: 'publish' }],
    ['signs', { act: 'sign', template: { name: 'Again', body: 'Signed: {{type}}' } }],
  ])('refuses an event after three hops, whether it %s what comes in', async (_, more) => {
    const { world, box, source } = await circle(more)
    await aComment(world)
    await world.drain()
    const statuses: number[] = []
    let from = 0
    for (let round = 0; round < 10; round++) {
      const { count, answers } = await passOn(world, box, source.path, from)
      from += count
      statuses.push(...answers.map(({ status }) => status))
      if (count === 0) break
      const last = answers.at(-1)
      if (last?.status === 508) expect(last.body).toMatchObject({ code: 'too_many_hops', title: 'Loop detected' })
    }
    expect(statuses).toEqual([202, 202, 202, 508])
    expect((await box.received()).map(({ headers }) => headers['guesthook-hops'])).toEqual(['0', '1', '2', '3'])
    expect(await hopsOfMessages()).toEqual([0, 1, 2, 3])
    expect((await listInbound(world)).map(({ status }) => status)).toEqual(['processed', 'processed', 'processed'])
  })

  it('stores nothing of a request that it refuses, and still answers questions about the URL', async () => {
    const { world, source } = await circle({ act: 'publish' })
    const hops = { 'Guesthook-Hops': '3' }
    for (const method of ['POST', 'PUT', 'GET']) {
      const body = method === 'GET' ? null : '{}'
      expect((await post(world, source.path, body, hops, method)).status).toBe(508)
    }
    expect((await post(world, source.path, null, hops, 'OPTIONS')).status).toBe(204)
    expect((await post(world, '/in/hook_unknown', '{}', hops)).status).toBe(404)
    expect(await listInbound(world)).toEqual([])
    const many = await post(world, source.path, '{}', { 'Guesthook-Hops': '0, 7' })
    expect(many.body.detail).toContain('7 guestbooks')
  })

  it('does not start over with an event that reports a failed delivery', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url('ok'), { event_types: ['delivery.failed'] })
    await anEndpoint(world, mailbox().url('status/410'), { event_types: ['inbound.received'] })
    const { path } = await aSource(world, 'unsigned', { act: 'publish' })
    await post(world, path, '{}', { 'Guesthook-Hops': '1' })
    await world.drain()
    const [reported] = await box.received()
    expect(JSON.parse(reported?.body ?? '{}').type).toBe('delivery.failed')
    expect(reported?.headers['guesthook-hops']).toBe('2')
  })
})

describe('the number of hops', () => {
  it('is the same in every attempt, in a replay, in a pull and in the curl command', async () => {
    const { world, box, endpoint } = await circle({ act: 'keep' })
    await world.api('PATCH', `/api/endpoints/${endpoint.id}`, { url: box.url('fail-times/2') })
    const source = await aSource(world, 'unsigned', { act: 'publish' })
    await post(world, source.path, '{}', { 'guesthook-hops': '1' })
    await world.drain()
    await world.sweep(later(60_000))
    await world.drainDelayed()
    const message_id = await latestMessageId(world)
    await world.sweep(later(DAY))
    await world.drainDelayed()
    await world.api('POST', `/api/messages/${message_id}/deliveries/${endpoint.id}/retry`)
    await world.drainDelayed()
    const sent = await box.received()
    expect(sent.length).toBeGreaterThanOrEqual(3)
    expect(new Set(sent.map(({ headers }) => headers['guesthook-hops']))).toEqual(new Set(['2']))
    const { body: delivery } = await world.api('GET', `/api/messages/${message_id}/deliveries/${endpoint.id}`)
    expect(delivery.curl).toContain("-H 'Guesthook-Hops: 2'")
    letPass(1_100)
    const pulled = await world.api<{ data: { headers: Record<string, string> }[] }>(
      'GET',
      `/api/endpoints/${endpoint.id}/messages`
    )
    expect(pulled.body.data[0]?.headers['Guesthook-Hops']).toBe('2')
  })

  it('is one higher in a forwarded request, whatever the sender or the editor wrote', async () => {
    const world = new World()
    const box = mailbox()
    const { path } = await aSource(world, 'unsigned')
    for (const [hops, sent] of [
      [undefined, '1'],
      ['2', '3'],
    ]) {
      const { body } = await post(world, path, `${hops}`, hops ? { 'Guesthook-Hops': hops } : {})
      const forward = (input: object) => world.api('POST', `/api/inbound/${body.id}/replay`, input)
      await forward({ to: box.url('ok') })
      await forward({ to: box.url('ok'), headers: [['Guesthook-Hops', '0']], body: 'edited' })
      const received = (await box.received()).slice(-2)
      expect(received.map(({ headers }) => headers['guesthook-hops'])).toEqual([sent, sent])
      expect((await theInbound(world, body.id)).headers).toEqual(
        hops ? expect.arrayContaining([['guesthook-hops', hops]]) : expect.anything()
      )
    }
  })
})

describe('a URL of this guestbook', () => {
  /** PUBLIC_URL is one name. The owner uses the other one. */
  function twoNames() {
    const world = new World({ PUBLIC_URL: OTHER_NAME, ALLOW_LOCAL_ENDPOINTS: 'false' })
    world.base = BASE
    return world
  }

  it('is refused under the name in PUBLIC_URL and under the name that the owner uses', async () => {
    const world = twoNames()
    const { id } = await anEndpoint(world, 'https://example.com/hook')
    const { path } = await aSource(world, 'unsigned')
    const inbound = await post(world, path, '{}')
    for (const origin of [BASE, OTHER_NAME, BASE.toUpperCase(), `${OTHER_NAME}:8443`]) {
      const url = origin + path
      const answers = [
        await world.api('POST', '/api/endpoints', { url }),
        await world.api('PATCH', `/api/endpoints/${id}`, { url }),
        await world.api('POST', `/api/inbound/${inbound.body.id}/replay`, { to: url }),
      ]
      for (const { status, body } of answers) {
        expect(status, url).toBe(422)
        expect(JSON.stringify(body.errors)).toContain('this guestbook')
      }
    }
  })

  it('is refused before each attempt once its name is known', async () => {
    const world = new World({ ALLOW_LOCAL_ENDPOINTS: 'false' })
    const { path } = await aSource(world, 'unsigned', { act: 'publish' })
    const { id } = await anEndpoint(world, OTHER_NAME + path)
    const known = twoNames()
    await aComment(known)
    await known.drain()
    const delivery = await theDelivery(known, id)
    expect(delivery).toMatchObject({ status: 'failed', reason: 'blocked' })
    expect(delivery.attempts).toMatchObject([{ error_class: 'url_own_host' }])
    expect(known.sent).toEqual([])
  })
})
