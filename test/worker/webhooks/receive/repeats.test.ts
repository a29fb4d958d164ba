import { env } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/kit/lib/bytes'
import { sha256Hex } from '../../../../src/kit/lib/hmac'
import { letPass, stopClock } from '../../../support/clock'
import { later } from '../../../support/fixtures'
import { tablesWith } from '../../../support/search'
import {
  aSource,
  DAY,
  githubPost,
  listInbound as list,
  OVERDUE,
  post,
  STAR,
  theInbound,
} from '../../../support/sources'
import { World } from '../../../support/world'

const template = { name: '{{sender.login}}', body: 'starred {{repository.full_name}}' }

async function comments(world: World): Promise<number> {
  return (await world.api<{ data: [] }>('GET', '/api/comments')).body.data.length
}

it('the query of a source with a secret parameter says what is a repeat, and which type it is', async () => {
  const world = new World()
  const options = { parameter: 'token', delivery_id: 'query:id', event_type: 'query:event' }
  const { path } = await aSource(world, 'query-token', { secret: 'hush', options })
  const one = await post(world, `${path}?token=hush&id=1&event=push`, '{}')
  const two = await post(world, `${path}?token=hush&id=2&event=pull`, '{}')
  expect([one.status, two.status]).toEqual([202, 202])
  await world.drain()
  expect(await theInbound(world, two.body.id)).toMatchObject({ event_type: 'pull', verified: true })
})

it('an id in a header for secrets tells deliveries apart, and is not shown', async () => {
  const world = new World()
  const options = { delivery_id: 'header:x-session-id' }
  const { path } = await aSource(world, 'unsigned', { options })
  const send = (id: string) => post(world, path, '{}', { 'X-Session-Id': id })
  const [one, two, again] = [await send('first-id'), await send('second-id'), await send('first-id')]
  expect([one.status, two.status, again.status]).toEqual([202, 202, 200])
  expect(await tablesWith('first-id')).toEqual([])
  // A hash without a key would help to guess a short id.
  expect(await tablesWith(await sha256Hex(utf8('first-id')))).toEqual([])
})

describe('a repeated request', () => {
  it('with the same delivery id gets the id of the original, is stored once, and is counted', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const first = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    await world.drain()
    for (let i = 0; i < 3; i++) {
      const again = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
      expect(again.status).toBe(200)
      expect(again.body).toEqual({ id: first.body.id, repeat: true })
    }
    expect(await list(world)).toHaveLength(1)
    expect(await theInbound(world, first.body.id)).toMatchObject({ repeats: 3 })
    expect(world.queued).toEqual([])
    const chunks = await env.DB.prepare('select count(*) as n from inbound_chunks').first()
    expect(chunks).toEqual({ n: 1 })
  })

  it.each([
    ['woocommerce', () => '{"id":1}', () => '{"id":2}', { 'X-WC-Webhook-Delivery-ID': 'same' }, {}],
    ['zendesk', () => '{"id":"35436","status":"open"}', () => '{"id":"35436","status":"solved"}', {}, {}],
    ['cloudevents', () => '{}', () => '{}', { 'ce-id': '1', 'ce-source': '/a' }, { 'ce-source': '/b' }],
    ['event-grid', () => '{"id":"1","source":"/a"}', () => '{"id":"1","source":"/b"}', {}, {}],
  ])('is not seen in another event of %s', async (provider, one, two, headers, more) => {
    const world = new World()
    const { path } = await aSource(world, provider, { secret: 'hush' })
    const zendesk = (id: string) => ({ 'X-Zendesk-Webhook-Invocation-Id': id })
    const first = await post(world, path, one(), { ...zendesk('1'), ...headers })
    const other = await post(world, path, two(), { ...zendesk('2'), ...headers, ...more })
    const again = await post(world, path, two(), { ...zendesk('2'), ...headers, ...more })
    expect([first.status, other.status, again.status]).toEqual([202, 202, 200])
    expect(again.body.id).toBe(other.body.id)
  })

  it('of Microsoft Graph is the next change of a drive, unless it arrives within the same minute', async () => {
    stopClock()
    const world = new World()
    const { path } = await aSource(world, 'microsoft-graph', { secret: 'hush' })
    const body = '{"value":[{"clientState":"hush","resource":"drives/1/root","changeType":"updated"}]}'
    const answers = [await post(world, path, body), await post(world, path, body)]
    letPass(60_000)
    answers.push(await post(world, path, body))
    expect(answers.map(({ status }) => status)).toEqual([202, 200, 202])
  })

  it('with the same delivery id, but sent to a different source, is not a repeat', async () => {
    const world = new World()
    const [a, b] = [
      await aSource(world, 'github', { secret: 'hush' }),
      await aSource(world, 'github', { secret: 'hush' }),
    ]
    for (const { path } of [a, b]) {
      const answer = await githubPost(world, path, 'hush', STAR, { delivery: 'd-1' })
      expect(answer.status).toBe(202)
    }
  })

  it('without a delivery id is a repeat if it has the same body and arrives within a day', async () => {
    const world = new World()
    const source = await aSource(world, 'calendly', { secret: 'hush' })
    const first = await post(world, source.path, '{"a":1}')
    expect(first.status).toBe(202)
    expect((await post(world, source.path, '{"a":1}')).body).toEqual({ id: first.body.id, repeat: true })
    expect((await post(world, source.path, '{"a":2}')).status).toBe(202)
    await env.DB.prepare('update inbound_messages set received_at = received_at - ?1').bind(DAY).run()
    const next = await post(world, source.path, '{"a":1}')
    expect(next.status).toBe(202)
    expect(next.body.id).not.toBe(first.body.id)
    expect((await post(world, source.path, '{"a":1}')).body.id).toBe(next.body.id)
  })

  it('is recognized by a delivery id in the body', async () => {
    const world = new World()
    const { path } = await aSource(world, 'stripe', { secret: 'whsec_test' })
    const send = (body: string) => {
      const time = Math.floor(Date.now() / 1_000)
      const mac = createHmac('sha256', 'whsec_test').update(`${time}.${body}`).digest('hex')
      return post(world, path, body, { 'Stripe-Signature': `t=${time},v1=${mac}` })
    }
    const first = await send('{"id":"evt_1","type":"a"}')
    await world.drain()
    const again = await send('{"type":"a", "id":"evt_1"}')
    expect(again.body).toEqual({ id: first.body.id, repeat: true })
  })

  it('does not hide a genuine request, because a forged original does not keep its delivery id', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const forged = await githubPost(world, source.path, 'guess', '{}', { delivery: 'd-1' })
    await world.drain()
    expect((await githubPost(world, source.path, 'guess', '{}', { delivery: 'd-1' })).body).toEqual({
      id: forged.body.id,
      repeat: true,
    })
    const real = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect(real.status).toBe(202)
    await world.drain()
    expect(await theInbound(world, real.body.id)).toMatchObject({ status: 'processed' })
    const repeat = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect(repeat.body).toEqual({ id: real.body.id, repeat: true })
  })

  it('is counted, however many repeats arrive at the same time', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' }))
    )
    const ids = new Set(answers.map(({ body }) => body.id))
    expect(ids.size).toBe(1)
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1)
    const [id] = ids
    expect(await theInbound(world, id ?? '')).toMatchObject({ repeats: 19 })
  })
})

describe('two requests', () => {
  it('are two deliveries if their queries or methods differ', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const sent: [string, string][] = [
      ['', 'POST'],
      ['?event=a', 'POST'],
      ['?event=b', 'POST'],
      ['?event=b', 'PUT'],
    ]
    const send = async ([query, method]: [string, string]) => (await post(world, path + query, '{}', {}, method)).status
    for (const one of sent) expect(await send(one)).toBe(202)
    for (const one of sent) expect(await send(one)).toBe(200)
  })

  it('are two deliveries if their ids differ, however long the ids are', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const long = 'd'.repeat(300)
    const send = (delivery: string) => githubPost(world, source.path, 'hush', STAR, { delivery })
    expect((await send(`${long}A`)).status).toBe(202)
    expect((await send(`${long}B`)).status).toBe(202)
    expect((await send(`${long}A`)).body.repeat).toBe(true)
  })

  it('are two deliveries if their ids are different numbers that are too long for JavaScript', async () => {
    const world = new World()
    const more = { options: { delivery_id: 'body:id' }, fields: [{ name: 'n', path: 'n' }] }
    const { path } = await aSource(world, 'unsigned', more)
    for (const id of ['820982911946154508', '820982911946154509']) {
      const answer = await post(world, path, `{"id":${id},"n":-${id}.25}`)
      expect(answer.status).toBe(202)
      await world.drain()
      expect(await theInbound(world, answer.body.id)).toMatchObject({
        external_id: id,
        fields: { n: `-${id}.25` },
      })
    }
  })

  it('are one delivery if their bodies of up to 1 MB contain the same id', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned', { options: { delivery_id: 'body:id' } })
    const send = (n: number) => post(world, path, JSON.stringify({ id: 'evt_1', n, pad: 'x'.repeat(900_000) }))
    const first = await send(1)
    await world.drain()
    expect((await send(2)).body).toEqual({ id: first.body.id, repeat: true })
  })
})

describe('a waiting webhook whose secret has been replaced', () => {
  it.each(['paused', 'failing'])('does not hide a retry with the new secret (source: %s)', async (state) => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'old', act: 'sign', template })
    const path = `/api/sources/${source.id}`
    if (state === 'paused') await world.api('PATCH', path, { status: 'paused' })
    else await world.api('PATCH', path, { template: { name: '{{nothing}}', body: '{{nothing}}' } })
    await githubPost(world, source.path, 'old', STAR, { delivery: 'd-1' })
    await world.drain()
    await world.api('POST', `${path}/secret/rotate`, { secret: 'new', grace_seconds: 0 })
    await githubPost(world, source.path, 'new', STAR, { delivery: 'd-1' })
    await world.api('PATCH', path, { status: 'active', template })
    await world.drain()
    expect(await comments(world)).toBe(1)
  })
})

describe('a refused request', () => {
  it('does not hide the same body with a new signature after the sender has corrected the secret', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const first = await githubPost(world, source.path, 'wrong', STAR, { delivery: 'd-1' })
    await world.drain()
    const again = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect(again.status).toBe(202)
    await world.drain()
    expect(await theInbound(world, first.body.id)).toMatchObject({ status: 'failed' })
    expect(await theInbound(world, again.body.id)).toMatchObject({ status: 'processed' })
  })

  it('without a signature does not hide a signed request with the same body', async () => {
    const world = new World()
    const source = await aSource(world, 'websub', { secret: 'hush' })
    await post(world, source.path, STAR)
    await world.drain()
    const mac = createHmac('sha256', 'hush').update(STAR).digest('hex')
    const real = await post(world, source.path, STAR, { 'X-Hub-Signature': `sha256=${mac}` })
    expect(real.status).toBe(202)
    await world.drain()
    expect(await theInbound(world, real.body.id)).toMatchObject({ status: 'processed' })
  })

  it('does not hide the genuine request while it waits to be processed', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const forged = await githubPost(world, source.path, 'guess', '{}', { delivery: 'd-1' })
    const real = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect(real.status).toBe(202)
    // Each of them is repeated only by the same request.
    expect((await githubPost(world, source.path, 'guess', '{}', { delivery: 'd-1' })).body.id).toBe(forged.body.id)
    expect((await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })).body.id).toBe(real.body.id)
    await world.drain()
    expect(await theInbound(world, forged.body.id)).toMatchObject({ status: 'failed', verified: false, repeats: 1 })
    expect(await theInbound(world, real.body.id)).toMatchObject({ status: 'processed', verified: true, repeats: 1 })
  })

  it('does not hide the genuine request while the source is paused', async () => {
    const world = new World()
    const source = await aSource(world, 'telegram', { secret: 'hush' })
    await world.api('PATCH', `/api/sources/${source.id}`, { status: 'paused' })
    await post(world, source.path, '{"update_id":7,"forged":true}')
    await world.drain()
    const headers = { 'X-Telegram-Bot-Api-Secret-Token': 'hush' }
    const real = await post(world, source.path, '{"update_id":7}', headers)
    expect(real.status).toBe(202)
    await world.drain()
    expect((await post(world, source.path, '{"update_id":7}', headers)).body.id).toBe(real.body.id)
  })

  it.each([true, false])('is acted on once after the secret has been corrected (strict: %s)', async (strict) => {
    const world = new World()
    const more = { secret: 'wrong', act: 'sign', template, strict }
    const source = await aSource(world, 'github', more)
    for (let i = 0; i < 3; i++) {
      const body = STAR.replace('created', `attempt ${i}`)
      await githubPost(world, source.path, 'hush', body, { delivery: 'd-1' })
      await world.drain()
    }
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
    await world.api('POST', `/api/sources/${source.id}/replay`)
    await Promise.all(world.queued.splice(0).map((order) => world.consume(order)))
    await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    await world.drain()
    expect(await comments(world)).toBe(1)
    const all = await list(world, `source=${source.id}`)
    expect(all.every(({ status }) => status === 'processed')).toBe(true)
  })

  it('is acted on once per delivery even if its repeats are processed at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const world = new World()
      await env.DB.prepare('delete from comments').run()
      const source = await aSource(world, 'github', { secret: 'wrong', act: 'sign', template })
      const ids: string[] = []
      for (let i = 0; i < 4; i++) {
        const body = STAR.replace('created', `attempt ${i}`)
        ids.push((await githubPost(world, source.path, 'hush', body, { delivery: 'd' })).body.id)
        await world.drain()
      }
      await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
      world.recorder.pauses = [0, 3, 1, 5, 2, 0, 4, 1]
      await Promise.all(ids.map((id) => world.api('POST', `/api/inbound/${id}/replay`)))
      world.recorder.pauses = undefined
      await world.sweep(later(OVERDUE))
      await world.drain()
      expect(await comments(world)).toBe(1)
      expect((await list(world)).slice(0, 4).map(({ status }) => status)).toEqual(Array(4).fill('processed'))
    }
  })
})

describe('a failed message that is sent again', () => {
  it.each([true, false])('is reopened and processed after the secret has been fixed (strict: %s)', async (strict) => {
    const world = new World()
    const template = { name: '{{sender.login}}', body: 'starred' }
    const more = { secret: 'wrong', strict, act: 'sign', template }
    const source = await aSource(world, 'github', more)
    const send = () => githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect((await send()).status).toBe(strict ? 401 : 202)
    await world.drain()
    const [first] = await list(world)
    expect(first).toMatchObject({ status: 'failed', reason: 'signature_mismatch' })
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
    const again = await send()
    expect(again).toMatchObject({ status: 200, body: { id: first?.id, repeat: true } })
    await world.drain()
    const now = await theInbound(world, first?.id ?? '')
    expect(now).toMatchObject({ status: 'processed', reason: null, verified: true, repeats: 1 })
    expect(now.log.map(({ event }) => event)).toEqual(['received', 'failed', 'replayed', 'processed'])
    expect(now.comment_id).toMatch(/^cmt_/)
    expect((await send()).body).toEqual({ id: first?.id, repeat: true })
    expect(world.queued).toEqual([])
  })

  it('is stored as a new message if the body of the original has been removed', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'wrong', body_retention_days: 1 })
    const send = () => githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    await send()
    await world.drain()
    await world.sweep(later(3 * DAY))
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
    const again = await send()
    expect(again.status).toBe(202)
    await world.drain()
    expect(await theInbound(world, again.body.id)).toMatchObject({ status: 'processed' })
    expect((await send()).body).toEqual({ id: again.body.id, repeat: true })
  })

  it('fails again and does not wake the queue if a strict source still refuses it', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'wrong', strict: true })
    for (let i = 0; i < 3; i++)
      expect((await githubPost(world, source.path, 'hush', STAR, { delivery: 'd' })).status).toBe(401)
    expect(world.queued).toEqual([])
    expect(await list(world)).toMatchObject([{ status: 'failed', repeats: 2 }])
  })
})
