import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../env'
import { answerOnce, readSubmission } from '../kit/http/act-once'
import { actOf } from './acts'
import { routeOf } from './route'

/** Every form of the owner that changes something does so once, even if it is submitted twice. */
export const submitOnce: MiddlewareHandler<HonoEnv> = async (c, next) => {
  const route = routeOf(c)
  if (route?.method !== 'POST' || actOf(route.method, route.path) === null) return next()
  return answerOnce(c, await readSubmission(c), async () => {
    await next()
    return c.res
  })
}
