import app from './app'
import { isRotating, RESEAL_QUERIES, resealSecrets } from './db/reseal'
import { removeOldKeys } from './http/idempotency'
import { processOrder } from './inbound/process/process'
import { sweepInbound } from './inbound/sweep'
import { log, logFault } from './log'
import { consumeOrder } from './outbound/consume'
import { sweepDeliveries } from './outbound/sweep'
import { inboundOrder, workOrder } from './queue/orders'
import { openBudget, upTo } from './queue/subrequest-budget'

/** As wrangler.toml names it. */
const PATIENT_QUEUE = 'guesthook-patient'
const INBOUND_QUEUE = 'guesthook-inbound'
/** Calls of one sweep that what came in may take before deliveries have theirs. */
const INBOUND_CALLS = 25
/** Keys removed by one sweep. */
const OLD_KEYS = 500

/*
 * Three doors: requests, work orders, the clock. Each parses, calls one function, answers.
 */
export default {
  fetch: app.fetch,

  /** A bad answer from a receiver is an outcome and is acknowledged; a fault of ours brings the message again. */
  async queue(batch, env, ctx) {
    const inbound = batch.queue === INBOUND_QUEUE
    const lane = batch.queue === PATIENT_QUEUE ? 'patient' : 'fresh'
    const consumer = { lane, waitUntil: ctx.waitUntil.bind(ctx) } as const
    for (const message of batch.messages) {
      const order = (inbound ? inboundOrder : workOrder).safeParse(message.body)
      if (!order.success) {
        log('queue.unreadable', { queue: batch.queue, id: message.id })
        message.ack()
        continue
      }
      try {
        const { data } = order
        if (data.kind === 'process') await processOrder(env, data.inbound_ids, Date.now())
        else await consumeOrder(env, data, Date.now(), consumer)
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
    const budget = openBudget(env)
    // Set aside for what comes last, whatever the journeys take.
    budget.take(1 + (isRotating(env) ? RESEAL_QUERIES : 0))
    await sweepInbound(env, now, upTo(INBOUND_CALLS, budget))
    await sweepDeliveries(env, now, budget)
    await removeOldKeys(env, now, OLD_KEYS)
    if (isRotating(env)) await resealSecrets(env)
  },
} satisfies ExportedHandler<Env>
