import app from './app'
import { forgetVersions } from './guestbook/books/cache'
import { consumeWall } from './guestbook/wall/update'
import { consumeMention } from './guestbook/webmentions/orders'
import { dailyLimit, noteDailyLimit } from './kit/db/daily-limit'
import { whyUnavailable } from './kit/db/unavailable'
import { MINUTE_MS, secondsToTomorrow } from './kit/lib/time'
import { log, logFault } from './log'
import { consumeImport } from './owner/moving/importing/step'
import { rehearse } from './rehearsal'
import { sweep } from './sweep'
import { consumeWebhooks } from './webhooks/consume'

/** The three entry points: requests, queue messages and the cron job. Each parses its input and calls one function. */
export default {
  fetch: app.fetch,

  async queue(batch, env, ctx) {
    for (const message of batch.messages) await consume(batch.queue, message, env, ctx)
  },

  /** The sweep uses the current time, because a run may be late. */
  scheduled: (_, env) => sweep(env, Date.now()),
} satisfies ExportedHandler<Env>

// At startup, because the first request has less time.
rehearse()

/** While the database is full, no receiver is called again and again: the result could not be stored. */
const FULL_PAUSE_MS = 15 * MINUTE_MS
const LATER = { delaySeconds: FULL_PAUSE_MS / 1_000 }
const fullUntil = new WeakMap<D1Database, number>()

/** The longest delay that a queue allows. */
const MAX_DELAY_SECONDS = 12 * 60 * 60

/** @returns how long a message waits while D1 refuses to write; null while it does not */
function pauseOf(env: Env, now: number): QueueRetryOptions | null {
  if (dailyLimit(env, now)) return { delaySeconds: Math.min(MAX_DELAY_SECONDS, secondsToTomorrow(now)) }
  return now < (fullUntil.get(env.DB) ?? 0) ? LATER : null
}

function noteFault(env: Env, event: string, cause: unknown, now: number, facts?: Record<string, unknown>): void {
  if (noteDailyLimit(env, cause, now)) return
  if (whyUnavailable(cause) === 'full') fullUntil.set(env.DB, now + FULL_PAUSE_MS)
  logFault(event, cause, facts)
}

/**
 * Acknowledges a message even if a receiver responded with an error. The queue retries only our own errors. While D1
 * refuses to write, no receiver is called, because the result could not be stored: the message waits.
 */
async function consume(queue: string, message: Message, env: Env, ctx: ExecutionContext) {
  const now = Date.now()
  const pause = pauseOf(env, now)
  if (pause) return message.retry(pause)
  try {
    await handle(queue, message, now, env, ctx)
    message.ack()
  } catch (cause) {
    noteFault(env, 'queue.fault', cause, now, { queue, attempts: message.attempts })
    message.retry(pauseOf(env, now) ?? {})
  } finally {
    forgetVersions(env)
  }
}

/** Offers a message to all that can handle one. Each returns false for messages of other kinds. */
async function handle(queue: string, { id, body }: Message, now: number, env: Env, ctx: ExecutionContext) {
  const waitUntil = (work: Promise<unknown>) =>
    ctx.waitUntil(work.catch((cause) => noteFault(env, 'order.fault', cause, now)))
  const door = { queue, waitUntil, clock: () => Date.now() }
  const isHandled =
    (await consumeWebhooks(env, body, now, door)) ||
    (await consumeMention(env, body, { now, clock: door.clock })) ||
    (await consumeWall(env, body, now)) ||
    (await consumeImport(env, body, now))
  if (!isHandled) log('queue.unreadable', { queue, id })
}
