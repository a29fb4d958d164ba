import {
  createExecutionContext,
  createMessageBatch,
  createScheduledController,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import worker from '../../src'
import { type Counts, countingD1, isDead, noCounts, type Recorder, subrequests } from './counting'

export const TOKEN = 'test-admin-token'
export const BASE = 'https://guestbook.example.com'
const OWNER = { Authorization: `Bearer ${TOKEN}` }

interface Queued {
  queue: string
  body: unknown
  delaySeconds: number
}

const realFetch = globalThis.fetch
/** Invocations that are running; there may be several at a time. */
let running = 0

export interface Invocation {
  door: 'fetch' | 'queue' | 'scheduled'
  counts: Counts
}

/**
 * A guestbook under test: the real worker with the real D1, with the calls of every invocation counted. Its queues are
 * lists that the test consumes when it wants to, so that a message can be lost, repeated or late.
 */
export class World {
  readonly queued: Queued[] = []
  readonly invocations: Invocation[] = []
  /** The requests to receivers: when each was made, and the time in its `webhook-timestamp`. */
  readonly sent: { at: number; stamp: string | undefined }[] = []
  readonly recorder: Recorder = { counts: noCounts(), executed: [] }
  readonly env: Env
  /** The origin to which requests are sent. */
  base = BASE
  /** While set, every send to a queue throws it. */
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
        // As JSON, like in the real queue.
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

  /** Runs one invocation, with its own counters. */
  private async invoke<T>(door: Invocation['door'], run: () => Promise<T>): Promise<T> {
    const before = this.recorder.counts
    const counts = noCounts()
    this.recorder.counts = counts
    running += 1
    globalThis.fetch = (...args) => {
      if (isDead(this.recorder)) return Promise.reject(new Error('killed'))
      counts.fetches += 1
      const headers = args[1]?.headers as Record<string, string> | undefined
      // Requests without headers are those of the test itself.
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

  /** Sends one request and waits for it, including its work in `waitUntil`. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    return this.invoke('fetch', async () => {
      const context = createExecutionContext()
      const request = new Request(`${this.base}${path}`, { redirect: 'manual', ...init })
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

  /** Consumes everything in the queues, including what that adds, except delayed messages. */
  async drain(limit = 2_000): Promise<void> {
    for (let i = 0; i < limit; i++) {
      const at = this.queued.findIndex((message) => message.delaySeconds === 0)
      const [message] = at < 0 ? [] : this.queued.splice(at, 1)
      if (!message) return
      await this.consume(message)
    }
    throw new Error(`The queues were not empty after ${limit} messages.`)
  }

  /** Consumes everything in the queues, delayed messages in the order of their delay. */
  async drainDelayed(): Promise<void> {
    for (let i = 0; i < 2_000 && this.queued.length > 0; i++) {
      const soonest = Math.min(...this.queued.map(({ delaySeconds }) => delaySeconds))
      const at = this.queued.findIndex(({ delaySeconds }) => delaySeconds === soonest)
      for (const message of this.queued.splice(at, 1)) await this.consume(message)
    }
  }

  /** Loses all messages in the queues. */
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
