import app from './app'
import { processOrder } from './inbound/process/process'
import { log, logFault } from './log'
import { consumeOrder } from './outbound/consume'
import { inboundOrder, workOrder } from './queue/orders'
import { sweep } from './sweep'

/** The names of the queues in wrangler.toml. */
const PATIENT_QUEUE = 'guesthook-patient'
const INBOUND_QUEUE = 'guesthook-inbound'

/** The three entry points: requests, queue messages and the cron job. Each parses its input and calls one function. */
export default {
  fetch: app.fetch,

  async queue(batch, env, ctx) {
    for (const message of batch.messages) await consume(batch.queue, message, env, ctx)
  },

  /** A late run uses the current time. Only tests schedule a run in the future. */
  async scheduled(controller, env) {
    await sweep(env, Math.max(Date.now(), controller.scheduledTime))
  },
} satisfies ExportedHandler<Env>

/** Acknowledges a message even if a receiver responded with an error. The queue retries only our own errors. */
async function consume(queue: string, message: Message, env: Env, ctx: ExecutionContext) {
  try {
    await handle(queue, message, env, ctx)
    message.ack()
  } catch (cause) {
    logFault('queue.fault', cause, { queue, attempts: message.attempts })
    message.retry()
  }
}

async function handle(queue: string, { id, body }: Message, env: Env, ctx: ExecutionContext) {
  const order = (queue === INBOUND_QUEUE ? inboundOrder : workOrder).safeParse(body)
  if (!order.success) return log('queue.unreadable', { queue, id })
  if (order.data.kind === 'process') return processOrder(env, order.data.inbound_ids, Date.now())
  const lane = queue === PATIENT_QUEUE ? 'patient' : 'fresh'
  await consumeOrder(env, order.data, Date.now(), { lane, waitUntil: ctx.waitUntil.bind(ctx) })
}
