import { createExecutionContext, createMessageBatch, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { AsyncLocalStorage } from 'node:async_hooks'
import worker from '../../src'
import { forgetVersions } from '../../src/guestbook/books/cache'
import { CHORES, type ChoreName, sweep } from '../../src/sweep'
import { type Counts, countingD1, isDead, noCounts, type Recorder, subrequests } from './counting'
import { ofThisTest } from './limits'

export const TOKEN = 'test-admin-token'
export const BASE = 'https://guestbook.example.com'
const OWNER = { Authorization: `Bearer ${TOKEN}` }

export interface Queued {
  queue: string
  body: unknown
  delaySeconds: number
}

/** A request to a receiver. */
export interface Sent {
  /** When it was made, in epoch milliseconds. */
  at: number
  url: string
  /** The names are in lower case. */
  headers: Record<string, string>
  body: string
}

type FetchArguments = Parameters<typeof fetch>

const realFetch = globalThis.fetch
/** The invocation that the code belongs to. There may be several at a time, and the test itself belongs to none. */
const invocation = new AsyncLocalStorage<{ world: World; counts: Counts }>()

globalThis.fetch = (...args: FetchArguments) => {
  const current = invocation.getStore()
  return current ? current.world.callReceiver(args, current.counts) : realFetch(...args)
}

export interface Invocation {
  door: 'fetch' | 'queue' | 'scheduled'
  counts: Counts
}

/**
 * A guestbook under test: the real worker with the real D1, with the calls of every invocation counted. Its queues are
 * lists that the test consumes when it wants to, so that a message can be lost, repeated or late.
 */
export class World {
  readonly invocations: Invocation[] = []
  readonly sent: Sent[] = []
  readonly recorder: Recorder = { counts: noCounts(), executed: [] }
  readonly env: Env
  /** The origin to which requests are sent. */
  base = BASE
  /** Where requests to Cloudflare's own services go: the address of a stand-in for each of theirs. */
  readonly standIns: Record<string, string> = {}
  /** Whether an isolate trusts a book that it has just read, as it does for a second. Tests change books behind its back. */
  trustsBooks = false
  /** While set, every send to a queue throws it. */
  queueFault: Error | undefined
  /** Called with each request to a receiver, which is made when what it returns has come. Tests let time pass there. */
  beforeRequest: ((sent: Sent) => Promise<void>) | undefined

  /**
   * @param queued what is in the queues. Two worlds with the same list are two isolates of one guestbook: the database is
   *   the same, and what an isolate remembers belongs to its own binding
   */
  constructor(
    overrides: Partial<Env> = {},
    readonly queued: Queued[] = []
  ) {
    this.env = {
      ...env,
      DB: countingD1(env.DB, this.recorder),
      FRESH: this.queue('guesthook-fresh'),
      PATIENT: this.queue('guesthook-patient'),
      INBOUND: this.queue('guesthook-inbound'),
      SIGN_LIMIT: ofThisTest('SIGN_LIMIT'),
      LOGIN_LIMIT: ofThisTest('LOGIN_LIMIT'),
      TEST_LIMIT: ofThisTest('TEST_LIMIT'),
      REGISTER_LIMIT: ofThisTest('REGISTER_LIMIT'),
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
    try {
      return await invocation.run({ world: this, counts }, run)
    } finally {
      this.recorder.counts = before
      this.invocations.push({ door, counts })
    }
  }

  /** Counts and records a call to a receiver. A dead process makes none. */
  async callReceiver(args: FetchArguments, counts: Counts): Promise<Response> {
    if (isDead(this.recorder)) throw new Error('killed')
    const [url, { headers, body } = {}] = args
    counts.fetches += 1
    const sent = {
      at: Date.now(),
      url: String(url),
      headers: Object.fromEntries(new Headers(headers)),
      body: typeof body === 'string' ? body : '',
    }
    this.sent.push(sent)
    await this.beforeRequest?.(sent)
    return realFetch(this.standIns[sent.url] ?? url, args[1])
  }

  /** Sends one request and waits for it, including its work in `waitUntil`. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    return this.invoke('fetch', async () => {
      if (!this.trustsBooks) forgetVersions(this.env)
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
      body: /json/.test(response.headers.get('Content-Type') ?? '') ? JSON.parse(text) : {},
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

  /**
   * Runs the cron job.
   * @param chores only these chores, in this order. Without them, the minute decides which chores fit into the budget, so
   *   a test that needs one must name it
   */
  async sweep(now: number, ...chores: ChoreName[]): Promise<void> {
    const all = chores.length > 0 ? chores : undefined
    await this.invoke('scheduled', () => sweep(this.env, Math.max(now, Date.now()), all))
  }

  /** Runs the cron job once for each chore, so that each of them has the budget of a whole sweep. */
  async sweepEverything(now: number): Promise<void> {
    for (const chore of Object.keys(CHORES) as ChoreName[]) await this.sweep(now, chore)
  }

  worst(measure: (counts: Counts) => number = subrequests): number {
    return Math.max(0, ...this.invocations.map(({ counts }) => measure(counts)))
  }
}
