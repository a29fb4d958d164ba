import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import type { HonoEnv } from '../../src/env'
import { contextOf, timed } from '../../src/kit/context'
import { jsonBody } from '../../src/kit/http/json-body'
import { problemResponse, toRefusal } from '../../src/kit/http/problem'
import * as webhooks from '../../src/webhooks'

/* A shop: it publishes `order.paid` to whoever registers, and a payment service tells it what was paid. */

webhooks.connectProgram({
  types: [
    {
      name: 'order.paid',
      description: 'A customer has paid an order.',
      schema: { type: 'object', required: ['order'], properties: { order: { type: 'string' } } },
      example: { order: 'A-17' },
    },
  ],
})

const app = new Hono<HonoEnv>()
app.use(timed(() => Date.now()))
app.route('/in', webhooks.receiving)
app.use('/shop/*', (c, next) => bearerAuth<HonoEnv>({ token: c.env.ADMIN_TOKEN })(c, next), jsonBody())
app.post('/shop/orders', async (c) =>
  c.json({ id: await webhooks.publish(contextOf(c), 'order.paid', await c.req.json()) })
)
app.post('/shop/receivers', async (c) => c.json(await webhooks.addEndpoint(contextOf(c), await c.req.json())))
app.post('/shop/services', async (c) => c.json(await webhooks.addSource(contextOf(c), await c.req.json())))
app.post('/shop/receivers/:id/replay', async (c) =>
  c.json({ job: await webhooks.replay(contextOf(c), c.req.param('id'), await c.req.json()) })
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
