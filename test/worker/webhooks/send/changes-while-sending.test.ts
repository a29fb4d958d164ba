import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { expect, it } from 'vitest'
import { verifyWebhook } from '../../../../examples/verify-webhook.mjs'
import { leaseFrom } from '../../../../src/webhooks/send/deliver/lease'
import { aComment, anEndpoint, mailbox, type RegisteredEndpoint } from '../../../support/fixtures'
import type { Sent } from '../../../support/world'
import { World } from '../../../support/world'

/*
 * What the owner changes while a work order is under way: ten deliveries to a receiver that takes 1.5 seconds for each.
 * The owner acts in another isolate, while the first request is under way.
 */

const DELIVERIES = 10
const SECOND = 1_000

interface Given {
  /** The isolate that the owner uses. */
  owner: World
  book: string
  endpoint: RegisteredEndpoint
  comment_ids: string[]
  url: (behavior: string) => string
}

interface Act {
  /** @returns whether a request contradicts what the owner did */
  run(given: Given): Promise<(sent: Sent) => boolean | Promise<boolean>>
  /** How many requests there are in total; undefined if that depends on how long the owner's call takes. */
  requests?: number
  /** The states of the deliveries in the end, as `status` or `status: reason`. */
  states: string[]
  more?: Record<string, unknown>
  release?: 'drain'
}

const always = () => true

const ACTS: Record<string, Act> = {
  'erases the entries': {
    run: async ({ owner, comment_ids }) => {
      for (const id of comment_ids) await ok(owner.api('DELETE', `/api/comments/${id}`))
      return ({ body }) => body.includes('secret text')
    },
    states: ['canceled: erased', 'delivered'],
  },
  'disables the endpoint': {
    run: async ({ owner, endpoint: { id } }) => {
      await ok(owner.api('POST', `/api/endpoints/${id}/disable`))
      return always
    },
    states: ['delivered', 'pending'],
  },
  'deletes the endpoint': {
    run: async ({ owner, endpoint: { id } }) => {
      await ok(owner.api('DELETE', `/api/endpoints/${id}`))
      return always
    },
    states: ['canceled: endpoint_deleted', 'delivered'],
  },
  'moves the endpoint': {
    run: async ({ owner, endpoint: { id }, url }) => {
      await ok(owner.api('PATCH', `/api/endpoints/${id}`, { url: url('ok') }))
      return (sent) => sent.url !== url('ok')
    },
    requests: DELIVERIES,
    states: ['delivered'],
  },
  'rotates the secret without a grace period': {
    run: async ({ owner, endpoint: { id } }) => {
      const { body } = await ok(owner.api('POST', `/api/endpoints/${id}/secret/rotate`, { grace_seconds: 0 }))
      return ({ body: text, headers }) => !passes(() => new Webhook(String(body.secret)).verify(text, headers))
    },
    requests: DELIVERIES,
    states: ['delivered'],
  },
  'rotates the signing key without a grace period': {
    run: async ({ owner }) => {
      const { body } = await ok(owner.api('POST', '/api/signing-keys/rotate', { grace_seconds: 0 }))
      const [{ public_key }] = body.data as [{ public_key: string }]
      return async ({ body: text, headers }) => {
        const verified = verifyWebhook({ headers, body: text, publicKeys: [public_key] })
        return verified.then(
          () => false,
          () => true
        )
      }
    },
    requests: DELIVERIES,
    states: ['delivered'],
  },
  'replaces a header': {
    run: async ({ owner, endpoint: { id } }) => {
      await ok(owner.api('PATCH', `/api/endpoints/${id}`, { headers: { 'X-Token': 'new' } }))
      return ({ headers }) => headers['x-token'] !== 'new'
    },
    more: { headers: { 'X-Token': 'old' } },
    requests: DELIVERIES,
    states: ['delivered'],
  },
  'changes the text': {
    run: async ({ owner, endpoint: { id } }) => {
      await ok(owner.api('PATCH', `/api/endpoints/${id}`, { texts: { 'comment.published': 'new words' } }))
      return ({ body }) => !body.includes('new words')
    },
    requests: DELIVERIES,
    states: ['delivered'],
  },
  'changes the format': {
    run: async ({ owner, endpoint: { id } }) => {
      await ok(owner.api('PATCH', `/api/endpoints/${id}`, { format: 'slack' }))
      return ({ body }) => body.includes('comment.published')
    },
    requests: DELIVERIES,
    states: ['delivered'],
  },
  'turns on a daily digest': {
    run: async ({ owner, endpoint: { id } }) => {
      await ok(owner.api('PATCH', `/api/endpoints/${id}`, { digest: 'daily' }))
      return always
    },
    more: { format: 'slack' },
    states: ['delivered', 'pending'],
  },
  'turns on a daily digest while the endpoint catches up': {
    run: async ({ owner, endpoint: { id } }) => {
      await ok(owner.api('PATCH', `/api/endpoints/${id}`, { digest: 'daily' }))
      return always
    },
    more: { format: 'slack' },
    release: 'drain',
    states: ['delivered', 'pending'],
  },
}

it('nothing that begins more than a second after the owner’s answer contradicts it', async () => {
  const results = await Promise.all(Object.entries(ACTS).map(([name, act]) => tryAct(name, act)))
  const expected = Object.entries(ACTS).map(([name, { requests, states }]) => ({
    name,
    late: [],
    requests,
    states,
  }))
  expect(results).toEqual(expected)
})

async function tryAct(name: string, { run, more, requests, release }: Act) {
  const [world, owner] = [new World(), new World()]
  const box = mailbox()
  const book = `b-${crypto.randomUUID().slice(0, 8)}`
  await ok(owner.api('POST', '/api/books', { slug: book, title: book }))
  const endpoint = await anEndpoint(owner, box.url('late-ok/1500'), { books: [book], ...more })
  const comment_ids: string[] = []
  for (let i = 0; i < DELIVERIES; i++) {
    const { id } = await aComment(owner, { book, body: `secret text ${i}` })
    comment_ids.push(id)
  }
  const order = world.consume(await anOrder(endpoint.id, book, release))
  while (world.sent.length === 0) await sleep(20)
  await sleep(300)
  const contradicts = await run({ owner, book, endpoint, comment_ids, url: box.url })
  const answeredAt = Date.now()
  expect(await order).toBe(true)
  // An order reads a limited number of times, and sends on the rest.
  await world.drain()
  const late: number[] = []
  for (const sent of world.sent) {
    const ms = sent.at - answeredAt
    if (ms > SECOND && (await contradicts(sent))) late.push(ms)
  }
  const { results } = await env.DB.prepare(
    `select distinct status || iif(reason is null, '', ': ' || reason) as state from deliveries where endpoint_id = ?`
  )
    .bind(endpoint.id)
    .all<{ state: string }>()
  const states = results.map(({ state }) => state).toSorted()
  return { name, late, requests: requests && world.sent.length, states }
}

/** The deliveries of a book's events to an endpoint, in one work order. */
async function anOrder(endpoint_id: string, book: string, release?: 'drain') {
  const lease = leaseFrom(Date.now())
  await env.DB.prepare(`update messages set dispatched_at = 1 where book = ?`).bind(book).run()
  const { results } = await env.DB.prepare(
    `insert into deliveries (endpoint_id, message_id, status, next_attempt_at)
     select ?1, id, 'pending', ?2 from messages where book = ?3 order by id
     returning message_id`
  )
    .bind(endpoint_id, lease, book)
    .all<{ message_id: string }>()
  const deliveries = results.map(({ message_id }) => ({ endpoint_id, message_id, attempt_count: 0, lease }))
  return { queue: 'guesthook-patient', body: { kind: 'attempt', deliveries, release }, delaySeconds: 0 }
}

type Answer = { status: number; body: Record<string, unknown> }

async function ok(call: Promise<Answer>): Promise<Answer> {
  const answer = await call
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body))
  return answer
}

function passes(check: () => unknown): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
