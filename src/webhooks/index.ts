import type { z } from 'zod'
import { NO_GRANT } from '../access/rights'
import { batch } from '../kit/db/statements'
import { parseFields } from '../kit/http/form'
import { openBudget } from '../kit/sweep/subrequest-budget'
import { planEndpoint } from './endpoints/manage'
import { endpointIn } from './endpoints/schemas'
import { requireValidData } from './event-types/manage'
import { requireEnabled } from './send/messages/retry'
import { planMessage, wakeListeners } from './send/publish/publish'
import { planReplay, refuseTooManyJobs, startJobs } from './send/resend/run-jobs'
import { replayRequest, toScope } from './send/resend/schemas'
import * as sources from './sources/manage'
import { sourceIn, urlOf } from './sources/schemas'
import * as parts from './sweep'

/*
 * The engine of the webhooks, for a Worker that is not a guestbook: examples/webhooks-in-a-worker is one. It needs the
 * tables of migrations/, the bindings of wrangler.toml, and SECRETS_KEY. What it is given is checked: each function
 * throws a Refusal that says what is wrong; `problemResponse` turns it into a response.
 */

/** Handles the messages of the queues. */
export { consumeWebhooks } from './consume'
/** Names the events of the program, and what the engine can ask it for, once. */
export { connectProgram } from './program'
/** The route `/in/{token}`: stores and acknowledges what services send. It needs `timed` (kit/context.ts). */
export { receiving } from './receive/accept/routes'

/** Where a function is called from. */
interface Caller {
  env: Env
  /** Epoch milliseconds. */
  now: number
  /** The origin of this Worker. */
  origin: string
  /** Lets work go on after the response. */
  later(work: Promise<unknown>): void
}

/** Sends an event to each endpoint that wants it. @returns the message's id. @throws Refusal 422 for wrong data */
export async function publish({ env, now, later }: Caller, type: string, data: unknown): Promise<string> {
  await requireValidData(env, type, data)
  const { message, statement } = planMessage(env, type, data, now)
  const results = await batch(env, [statement])
  later(wakeListeners(env, message, results))
  return message.id
}

/** Registers a URL that gets events. @returns its id and signing secret. @throws Refusal 422 */
export async function addEndpoint({ env, now, origin }: Caller, given: z.input<typeof endpointIn>) {
  const { row, secret, statements } = await planEndpoint(env, parseFields(endpointIn, given), origin, now, NO_GRANT)
  await batch(env, statements)
  return { id: row.id, secret }
}

/** Adds a sender of webhooks; `publish` makes each an event. @returns its id and URL. @throws Refusal 409, 422 */
export async function addSource({ env, now, origin }: Caller, given: z.input<typeof sourceIn>) {
  const { row, secrets, statements } = await sources.planSource(env, parseFields(sourceIn, given), now)
  await sources.refuseTooManySources(() => batch(env, statements))
  return { id: row.id, url: urlOf(secrets, origin) }
}

/** Sends old events to an endpoint again. @returns the id of the job. @throws Refusal 404, 409 or 422 */
export async function replay({ env, now, later }: Caller, id: string, given: z.input<typeof replayRequest>) {
  const request = parseFields(replayRequest, given)
  await requireEnabled(env, id)
  const { job, statement } = await planReplay(env, toScope(id, request, now), now, 'range')
  await refuseTooManyJobs(() => batch(env, [statement]))
  later(startJobs(env, now))
  return job.id
}

/** The cron job: sends what is due, finds what was lost, and removes what is old. */
export async function sweepWebhooks(env: Env, now: number): Promise<void> {
  const budget = openBudget(env)
  await parts.sweepParts(env, now, budget)
  await parts.runWebhookChores(env, now, budget)
}
