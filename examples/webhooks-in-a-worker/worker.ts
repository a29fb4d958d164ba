import { type Context, Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import type { HonoEnv } from '../../src/env'
import { problemResponse, toRefusal } from '../../src/kit/http/problem'
import * as webhooks from '../../src/webhooks'

/* A shop: it publishes `order.paid` to whoever registers, and a payment service tells it what was paid. */

webhooks.connectEvents({
  types: [
    {
      name: 'order.paid',
      description: 'A customer has paid an order.',
      schema: { type: 'object', required: ['order'], properties: { order: { type: 'string' } } },
      example: { order: 'A-17' },
    },
  ],
})

const callerOf = (c: Context<HonoEnv>) => ({
  env: c.env,
  now: Date.now(),
  origin: new URL(c.req.url).origin,
  later: (work: Promise<unknown>) => c.executionCtx.waitUntil(work),
})

const app = new Hono<HonoEnv>()
app.route('/in', webhooks.receiving)
app.use('/shop/*', (c, next) => bearerAuth<HonoEnv>({ token: c.env.ADMIN_TOKEN })(c, next))
app.post('/shop/orders', async (c) => c.json({ id: await webhooks.publish(callerOf(c), 'order.paid', await c.req.json()) }))
app.post('/shop/receivers', async (c) => c.json(await webhooks.addEndpoint(callerOf(c), await c.req.json())))
app.post('/shop/services', async (c) => c.json(await webhooks.addSource(callerOf(c), await c.req.json())))
app.post('/shop/receivers/:id/replay', async (c) =>
  c.json({ job: await webhooks.replay(callerOf(c), c.req.param('id'), await c.req.json()) })
)
app.onError((cause, c) => {
  const refusal = toRefusal(cause)
  if (refusal === null) throw cause
  return problemResponse(c, refusal)
})

export default {
  fetch: app.fetch,
  async queue(batch, env, ctx) {
    const door = { queue: batch.queue, waitUntil: ctx.waitUntil.bind(ctx), clock: () => Date.now() }
    for (const { body } of batch.messages) await webhooks.consumeWebhooks(env, body, Date.now(), door)
  },
  scheduled: (_, env) => webhooks.sweepWebhooks(env, Date.now()),
} satisfies ExportedHandler<Env>
