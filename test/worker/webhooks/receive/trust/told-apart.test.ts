import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { letPass, stopClock } from '../../../../support/clock'
import { aSource, post, theInbound } from '../../../../support/sources'
import { World } from '../../../../support/world'

/* Two events of which only something outside the body, or only a part of it, says that they are two. */

const hmac = (text: string, encoding: 'hex' | 'base64') => createHmac('sha256', 'hush').update(text).digest(encoding)

/** Sends each after the one before is processed: until then, another signature means another delivery anyway. */
async function sendAll(world: World, sends: (() => ReturnType<typeof post>)[]) {
  const answers: Awaited<ReturnType<typeof post>>[] = []
  for (const send of sends) {
    answers.push(await send())
    await world.drain()
  }
  return answers
}

/** Sends one event, then another one twice. */
async function expectTwo(world: World, send: (which: string) => ReturnType<typeof post>, [one, two] = ['a', 'b']) {
  const answers = await sendAll(
    world,
    [one, two, two].map((which) => () => send(which))
  )
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 200])
  for (const { body } of answers) expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
  return answers.map(({ body }) => body.id)
}

describe('two requests without a delivery id and with the same body are two deliveries', () => {
  it('if their signed times differ, but not if one is respelled', async () => {
    stopClock()
    const world = new World()
    const { path } = await aSource(world, 'ghost', { secret: 'hush' })
    const signed = () => `sha256=${hmac(`{}${Date.now()}`, 'hex')}, t=${Date.now()}`
    const first = signed()
    letPass(1_500)
    const respelled = first.split(', ').toReversed().concat('sha256=00').join(' , ')
    const all = [first, signed(), respelled]
    const answers = await sendAll(
      world,
      all.map((signature) => () => post(world, path, '{}', { 'X-Ghost-Signature': signature }))
    )
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 200])
    expect(answers[2]?.body.id).toBe(answers[0]?.body.id)
    expect(await theInbound(world, answers[1]?.body.id ?? '')).toMatchObject({ verified: true, copy_of: null })
  })

  it('not if a custom sender signs its retry with another time, unless the time is the delivery id', async () => {
    stopClock()
    const world = new World()
    const options = { timestamp_header: 'X-Time', timestamp_unit: 'ms', signed: '{body}{timestamp}' }
    const send = async (more: object) => {
      const { path } = await aSource(world, 'custom-hmac', { secret: 'hush', options: { ...options, ...more } })
      const signed = () => {
        letPass(1_500)
        const time = String(Date.now())
        return post(world, path, '{}', { 'X-Signature': hmac(`{}${time}`, 'hex'), 'X-Time': time })
      }
      return (await sendAll(world, [signed, signed])).map(({ status }) => status)
    }
    expect(await send({})).toEqual([202, 200])
    expect(await send({ delivery_id: 'header:x-time' })).toEqual([202, 202])
  })

  it('if only a header says their types, but the owner sees that the second may be a copy', async () => {
    const world = new World()
    const { path } = await aSource(world, 'woocommerce', { secret: 'hush' })
    const signature = { 'X-WC-Webhook-Signature': hmac('{"id":7}', 'base64') }
    const send = (kind: string) =>
      post(world, path, '{"id":7}', { 'X-WC-Webhook-Topic': `${kind}.deleted`, ...signature })
    const [one, two] = await expectTwo(world, send, ['order', 'product'])
    const shown = await theInbound(world, two ?? '')
    expect(shown).toMatchObject({ event_type: 'product.deleted', copy_of: one })
  })

  it.each([
    ['calendly', 'header:x-topic'],
    ['docusign', 'query:topic'],
    ['custom-hmac', undefined],
  ])('if the places of their types differ: %s, %s', async (provider, event_type) => {
    const world = new World()
    const { path } = await aSource(world, provider, { secret: 'hush', ...(event_type && { options: { event_type } }) })
    const time = Math.floor(Date.now() / 1_000)
    const signatures = {
      'Calendly-Webhook-Signature': `t=${time},v1=${hmac(`${time}.{}`, 'hex')}`,
      'X-DocuSign-Signature-1': hmac('{}', 'base64'),
      'X-Signature': hmac('{}', 'hex'),
    }
    await expectTwo(world, (type) =>
      post(world, `${path}${event_type === 'query:topic' ? `?topic=${type}` : ''}`, '{}', {
        'X-Topic': type,
        'X-Event-Type': type,
        ...signatures,
      })
    )
  })

  it('if their queries differ beside the secret', async () => {
    const world = new World()
    const { path } = await aSource(world, 'query-token', { secret: 'hush' })
    await expectTwo(world, (type) => post(world, `${path}?token=hush&event=${type}`, '{}'))
  })
})

describe('the id of an event', () => {
  it.each([
    ['of a batch is not that of its first event', '[{"id":"A"},{"id":"B"}]', '[{"id":"A"},{"id":"C"}]'],
    ['counts with its source', '[{"id":"A","source":"/a"}]', '[{"id":"A","source":"/b"}]'],
  ])('%s', async (_, one, two) => {
    const world = new World()
    const { path } = await aSource(world, 'event-grid')
    await expectTwo(world, (body) => post(world, path, body), [one, two])
  })

  it('counts with its time, because the id of a test of Buy Me a Coffee is always 1', async () => {
    const world = new World()
    const { path } = await aSource(world, 'buy-me-a-coffee', { secret: 'hush' })
    await expectTwo(world, (body) => post(world, path, body, { 'X-Signature-Sha256': hmac(body, 'hex') }), [
      '{"event_id":1,"created":1}',
      '{"event_id":1,"created":2}',
    ])
  })

  it('counts with its type in tests of Ko-fi', async () => {
    const world = new World()
    const { path } = await aSource(world, 'ko-fi', { secret: 'hush' })
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    await expectTwo(world, (type) =>
      post(world, path, `data={"verification_token":"hush","message_id":"a","type":"${type}"}`, form)
    )
  })

  it.each(['event-grid', 'cloudevents'])(
    'of a batch is null, its type is that of the first event: %s',
    async (slug) => {
      const world = new World()
      const { path } = await aSource(world, slug)
      const { body } = await post(world, path, '[{"id":"A","type":"made"},{"id":"B","type":"sold"}]')
      await world.drain()
      expect(await theInbound(world, body.id)).toMatchObject({ event_type: 'made', external_id: null })
    }
  )
})

it('a hub that refuses a subscription is heard, although it has asked about another one before', async () => {
  const world = new World()
  const { path } = await aSource(world, 'websub', { secret: 'hush' })
  const ask = (mode: string) => () => post(world, `${path}?hub.topic=t&hub.mode=${mode}`, null, {}, 'GET')
  const answers = await sendAll(world, ['unsubscribe', 'denied', 'denied'].map(ask))
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 200])
})
