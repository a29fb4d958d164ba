import { env } from 'cloudflare:workers'
import { isCalled, mayWant, settingsBetween, surelyWants } from '../endpoint-settings'
import type { Rows, Seen } from '../history'
import { isDisabled, type KnownEndpoint } from '../known'
import { mayBeAsked } from '../replays'
import { isDeleted, type Simulation } from '../simulation'

/*
 * Nothing is lost: every message has reached every endpoint that wanted it at that time, or there is a known reason.
 */

/** One attempt of the schedule is the last one. */
const SCHEDULED_ATTEMPTS = 10

export async function judgeDeliveries(simulation: Simulation): Promise<string[]> {
  const { history, endpoints, published } = simulation
  const messages = [...history.tables.messages.seen.values()]
  const pairs = endpoints.flatMap((endpoint) =>
    messages.flatMap((message) => {
      const fault = endpoint.id === null ? null : faultOf(simulation, endpoint, message)
      return fault ? [`${message.initial.type} ${message.initial.id} to ${endpoint.id}: ${fault}`] : []
    })
  )
  const lost = published.filter((id) => !history.tables.messages.seen.has(id))
  return [
    ...lost.map((id) => `${id} was accepted and is lost`),
    ...pairs,
    ...judgeReplays(simulation),
    ...(await judgeRunning(simulation)),
    ...(await judgeAttempts()),
  ]
}

/** Every attempt is recorded, and the last one has decided what has become of its delivery. */
async function judgeAttempts(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    `select d.endpoint_id, d.message_id, d.status, d.attempt_count, d.last_status_code, count(a.number) as attempts,
       max(a.number) as last_number, a.status_code, a.outcome
     from deliveries d
     left join attempts a on a.endpoint_id = d.endpoint_id and a.message_id = d.message_id
     group by d.endpoint_id, d.message_id
     having attempts <> d.attempt_count
       or coalesce(last_number, 0) <> d.attempt_count
       or a.status_code is not d.last_status_code
       or (d.status = 'delivered' and a.outcome <> 'delivered')`
  ).all()
  return results.map((row) => `The attempts do not add up: ${JSON.stringify(row)}`)
}

/** @returns null if what has become of a message is right */
function faultOf(simulation: Simulation, endpoint: KnownEndpoint, message: Seen<Rows['messages']>): string | null {
  const { history, dispatched, step } = simulation
  const { initial, since } = message
  const seen = history.tables.deliveries.seen.get(`${endpoint.id} ${initial.id}`)
  const until = dispatched.get(initial.id) ?? step
  if (seen)
    return mayExist(simulation, endpoint, initial, seen) ? whyWrong(simulation, endpoint, seen.row) : 'not wanted'
  const isGone = simulation.erasedMessages.has(initial.id) || simulation.replacedMessages.has(initial.id)
  return isGone || !surelyWants(endpoint, initial, since, until) ? null : 'missing'
}

/** A delivery was created for a reason: the endpoint wanted the message then, or a person has asked for it. */
function mayExist(
  simulation: Simulation,
  endpoint: KnownEndpoint,
  message: Rows['messages'],
  { initial, since }: Seen<Rows['deliveries']>
): boolean {
  if (message.audience !== null) return message.audience === endpoint.id
  return message.payload === '' || mayWant(endpoint, message, since) || mayBeAsked(simulation, initial, since)
}

function whyWrong(simulation: Simulation, endpoint: KnownEndpoint, delivery: Rows['deliveries']): string | null {
  const { status, reason, attempt_count } = delivery
  if (status === 'delivered') return attempt_count > 0 ? null : 'delivered without an attempt'
  if (status === 'failed') return isFailedRightly(endpoint, delivery) ? null : `failed because of ${reason}`
  if (status === 'pending') return whyPending(simulation, endpoint, delivery)
  return isCanceledRightly(simulation, endpoint, delivery) ? null : `canceled because of ${reason}`
}

function isCanceledRightly(
  { erasedMessages, jobs, history, selected }: Simulation,
  endpoint: KnownEndpoint,
  { reason, message_id }: Rows['deliveries']
): boolean {
  if (reason === 'erased') return erasedMessages.has(message_id)
  // Whether something else has reported it is judged in coverage.ts.
  if (reason === 'coalesced') return endpoint.versions.some(({ settings }) => isCalled(settings))
  const own = [...jobs.keys()].map((id) => history.tables.jobs.seen.get(id)?.row)
  if (reason === 'replay_canceled')
    return own.some((job) => job?.state === 'canceled' && (job.kind !== 'replay' || job.endpoint_id === endpoint.id))
  if (reason === 'discarded') return selected.some((one) => one.endpoint_id === endpoint.id && one.act === 'discard')
  return isDeleted(endpoint)
}

function isFailedRightly({ behaviors }: KnownEndpoint, { reason, attempt_count }: Rows['deliveries']): boolean {
  if (reason === 'gone') return behaviors.has('status/410')
  return reason === 'test_failed' || (reason === 'schedule_spent' && attempt_count >= SCHEDULED_ATTEMPTS)
}

/**
 * A pending delivery is parked behind a disabled endpoint. Behind a receiver that does not recover, it may also wait.
 */
function whyPending(
  { setup, clock }: Simulation,
  endpoint: KnownEndpoint,
  { next_attempt_at }: Rows['deliveries']
): string | null {
  const isParked = next_attempt_at === null
  if (isParked && isDisabled(endpoint)) return null
  if (!setup.isHealed && (isParked || next_attempt_at > clock.now)) return null
  return `still pending, next attempt at ${next_attempt_at}, and now is ${clock.now}`
}

/** A finished replay has sent everything that it had to send, and that the endpoint has wanted all the time. */
function judgeReplays({ replays, history, erasedMessages, endpoints, jobs, step }: Simulation): string[] {
  return [...replays].flatMap(([id, left]) => {
    const job = history.tables.jobs.seen.get(id)?.row
    const endpoint = endpoints.find((one) => one.id === job?.endpoint_id)
    if (job?.state !== 'done' || !endpoint || isDeleted(endpoint)) return []
    const since = jobs.get(id) ?? step
    const settings = settingsBetween(endpoint, since, step)
    if (settings.some(isCalled)) return []
    const forgotten = [...left].filter((delivery) => {
      const [, message_id = ''] = delivery.split(' ')
      const message = history.tables.messages.seen.get(message_id)
      const isInRange = message && message.row.created_at >= job.since && message.row.created_at <= job.until
      const isWanted = message && surelyWants(endpoint, message.initial, since, step)
      return isInRange && isWanted && message.gone === null && !erasedMessages.has(message_id)
    })
    return forgotten.map((delivery) => `The replay ${id} (${job.only}) has not sent ${delivery}`)
  })
}

async function judgeRunning({ setup }: Simulation): Promise<string[]> {
  if (!setup.isHealed) return []
  const { results } = await env.DB.prepare(
    `select j.id, e.breaker from jobs j join endpoints e on e.id = j.endpoint_id
     where j.state = 'running' and e.status <> 'disabled'`
  ).all()
  return results.map((job) => `A replay is still running: ${JSON.stringify(job)}`)
}
