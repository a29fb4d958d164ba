import {
  createExecutionContext,
  createMessageBatch,
  createScheduledController,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { inject } from 'vitest'
import worker from '../../src'
import { type Counts, countingD1, isDead, noCounts, type Recorder, subrequests } from './counting'
import type { Received } from './receiver'

export const TOKEN = 'test-admin-token'
export const BASE = 'https://guestbook.example.com'
const OWNER = { Authorization: `Bearer ${TOKEN}` }

interface Queued {
  queue: string
  body: unknown
  delaySeconds: number
}

const realFetch = globalThis.fetch
/** Invocations under way, which may be side by side. */
let running = 0

export interface Invocation {
  door: 'fetch' | 'queue' | 'scheduled'
  counts: Counts
}

/**
 * A guestbook under test: the real worker with the real D1, every invocation counted. Its queues are lists that the test empties when it
 * wants to, so that a message can be lost, repeated, or come late.
 */
export class World {
  readonly queued: Queued[] = []
  readonly invocations: Invocation[] = []
  /** The requests to receivers: when each was made, by the clock of the worker, and when it says so. */
  readonly sent: { at: number; stamp: string | undefined }[] = []
  readonly recorder: Recorder = { counts: noCounts(), executed: [] }
  readonly env: Env
  /** Thrown by every send to a queue while set. */
  queueFault: Error | undefined

  constructor(overrides: Partial<Env> = {}) {
    this.env = {
      ...env,
      DB: countingD1(env.DB, this.recorder),
      FRESH: this.queue('guesthook-fresh'),
      PATIENT: this.queue('guesthook-patient'),
      INBOUND: this.queue('guesthook-inbound'),
      ...overrides,
    }
  }

  private queue(name: string): Queue {
    type Sent = { body: unknown; delaySeconds?: number }
    const put = (count: number, messages: Sent[], delay = 0) => {
      this.recorder.counts.queueCalls += 1
      if (isDead(this.recorder)) throw new Error('killed')
      if (this.queueFault) throw this.queueFault
      this.recorder.counts.queueMessages += count
      for (const { body, delaySeconds = delay } of messages) {
        // Through JSON, as the real queue takes it.
        this.queued.push({ queue: name, body: JSON.parse(JSON.stringify(body)), delaySeconds })
      }
    }
    return {
      send: async (body: unknown, options?: { delaySeconds?: number }) => put(1, [{ body }], options?.delaySeconds),
      sendBatch: async (batch: Iterable<Sent>, options?: { delaySeconds?: number }) => {
        const messages = [...batch]
        if (messages.length > 100) throw new Error('a batch takes 100 messages')
        put(messages.length, messages, options?.delaySeconds)
      },
    } as unknown as Queue
  }

  /** Runs one invocation with counters of its own. */
  private async invoke<T>(door: Invocation['door'], run: () => Promise<T>): Promise<T> {
    const before = this.recorder.counts
    const counts = noCounts()
    this.recorder.counts = counts
    running += 1
    globalThis.fetch = (...args) => {
      if (isDead(this.recorder)) return Promise.reject(new Error('killed'))
      counts.fetches += 1
      const headers = args[1]?.headers as Record<string, string> | undefined
      // Not what the test itself asks its receivers meanwhile.
      if (headers) this.sent.push({ at: Date.now(), stamp: headers['webhook-timestamp'] })
      return realFetch(...args)
    }
    try {
      return await run()
    } finally {
      running -= 1
      if (running === 0) globalThis.fetch = realFetch
      this.recorder.counts = before
      this.invocations.push({ door, counts })
    }
  }

  /** One request, to its end: what it left to `waitUntil` too. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    return this.invoke('fetch', async () => {
      const context = createExecutionContext()
      const request = new Request(`${BASE}${path}`, { redirect: 'manual', ...init })
      const response = await worker.fetch(request as never, this.env, context)
      await waitOnExecutionContext(context)
      return response
    })
  }

  async api<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = OWNER
  ): Promise<{ status: number; body: T; headers: Headers }> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await this.request(path, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      ...json,
    })
    const text = await response.text()
    return {
      status: response.status,
      body: text ? JSON.parse(text) : {},
      headers: response.headers,
    }
  }

  /** Consumes one queue message. @returns whether it was acknowledged */
  async consume(message: Queued): Promise<boolean> {
    return this.invoke('queue', async () => {
      const retried: string[] = []
      const batch = createMessageBatch(message.queue, [
        { id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body: message.body },
      ])
      const [only] = batch.messages
      if (only) only.retry = () => void retried.push(only.id)
      const context = createExecutionContext()
      await worker.queue(batch, this.env, context)
      await waitOnExecutionContext(context)
      return retried.length === 0
    })
  }

  /** Consumes everything that is queued, and what that queues, but leaves what is delayed. */
  async drain(limit = 2_000): Promise<void> {
    for (let i = 0; i < limit; i++) {
      const at = this.queued.findIndex((message) => message.delaySeconds === 0)
      const [message] = at < 0 ? [] : this.queued.splice(at, 1)
      if (!message) return
      await this.consume(message)
    }
    throw new Error(`The queues were not empty after ${limit} messages.`)
  }

  /** Consumes what is delayed too, each at its time. */
  async drainDelayed(): Promise<void> {
    for (let i = 0; i < 2_000 && this.queued.length > 0; i++) {
      const soonest = Math.min(...this.queued.map(({ delaySeconds }) => delaySeconds))
      const at = this.queued.findIndex(({ delaySeconds }) => delaySeconds === soonest)
      for (const message of this.queued.splice(at, 1)) await this.consume(message)
    }
  }

  /** Everything that is queued is lost, as a queue may do. */
  loseQueue(): void {
    this.queued.length = 0
  }

  async sweep(now: number): Promise<void> {
    await this.invoke('scheduled', async () => {
      const controller = createScheduledController({
        scheduledTime: now as never,
        cron: '* * * * *',
      })
      Object.defineProperty(controller, 'scheduledTime', { value: now })
      await worker.scheduled(controller as never, this.env)
    })
  }

  worst(measure: (counts: Counts) => number = subrequests): number {
    return Math.max(0, ...this.invocations.map(({ counts }) => measure(counts)))
  }
}

/** A mailbox at the receiver beside us: its URLs, and what it got. */
export function mailbox() {
  const name = crypto.randomUUID()
  const url = inject('receiver')
  return {
    url: (behaviour = 'ok') => `${url}/${name}/${behaviour}`,
    received: async (): Promise<Received[]> => (await fetch(`${url}/log/${name}`)).json(),
    /** From now on, `url('scripted')` behaves so: `status/500`, `retry-after/60`. */
    script: async (behaviour: string) => void (await fetch(`${url}/script/${name}/${behaviour}`)),
  }
}

export interface RegisteredEndpoint {
  id: string
  secret: string
  url: string
}

export async function anEndpoint(
  world: World,
  url: string,
  more: Record<string, unknown> = {}
): Promise<RegisteredEndpoint> {
  const { status, body } = await world.api<RegisteredEndpoint>('POST', '/api/endpoints', {
    url,
    ...more,
  })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

/** Endpoints by the hundred, straight into the table, with one secret sealed for each. */
export async function manyEndpoints(world: World, count: number, urlOf: (i: number) => string) {
  const made = await anEndpoint(world, urlOf(0))
  const { sealSecrets } = await import('../../src/endpoints/secrets')
  const { freshId } = await import('../../src/db/ids')
  const rows = await Promise.all(
    Array.from({ length: count - 1 }, async (_, i) => {
      const id = freshId('ep', Date.now())
      return {
        id,
        url: urlOf(i + 1),
        secrets: await sealSecrets(world.env, id, { current: made.secret }),
      }
    })
  )
  await env.DB.prepare(
    `insert into endpoints (id, status, url, event_types, created_at, updated_at, secrets)
     select value ->> 'id', 'enabled', value ->> 'url', '["*"]', 1, 1, value ->> 'secrets' from json_each(?1)`
  )
    .bind(JSON.stringify(rows))
    .run()
  return { secret: made.secret, ids: [made.id, ...rows.map((row) => row.id)] }
}

export async function aComment(world: World, more: Record<string, unknown> = {}) {
  const { status, body } = await world.api<{ id: string }>('POST', '/api/comments', {
    name: 'Ada',
    body: 'Hello',
    ...more,
  })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

export interface DeliveryView {
  status: string
  reason: string | null
  attempt_count: number
  next_attempt_at: string | null
  last_status_code: number | null
  attempts: {
    number: number
    trigger: string
    outcome: string
    status_code: number | null
    error_class: string | null
    response_excerpt: string | null
    duration_ms: number
  }[]
  curl: string
}

export async function latestMessageId(world: World): Promise<string> {
  const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/messages?limit=1')
  const id = body.data[0]?.id
  if (!id) throw new Error('There is no message.')
  return id
}

/** Oldest first. */
export async function messageIds(world: World): Promise<string[]> {
  const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/messages?limit=100')
  return body.data.map(({ id }) => id).reverse()
}

export async function theDelivery(world: World, endpointId: string, messageId?: string): Promise<DeliveryView> {
  const message = messageId ?? (await latestMessageId(world))
  const path = `/api/messages/${message}/deliveries/${endpointId}`
  const { status, body } = await world.api<DeliveryView>('GET', path)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}

export interface EndpointView {
  id: string
  url: string
  status: string
  disabled_reason: string | null
  disabled_at: string | null
  health: {
    breaker: string
    resume_at: string | null
    probes: number
    failing_since: string | null
    consecutive_failures: number
    slow_until: string | null
  }
}

export async function theEndpoint(world: World, id: string): Promise<EndpointView> {
  const { status, body } = await world.api<EndpointView>('GET', `/api/endpoints/${id}`)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}

/** Moves the deliveries' clock: everything that waits is due (or overdue) now. */
export function later(ms: number): number {
  return Date.now() + ms
}
