import { setTimeout as sleep } from 'node:timers/promises'
import { countPending } from './verdict.mjs'

const HOUR = 60 * 60_000
/**
 * Longer than any receiver takes to respond. After this time without requests, the program is only waiting for its
 * schedule.
 */
const IDLE_MS = 3_500
/** The longest wait for a probe or for a message's next wake-up. It is longer than a lease. */
const FIRST_JUMP_MS = HOUR
/** Longer than any delay between retries. */
const LONGEST_JUMP_MS = 30 * HOUR

/**
 * Waits until the program has finished its work on its own schedule. Whenever the program is idle, advances its clock,
 * so that hours between retries take seconds. The jumps grow as long as they cause no requests.
 * @returns {Promise<boolean>} false if the signal was aborted first
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

/** Waits until requests stop arriving. @returns the number of requests so far */
async function untilIdle(receivers, signal) {
  for (let before = -1; ; ) {
    const requests = countRequests(receivers)
    if (requests === before || signal.aborted) return requests
    before = requests
    await sleep(IDLE_MS)
  }
}

/** Also counts the accepted messages, because a message that has not been dispatched has no pending delivery. */
async function isSettled(program, receivers, comments) {
  const hasAll = ({ isCalled, requests }) => isCalled || acceptedIds(requests).size >= comments
  return receivers.every(hasAll) && (await countPending(program, receivers)) === 0
}

function acceptedIds(requests) {
  return new Set(requests.filter(({ isAccepted }) => isAccepted).map(({ id }) => id))
}

export function countRequests(receivers) {
  return receivers.reduce((sum, { requests }) => sum + requests.length, 0)
}
