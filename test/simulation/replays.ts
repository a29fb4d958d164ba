import type { AllChanges, Rows } from './history'
import { wants } from './known'
import type { Simulation } from './simulation'

/** Notes what a new replay has to send: what had failed, was missing or was settled before this step. */
export function noteReplays(simulation: Simulation, changes: AllChanges): void {
  for (const { row } of changes.jobs.added) {
    simulation.replays.set(row.id, new Set([...settledFor(simulation, row), ...missingFor(simulation, row, changes)]))
  }
  const { added, changed, vanished } = changes.deliveries
  const touched = [...added.map(({ row }) => row), ...changed.map(({ after }) => after), ...vanished]
  for (const left of simulation.replays.values()) for (const { id } of touched) left.delete(id)
}

type Job = Rows['jobs']

function ownDeliveries({ history }: Simulation, { endpoint_id }: Job): Rows['deliveries'][] {
  return history.tables.deliveries.present().filter((one) => one.endpoint_id === endpoint_id)
}

/** A test is never replayed. */
function settledFor(simulation: Simulation, job: Job): string[] {
  if (job.only === 'missing') return []
  const { messages } = simulation.history.tables
  return ownDeliveries(simulation, job)
    .filter(({ status }) => (job.only === 'failed' ? status === 'failed' : status !== 'pending'))
    .filter(({ message_id }) => messages.seen.get(message_id)?.row.audience === null)
    .map(({ id }) => id)
}

function missingFor(simulation: Simulation, job: Job, { messages }: AllChanges): string[] {
  const endpoint = simulation.endpoints.find(({ id }) => id === job.endpoint_id)
  if (job.only === 'failed' || !endpoint) return []
  const have = new Set(ownDeliveries(simulation, job).map(({ message_id }) => message_id))
  const isNew = new Set(messages.added.map(({ row }) => row.id))
  return simulation.history.tables.messages
    .present()
    .filter((message) => !have.has(message.id) && !isNew.has(message.id) && wants(endpoint, message))
    .map(({ id }) => `${job.endpoint_id} ${id}`)
}
