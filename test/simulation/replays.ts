import { settingsBetween, settingsIn, wants } from './endpoint-settings'
import type { AllChanges, Rows } from './history'
import type { Simulation } from './simulation'

/** Notes what a new replay has to send: what had failed, was missing or was settled before this step. */
export function noteReplays(simulation: Simulation, changes: AllChanges, isTogether: boolean): void {
  for (const { row } of changes.jobs.added) {
    simulation.jobs.set(row.id, simulation.step)
    if (row.kind !== 'replay') continue
    const missing = missingFor(simulation, row, changes, isTogether)
    simulation.replays.set(row.id, new Set([...settledFor(simulation, row), ...missing]))
  }
  const { added, changed, vanished } = changes.deliveries
  const touched = [...added.map(({ row }) => row), ...changed.map(({ after }) => after), ...vanished]
  for (const left of simulation.replays.values()) for (const { id } of touched) left.delete(id)
}

type Job = Rows['jobs']

function ownDeliveries({ history }: Simulation, { endpoint_id }: Job): Rows['deliveries'][] {
  return history.tables.deliveries.present().filter((one) => one.endpoint_id === endpoint_id)
}

/** A test is never replayed. What is canceled was reported by another call, or nobody wants it any more. */
function settledFor(simulation: Simulation, job: Job): string[] {
  if (job.only === 'missing') return []
  const statuses = job.only === 'failed' ? ['failed'] : ['failed', 'delivered']
  return ownDeliveries(simulation, job)
    .filter(({ status }) => statuses.includes(status))
    .filter(({ message_id }) => isWantedNow(simulation, job, message_id))
    .map(({ id }) => id)
}

function missingFor(simulation: Simulation, job: Job, { messages }: AllChanges, isTogether: boolean): string[] {
  if (job.only === 'failed') return []
  const have = new Set(ownDeliveries(simulation, job).map(({ message_id }) => message_id))
  const added = new Map(messages.added.map(({ row }) => [row.id, row.created_at]))
  return simulation.history.tables.messages
    .present()
    .filter(({ id }) => !have.has(id) && isWantedNow(simulation, job, id))
    .filter(({ id }) => !added.has(id) || (!isTogether && (added.get(id) ?? 0) < job.until))
    .map(({ id }) => `${job.endpoint_id} ${id}`)
}

/** Whether all settings that may be in effect ask for a message. */
function isWantedNow(simulation: Simulation, { endpoint_id }: Job, message_id: string): boolean {
  const endpoint = simulation.endpoints.find(({ id }) => id === endpoint_id)
  const message = simulation.history.tables.messages.seen.get(message_id)?.initial
  if (!endpoint || !message) return false
  const settings = settingsIn(endpoint, simulation.step)
  return settings.length > 0 && settings.every((one) => wants(endpoint, message, { ...one, isEnabled: true }))
}

/**
 * Whether a person has asked for this delivery in a step, or for a selection that may contain it since then. What is
 * asked for an endpoint that is disabled waits until it is enabled.
 */
export function mayBeAsked(simulation: Simulation, delivery: Rows['deliveries'], step: number): boolean {
  const { asked, jobs, selected, history, endpoints } = simulation
  if (asked.get(delivery.id)?.has(step)) return true
  const endpoint = endpoints.find(({ id }) => id === delivery.endpoint_id)
  const message = history.tables.messages.seen.get(delivery.message_id)?.initial
  if (!endpoint || !message) return false
  const started = [...jobs].flatMap(([id, since]) => {
    const job = history.tables.jobs.seen.get(id)?.row
    return job?.kind === 'replay' && job.endpoint_id === endpoint.id && since <= step ? [since] : []
  })
  const chosen = selected.filter((one) => one.endpoint_id === endpoint.id && one.act === 'resend' && one.step <= step)
  const since = [...started, ...chosen.map((one) => one.step)]
  const settings = since.flatMap((one) => settingsBetween(endpoint, one, step))
  return settings.some((one) => wants(endpoint, message, { ...one, isEnabled: true }))
}
