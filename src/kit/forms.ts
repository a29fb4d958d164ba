import { Hono, type Context as HonoContext, type MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../env'
import { listRoute } from './acts'
import type { Integrator } from './caller'
import { type AnyAsked, noteResult, type Planner, writing } from './carry-out'
import { type Context, contextOf } from './context'
import { batch } from './db/statements'
import { keepFlash } from './http/flash'
import { expectRefusal, parseFields, readFileForm, readForm } from './http/form'
import type { Refusal } from './http/problem'
import { DASHBOARD } from './lib/paths'
import type { AnyOperation, OperationForm, StrangerLimit } from './operation'

/* Makes the routes that receive the forms of operations. */

type AnyForm = OperationForm<string, unknown, unknown, unknown>

/** @returns a router for `/admin` */
export function formsOf(operations: readonly AnyOperation[]): Hono<HonoEnv> {
  const router = new Hono<HonoEnv>()
  for (const operation of operations) {
    for (const form of formsIn(operation)) {
      listRoute(`POST /admin${form.at}`, { act: form.act ?? operation.act ?? null })
      router.post(form.at, (c) => submit(c, operation, form, async () => contextOf(c)))
    }
  }
  return router
}

function formsIn({ form }: AnyOperation): readonly AnyForm[] {
  if (form === undefined) return []
  return Array.isArray(form) ? form : [form as AnyForm]
}

/** Refuses an act of an integrator beyond a limit, and shows the page of its form again. */
type Limited = (limit: StrangerLimit, refused: NonNullable<AnyForm['refused']>) => MiddlewareHandler<HonoEnv>

const unlimited: MiddlewareHandler<HonoEnv> = (_, next) => next()

/** Shows an error page. */
function refuse(_: unknown, refusal: Refusal): never {
  throw refusal
}

/**
 * Makes the forms of integrators. They are not in the audit log, which contains only acts of the owner.
 * @param find finds who has the private link in the path. @throws Refusal 404
 */
export function managedFormsOf(
  operations: readonly AnyOperation[],
  find: (c: HonoContext<HonoEnv>) => Promise<Integrator>,
  limited: Limited
): Hono<HonoEnv> {
  const router = new Hono<HonoEnv>()
  for (const operation of operations) {
    const { managed: form } = operation
    if (!form) continue
    const limit = form.limit ? limited(form.limit, form.refused ?? refuse) : unlimited
    router.post(`/:token${form.at}`, limit, (c) =>
      submit(c, operation, form, async () => ({ ...contextOf(c), ...(await find(c)) }))
    )
  }
  return router
}

/** Acts, then redirects. @param readContext is called after the form was read, because its `now` is that time */
async function submit(
  c: HonoContext<HonoEnv>,
  operation: AnyOperation,
  form: AnyForm,
  readContext: () => Promise<Context>
): Promise<Response> {
  const sent = needsFields(operation, form, c.req.header('Content-Type') !== undefined)
    ? await (form.hasFile ? readFileForm : readForm)(c, form.maxBytes)
    : new URLSearchParams()
  const context = await readContext()
  try {
    const next = await carryOut(c, operation, form, context, sent)
    return c.redirect(keepFlash(next, c.req.query('flash')), 303)
  } catch (cause) {
    if (!form.refused) throw cause
    return form.refused(c, expectRefusal(cause), sent)
  }
}

/** A program that presses a button need not send a form. */
function needsFields({ query }: AnyOperation, { read, isOptional }: AnyForm, isSent: boolean): boolean {
  return (read !== undefined || query !== undefined) && (isSent || !isOptional)
}

/** @returns where the browser goes */
async function carryOut(
  c: HonoContext<HonoEnv>,
  operation: AnyOperation,
  form: AnyForm,
  context: Context,
  sent: URLSearchParams
): Promise<string> {
  const { manages } = context
  // The path does not choose the endpoint of an integrator.
  const given = { ...c.req.param(), ...(manages && { id: manages.id, endpoint_id: manages.id }) }
  const query = (operation.query && parseFields(operation.query, Object.fromEntries(sent))) as never
  const asked = { ...context, params: form.params?.(given) ?? given, query }
  await form.check?.(asked, sent)
  const body = operation.takes && parseFields(operation.takes, (await form.read?.(sent, asked)) ?? form.body ?? {})
  const result = 'plan' in operation ? await create(operation, asked, body) : await operation.run(asked, body)
  noteResult(c, operation, result)
  return form.next(result, { asked, body, form: sent, base: manages?.page ?? DASHBOARD.overview })
}

async function create(operation: Planner, asked: AnyAsked, body: unknown): Promise<unknown> {
  const plan = await operation.plan(asked, body)
  if (plan.statements.length === 0) return plan.result
  await writing(plan, () => batch(asked.env, plan.statements))
  if (plan.start) asked.later(plan.start())
  return plan.result
}
