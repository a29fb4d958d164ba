import { setTimeout as sleep } from 'node:timers/promises'
import { countPending } from './verdict.mjs'

const HOUR = 60 * 60_000
/** Longer than a receiver takes to answer: then the program waits for nothing but its clock. */
const IDLE_MS = 3_500
/** The longest wait of a probe, and of the wake-up of a message; longer than a lease. */
const FIRST_JUMP_MS = HOUR
/** Longer than any wait between retries. */
const LONGEST_JUMP_MS = 30 * HOUR

/**
 * Lets the program bring its work to an end by its own schedule. Whenever nothing moves any more, its clock is put forward, further each time in vain: so
 * hours between retries take seconds, and nothing that is under way is overtaken.
 * @returns {Promise<boolean>} false when the signal came first
 */
export async function settle(program, receivers, comments, signal) {
  let before = -1
  let jumpMs = FIRST_JUMP_MS
  while (!signal.aborted) {
    const requests = await untilIdle(receivers, signal)
    if (await isSettled(program, receivers, comments)) return true
    jumpMs = requests === before ? Math.min(jumpMs * 2, LONGEST_JUMP_MS) : FIRST_JUMP_MS
    before = requests
    await program.jump(jumpMs)
  }
  return false
}

/** @returns how many requests have come until now, and none for a while */
async function untilIdle(receivers, signal) {
  for (let before = -1; ; ) {
    const requests = countRequests(receivers)
    if (requests === before || signal.aborted) return requests
    before = requests
    await sleep(IDLE_MS)
  }
}

/** What is not dispatched yet has no delivery that could be pending: so what arrived is counted too. */
async function isSettled(program, receivers, comments) {
  const hasAll = ({ requests }) => acceptedIds(requests).size >= comments
  return receivers.every(hasAll) && (await countPending(program, receivers)) === 0
}

function acceptedIds(requests) {
  return new Set(requests.filter(({ isAccepted }) => isAccepted).map(({ id }) => id))
}

export function countRequests(receivers) {
  return receivers.reduce((sum, { requests }) => sum + requests.length, 0)
}
