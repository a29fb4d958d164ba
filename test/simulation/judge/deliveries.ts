import { env } from 'cloudflare:workers'
import type { Rows } from '../history'
import { type KnownEndpoint, wants } from '../known'
import { isDeleted, type Simulation } from '../simulation'

/*
 * Nothing is lost: every message has reached every endpoint that wants it, or there is a known reason.
 */

/** One attempt of the schedule is the last one. */
const SCHEDULED_ATTEMPTS = 10

export async function judgeDeliveries(simulation: Simulation): Promise<string[]> {
  const { history, endpoints } = simulation
  const pairs = endpoints.flatMap((endpoint) =>
    [...history.tables.messages.seen.values()].flatMap((message) => {
      const fault = faultOf(simulation, endpoint, message.initial, message.since)
      return fault ? [`${message.initial.type} ${message.initial.id} to ${endpoint.id}: ${fault}`] : []
    })
  )
  return [...pairs, ...judgeReplays(simulation), ...(await judgeRunning(simulation)), ...(await judgeAttempts())]
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
function faultOf(
  simulation: Simulation,
  endpoint: KnownEndpoint,
  message: Rows['messages'],
  since: number
): string | null {
  const seen = simulation.history.tables.deliveries.seen.get(`${endpoint.id} ${message.id}`)
  const isWanted = wants(endpoint, message)
  if (!seen) {
    const { erasedMessages, replacedMessages } = simulation
    const isGone = erasedMessages.has(message.id) || replacedMessages.has(message.id)
    const isExcused = since <= endpoint.lastDisabled || isGone
    return isWanted && !isExcused ? 'missing' : null
  }
  if (!isWanted && message.audience !== endpoint.id) return 'not wanted'
  return whyWrong(simulation, endpoint, seen.row)
}

function whyWrong(simulation: Simulation, endpoint: KnownEndpoint, delivery: Rows['deliveries']): string | null {
  const { status, reason, attempt_count } = delivery
  if (status === 'delivered') return attempt_count > 0 ? null : 'delivered without an attempt'
  if (status === 'failed') return isFailedRightly(endpoint, delivery) ? null : `failed because of ${reason}`
  if (status === 'pending') return whyPending(simulation, endpoint, delivery)
  const isRight = reason === 'erased' ? simulation.erasedMessages.has(delivery.message_id) : isDeleted(endpoint)
  return isRight ? null : `canceled because of ${reason}`
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
  { isDisabled }: KnownEndpoint,
  { next_attempt_at }: Rows['deliveries']
): string | null {
  const isParked = next_attempt_at === null
  if (isParked && isDisabled) return null
  if (!setup.isHealed && (isParked || next_attempt_at > clock.now)) return null
  return `still pending, next attempt at ${next_attempt_at}, and now is ${clock.now}`
}

/** A finished replay has sent everything that it had to send. */
function judgeReplays({ replays, history, erasedMessages, endpoints }: Simulation): string[] {
  return [...replays].flatMap(([id, left]) => {
    const job = history.tables.jobs.seen.get(id)?.row
    const endpoint = endpoints.find((one) => one.id === job?.endpoint_id)
    if (job?.state !== 'done' || !endpoint || isDeleted(endpoint)) return []
    const forgotten = [...left].filter((delivery) => {
      const [, message_id = ''] = delivery.split(' ')
      const message = history.tables.messages.seen.get(message_id)
      const isInRange = message && message.row.created_at >= job.since && message.row.created_at <= job.until
      return isInRange && message.gone === null && !erasedMessages.has(message_id)
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
