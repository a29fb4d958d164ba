import { newEntry, postEntry } from '../actions/entries'
import { finishRotation } from '../actions/keys'
import { newWebhook, postGenuine } from '../actions/webhooks'
import { HOUR, MINUTE } from '../clock'
import { observe } from '../observe'
import { avoidCounting, pass, settle } from '../settle'
import type { Simulation } from '../simulation'

/** More than there are chores, so that each has been the first one: see CHORES in src/sweep.ts. */
const SWEEPS = 9
/** Not a multiple of the number of chores, because they take turns by the minute. In sum, it is more than a day. */
const BETWEEN_SWEEPS = 3 * HOUR + 5 * MINUTE

/**
 * The rotation of SECRETS_KEY ends, the old key is deleted, and everything still works: the judges that follow find out
 * what has become of one more entry, and of one more webhook for each source.
 */
export async function endRotation(simulation: Simulation): Promise<string[]> {
  const isRotating = simulation.keys.SECRETS_KEY_PREVIOUS !== undefined
  if (isRotating) avoidCounting(simulation)
  for (let i = 0; isRotating && i < SWEEPS; i++) await pass(simulation, BETWEEN_SWEEPS)
  await finishRotation(simulation)
  if (simulation.keys.SECRETS_KEY_PREVIOUS !== undefined) return ['Some secrets are still under the old SECRETS_KEY']
  simulation.step += 1
  const [isolate] = simulation.isolates
  if (!isolate) return []
  await postEntry(simulation, isolate, newEntry(simulation, 'guest'))
  for (const source of simulation.sources.filter(({ isDeleted }) => !isDeleted)) {
    await postGenuine(simulation, isolate, newWebhook(simulation, source), 0)
  }
  await observe(simulation, { isTogether: true })
  await settle(simulation)
  return []
}
