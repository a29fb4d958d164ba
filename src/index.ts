import app from './app'
import { forgetVersions } from './guestbook/known-versions'
import { verifyMentions } from './guestbook/webmentions/verify'
import { dailyLimit, noteDailyLimit } from './kit/db/daily-limit'
import { secondsToTomorrow } from './kit/lib/time'
import { log, logFault } from './log'
import { stepImport } from './owner/moving/importing/step'
import { rehearse } from './rehearsal'
import { sweep } from './sweep'
import { processOrder } from './webhooks/receive/process/process'
import { consumeOrder } from './webhooks/send/consume'
import { anyOrder } from './webhooks/work/orders'

/** The end of the name of the queue for slow or failing receivers. The owner can choose the rest. */
const PATIENT = /patient$/

/** The three entry points: requests, queue messages and the cron job. Each parses its input and calls one function. */
export default {
  fetch: app.fetch,

  async queue(batch, env, ctx) {
    for (const message of batch.messages) await consume(batch.queue, message, env, ctx)
  },

  /** The sweep uses the current time, because a run may be late. Only tests choose a time in the future. */
  async scheduled(controller, env) {
    const now = Date.now()
    await sweep(env, env.SIMULATED_TIME === 'true' ? Math.max(now, controller.scheduledTime) : now)
    forgetVersions(env)
  },
} satisfies ExportedHandler<Env>

// At startup, because the first request has less time.
rehearse()

/** The longest delay that a queue allows. */
const MAX_DELAY_SECONDS = 12 * 60 * 60

/**
 * Acknowledges a message even if a receiver responded with an error. The queue retries only our own errors. While D1
 * refuses to write, no receiver is called, because the result could not be stored: the message waits.
 */
async function consume(queue: string, message: Message, env: Env, ctx: ExecutionContext) {
  const untilTomorrow = { delaySeconds: Math.min(MAX_DELAY_SECONDS, secondsToTomorrow(Date.now())) }
  if (dailyLimit(env, Date.now())) return message.retry(untilTomorrow)
  try {
    await handle(queue, message, env, ctx)
    message.ack()
  } catch (cause) {
    if (noteDailyLimit(env, cause, Date.now())) return message.retry(untilTomorrow)
    logFault('queue.fault', cause, { queue, attempts: message.attempts })
    message.retry()
  } finally {
    forgetVersions(env)
  }
}

async function handle(queue: string, { id, body }: Message, env: Env, ctx: ExecutionContext) {
  const order = anyOrder.safeParse(body)
  if (!order.success) return log('queue.unreadable', { queue, id })
  if (order.data.kind === 'process') return processOrder(env, order.data.inbound_ids, Date.now())
  if (order.data.kind === 'mention') return verifyMentions(env, order.data.source, Date.now())
  if (order.data.kind === 'import') return stepImport(env, order.data.import_id, Date.now())
  const lane = PATIENT.test(queue) ? 'patient' : 'fresh'
  await consumeOrder(env, order.data, Date.now(), { lane, waitUntil: ctx.waitUntil.bind(ctx) })
}
