import app from './app'
import { consumeOrder } from './deliveries/consume'
import { sweepDeliveries } from './deliveries/sweep'
import { resealSecrets } from './endpoints/reseal'
import { workOrder } from './env'
import { log, logFault } from './log'
import { removeOldKeys } from './middleware/accept-once'

/** As wrangler.toml names it. */
const PATIENT_QUEUE = 'guesthook-patient'
/** Keys removed by one sweep. */
const OLD_KEYS = 500

/*
 * Three doors: requests, work orders, the clock. Each parses, calls one function, answers.
 */
export default {
  fetch: app.fetch,

  /** A bad answer from a receiver is an outcome and is acknowledged; a fault of ours brings the message again. */
  async queue(batch, env, ctx) {
    const lane = batch.queue === PATIENT_QUEUE ? 'patient' : 'fresh'
    const consumer = { lane, waitUntil: ctx.waitUntil.bind(ctx) } as const
    for (const message of batch.messages) {
      const order = workOrder.safeParse(message.body)
      if (!order.success) {
        log('queue.unreadable', { queue: batch.queue, id: message.id })
        message.ack()
        continue
      }
      try {
        await consumeOrder(env, order.data, Date.now(), consumer)
        message.ack()
      } catch (cause) {
        logFault('queue.fault', cause, { queue: batch.queue, attempts: message.attempts })
        message.retry()
      }
    }
  },

  /** A late tick works by the real time; a scheduled time ahead of the clock is only given by tests. */
  async scheduled(controller, env) {
    const now = Math.max(Date.now(), controller.scheduledTime)
    await sweepDeliveries(env, now)
    await removeOldKeys(env, now, OLD_KEYS)
    await resealSecrets(env)
  },
} satisfies ExportedHandler<Env>
