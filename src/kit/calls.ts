import type { Context as HonoContext } from 'hono'
import * as z from 'zod'
import type { HonoEnv } from '../env'
import { listRoute } from './acts'
import { type AnyAsked, noteResult, type Planner, writing } from './carry-out'
import { contextOf } from './context'
import { acceptOnce, firstAnswerOr } from './http/act-once'
import { idempotencyKey, jsonRequest, OWNER, problems, tagOf } from './http/openapi'
import { ApiRouter, createRoute } from './http/router'
import { HOST_MAX } from './lib/url'
import type { AnyOperation } from './operation'

/* Turns each operation into a route of the API. */

/** The longest name of an event type, and of a host. Ids and slugs are shorter. */
const MAX_LENGTHS: Record<string, number> = { name: 200, host: HOST_MAX }
const MAX_LENGTH = 100

/** @param guard who may call those that do not say it themselves @returns a router, whose paths are complete */
export function callsOf(operations: readonly AnyOperation[], guard?: AnyOperation['guard']): ApiRouter {
  const router = new ApiRouter()
  for (const operation of operations) {
    const { call, act, may } = operation
    listRoute(call.replace(/\{(\w+)\}/g, ':$1'), { may, ...(act !== undefined && { act }) })
    router.openapi(toRoute(operation, operation.guard ?? guard), (c) => answer(c, operation) as Promise<never>)
  }
  return router
}

function toRoute(operation: AnyOperation, guard: AnyOperation['guard']) {
  const { call, security = OWNER, summary, description, gives, refusals = [] } = operation
  const [method = '', path = ''] = call.split(' ')
  return createRoute({
    method: method.toLowerCase() as 'post',
    path,
    // The tests ask the router which calls are the owner's.
    security: [...security],
    ...(guard && { middleware: guard }),
    request: requestOf(operation, path),
    tags: [tagOf(path)],
    summary,
    ...(description !== undefined && { description }),
    responses: { ...gives, ...problems([...usualRefusals(operation), ...refusals]) },
  })
}

/** The statuses with which every call like this one is refused. The document adds those of a body and of a scope. */
function usualRefusals({ call, takes }: AnyOperation): number[] {
  return [401, ...(call.includes('{') ? [404, 422] : []), ...(takes ? [422] : [])]
}

function requestOf(operation: AnyOperation, path: string) {
  const { takes, isOptional = false, query } = operation
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const params = names.map((name) => [name, z.string().max(MAX_LENGTHS[name] ?? MAX_LENGTH)])
  return {
    ...(params.length > 0 && { params: z.object(Object.fromEntries(params)) }),
    ...('plan' in operation && { headers: idempotencyKey }),
    ...(query && { query: query as z.ZodObject }),
    ...(takes && { body: jsonRequest(takes, !isOptional) }),
  }
}

async function answer(c: HonoContext<HonoEnv>, operation: AnyOperation): Promise<Response> {
  // The router has validated these. What a call does not take is undefined.
  const valid = (part: string) => c.req.valid(part as never) as never
  const asked = { ...contextOf(c), params: valid('param'), query: valid('query') }
  const { takes, isOptional } = operation
  const body = takes && isOptional ? takes.parse(valid('json') ?? {}) : valid('json')
  if ('plan' in operation) return firstAnswerOr(c, operation.once, () => create(c, operation, asked, body))
  return respond(c, operation, asked, await operation.run(asked, body))
}

async function respond(c: HonoContext<HonoEnv>, operation: AnyOperation, asked: AnyAsked, result: unknown) {
  noteResult(c, operation, result)
  if ('send' in operation && operation.send) return operation.send(c, result)
  const status = statusOf(operation, result)
  const shown = await operation.show?.(result, asked)
  return shown === undefined ? c.body(null, status as 204) : c.json(shown, status as 200)
}

/** Without `status`, `gives` has one status: a test checks that. */
function statusOf(operation: AnyOperation, result: unknown): number {
  return operation.status?.(result) ?? Number(Object.keys(operation.gives)[0])
}

async function create(c: HonoContext<HonoEnv>, operation: Planner, asked: AnyAsked, body: unknown): Promise<Response> {
  const plan = await operation.plan(asked, body)
  const { result, statements, erasedWith: subject = null } = plan
  if (statements.length === 0) return respond(c, operation, asked, result)
  const status = statusOf(operation, result) as 201
  const acceptance = { status, body: (await operation.show?.(result, asked)) ?? {}, subject, statements }
  const { response, results } = await writing(plan, () => acceptOnce(c, operation.once, acceptance))
  noteResult(c, operation, result)
  // A repeated request has no results, and starts nothing.
  if (results.length > 0 && plan.start) asked.later(plan.start())
  return response
}
