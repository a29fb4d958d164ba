import { SELF } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { describe, expect, inject, it, vi } from 'vitest'
import type { Received } from '../support/receiver'

/* examples/webhooks-in-a-worker as it is deployed: its own entry point, its own queues, real requests. */

const SHOP = 'https://shop.example.com'

async function call<T>(path: string, body: unknown): Promise<{ status: number; body: T }> {
  const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}`, 'Content-Type': 'application/json' }
  const response = await SELF.fetch(`${SHOP}/shop/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, body: await response.json() }
}

/** @returns a URL that behaves in a way, with its endpoint, and the requests that it got */
async function aReceiver(behavior: string) {
  const name = crypto.randomUUID()
  const receiver = inject('receiver')
  const url = `${receiver}/${name}/${behavior}`
  const { body } = await call<{ id: string; secret: string }>('receivers', {
    url,
    event_types: ['order.*', 'inbound.received'],
  })
  const received = async (): Promise<Received[]> => (await fetch(`${receiver}/log/${name}`)).json()
  return {
    ...body,
    received,
    gets: (count: number) => vi.waitFor(async () => expect(await received()).toHaveLength(count), 20_000),
  }
}

describe('a shop on the engine', () => {
  it('publishes an event, which arrives signed', async () => {
    const receiver = await aReceiver('ok')
    const { body } = await call<{ id: string }>('orders', { order: 'A-17' })
    await receiver.gets(1)
    const [request] = await receiver.received()
    const event = new Webhook(receiver.secret).verify(request?.body ?? '', request?.headers ?? {})
    expect(event).toMatchObject({ id: body.id, type: 'order.paid', data: { order: 'A-17' } })
  })

  it('refuses data that its own schema does not allow, and says what is wrong', async () => {
    const { status, body } = await call<{ errors: { path: string }[] }>('orders', { orders: 17 })
    expect(status).toBe(422)
    expect(body.errors.map(({ path }) => path)).toEqual(['data'])
  })

  it('tries again when a receiver fails, with the same bytes', async () => {
    const receiver = await aReceiver('fail-times/1')
    await call('orders', { order: 'A-18' })
    await receiver.gets(2)
    const [first, second] = await receiver.received()
    expect(second?.body).toBe(first?.body)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
  })

  it('takes in what a payment service sends, and makes an event of it', async () => {
    const receiver = await aReceiver('ok')
    const secret = 'whsec_of_the_payment_service'
    const { body: source } = await call<{ url: string }>('services', {
      name: 'Pay',
      provider: 'stripe',
      secret,
      act: 'publish',
    })
    const payload = JSON.stringify({ id: 'evt_1', type: 'charge.succeeded', data: {} })
    const signature = await Stripe.webhooks.generateTestHeaderStringAsync({ payload, secret })
    const answer = await SELF.fetch(source.url, {
      method: 'POST',
      headers: { 'Stripe-Signature': signature },
      body: payload,
    })
    expect(answer.status).toBe(202)
    await receiver.gets(1)
    const [request] = await receiver.received()
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      type: 'inbound.received',
      data: { event_type: 'charge.succeeded', verified: true },
    })
  })

  it('replays what has been sent', async () => {
    const receiver = await aReceiver('ok')
    const since = new Date().toISOString()
    await call('orders', { order: 'A-19' })
    await receiver.gets(1)
    await call(`receivers/${receiver.id}/replay`, { since, only: 'all', event_types: ['order.paid'] })
    await receiver.gets(2)
  })

  it('refuses what is not JSON, and an act that it does not have', async () => {
    const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}`, 'Content-Type': 'application/json' }
    const broken = await SELF.fetch(`${SHOP}/shop/orders`, { method: 'POST', headers, body: '{' })
    expect(broken.status).toBe(400)
    const template = { name: 'Pay', body: '{{id}}' }
    const { status } = await call('services', { name: 'Pay', provider: 'stripe', act: 'sign', template })
    expect(status).toBe(422)
  })

  it('keeps strangers out', async () => {
    const response = await SELF.fetch(`${SHOP}/shop/orders`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(401)
  })
})
