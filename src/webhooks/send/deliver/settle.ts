import { insist } from '../../../kit/db/statements'
import type { Clock } from '../../../kit/lib/time'
import type { EndpointHealth } from '../../rules/delivering/endpoint-health'
import { type Attempted, writeChanges } from './attempt-changes'
import { HealthTracker } from './health-tracker'
import type { SendingEndpoint } from './sending'

/** How long the first result waits for others. A healthy order needs one write. The wait doubles for each new group. */
const LINGER_MS = 1_000

/** Step 4, settle: group commit. Results wait a moment for others. What could not be written joins the next batch. */
export class Settler {
  readonly #env: Env
  readonly clock: Clock
  readonly #tracker = new HealthTracker()
  #waiting: Attempted[] = []
  #writing: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | null = null
  #linger = LINGER_MS

  constructor(env: Env, clock: Clock) {
    this.#env = env
    this.clock = clock
  }

  /** @returns the endpoint's health as this order knows it, or null if this order has disabled the endpoint */
  health(endpoint: SendingEndpoint): EndpointHealth | null {
    return this.#tracker.current(endpoint)
  }

  add(one: Attempted): void {
    this.#tracker.note(one.sending, one.attempt, this.clock())
    this.#waiting.push(one)
    if (this.#timer !== null) return
    this.#timer = setTimeout(() => this.#flush(), this.#linger)
    this.#linger *= 2
  }

  /** Writes the remaining results, with everything that earlier writes failed to store. @throws the last error */
  close(): Promise<void> {
    return insist(() => this.#flush())
  }

  #flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const write = this.#writing.catch(() => undefined).then(() => this.#write())
    // Only the last write is awaited; each write includes what an earlier one could not write.
    write.catch(() => undefined)
    this.#writing = write
    return write
  }

  async #write(): Promise<void> {
    const group = this.#waiting
    this.#waiting = []
    try {
      if (group.length > 0) await writeChanges(this.#env, group, this.#tracker, this.clock())
    } catch (cause) {
      this.#waiting = [...group, ...this.#waiting]
      throw cause
    }
  }
}
