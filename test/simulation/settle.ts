import { env } from 'cloudflare:workers'
import { isTurnToCount } from '../../src/owner/rules/stats/periods'
import { ACCEPTS, repeatRegistration, script } from './actions/endpoints'
import { postEntry, repeatable } from './actions/entries'
import { postGenuine } from './actions/webhooks'
import { HOUR, MINUTE, SECOND } from './clock'
import { isAccepted } from './known'
import { observe } from './observe'
import { collectSent } from './run'
import type { Simulation } from './simulation'

/** Everything is done after fewer sweeps than this, if the receivers recover. */
const MAX_SWEEPS = 200
/** After this many sweeps, 25 hours apart, receivers that do not recover have been given up. */
const SWEEPS_WITHOUT_RECOVERY = 8

/**
 * Nothing fails any more: clients repeat what was not answered, receivers may recover, and time passes until it is
 * quiet.
 */
export async function settle(simulation: Simulation): Promise<void> {
  simulation.clock.catchUp()
  simulation.deploy()
  await repeatUnanswered(simulation)
  const { isHealed } = simulation.setup
  if (isHealed) for (const endpoint of simulation.endpoints) await script(endpoint, ACCEPTS)
  for (let sweeps = 0; sweeps < (isHealed ? MAX_SWEEPS : SWEEPS_WITHOUT_RECOVERY); sweeps++) {
    const due = await nextDue()
    if (due === null && simulation.queued.length === 0) return
    const wait = Math.max((due ?? 0) - simulation.clock.now + SECOND, MINUTE)
    await pass(simulation, isHealed ? wait : Math.max(wait, 25 * HOUR))
  }
  if (isHealed) throw new Error(`It is not quiet after ${MAX_SWEEPS} sweeps.`)
}

/** Whoever gets no answer sends the request again. */
async function repeatUnanswered(simulation: Simulation): Promise<void> {
  simulation.step += 1
  const [isolate] = simulation.isolates
  if (!isolate) return
  for (const endpoint of simulation.endpoints)
    if (endpoint.id === null) await repeatRegistration(simulation, isolate, endpoint)
  for (const entry of repeatable(simulation)) if (!entry.isAnswered) await postEntry(simulation, isolate, entry)
  for (const webhook of simulation.webhooks) {
    const genuine = webhook.posts.filter(({ secret }) => secret !== null)
    const isPending = genuine.length > 0 && !genuine.some(isAccepted) && !webhook.source.isDeleted
    if (isPending) await postGenuine(simulation, isolate, webhook, 0)
  }
  await observe(simulation, { isTogether: true })
}

/** @returns when something is due next, in epoch milliseconds, or null if nothing is */
async function nextDue(): Promise<number | null> {
  const statement = `
    select min(due) as due from (
      select min(next_attempt_at) as due from deliveries
      union all select min(resume_at) from endpoints
      union all select min(wake_at) from messages where dispatched_at is null
      union all select min(next_attempt_at) from inbound_messages
      union all select min(j.run_at) from jobs j join endpoints e on e.id = j.endpoint_id and e.status <> 'disabled')`
  return env.DB.prepare(statement).first<number>('due')
}

/**
 * In one minute of five, the cron job counts what has happened, which takes much longer than the rest. A series of
 * sweeps, some multiples of five minutes apart, avoids these minutes.
 */
export function avoidCounting({ clock }: Simulation): void {
  if (isTurnToCount(clock.now)) clock.tick(MINUTE)
}

/** Time passes, the cron job runs, and the queues are consumed. */
export async function pass(simulation: Simulation, ms: number): Promise<void> {
  simulation.step += 1
  simulation.clock.tick(ms)
  simulation.isTogether = false
  simulation.stepBegan = simulation.clock.now
  const [sweeper, consumer] = simulation.isolates
  if (!sweeper || !consumer) return
  await sweeper.sweep(simulation.clock.now)
  for (let message = simulation.queued.shift(); message; message = simulation.queued.shift()) {
    if (!(await consumer.consume(message))) throw new Error(`Not acknowledged: ${JSON.stringify(message)}`)
  }
  for (const isolate of simulation.isolates) collectSent(simulation, isolate)
  await observe(simulation, { isTogether: true })
}
