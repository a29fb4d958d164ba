import { setTimeout as sleep } from 'node:timers/promises'
import { isConnectionFailure, postUntilAnswered } from './requests.mjs'

/* What the owner does while the program is killed: sends deliveries again, discards them, and changes a pace. */

const HOUR_MS = 60 * 60_000

/** @returns the response to a planned selection, which may arrive in a later life */
export function select(program, receivers, { number, atMs, act, to, states }, signal) {
  const body = { endpoints: [named(receivers, to).endpoint], states }
  return postUntilAnswered(program, { atMs, path: `/api/deliveries/${act}`, key: `owner-${number}`, body }, signal)
}

/** At a planned time, moves the digest to the next hour, and then the clock. Ends early if the program is killed. */
export async function makeCallsDue(program, receivers, atMs) {
  await sleep(atMs)
  try {
    await moveDigest(program, receivers)
    await program.jump(HOUR_MS)
  } catch (cause) {
    if (!isConnectionFailure(cause)) throw cause
  }
}

async function moveDigest(program, receivers) {
  const digest_hour = new Date(Date.now() + program.aheadMs + HOUR_MS).getUTCHours()
  await program.api('PATCH', `/api/endpoints/${named(receivers, 'digest').endpoint}`, { digest: 'daily', digest_hour })
}

/** Waits until no selection is running, and sends again what was discarded. */
export async function sendDiscarded(program, receivers, signal) {
  while (!signal.aborted && (await isAnyRunning(program))) await sleep(1_000)
  const discarded = { act: 'resend', to: 'dead', states: ['discarded'], number: 'last', atMs: 0 }
  await select(program, receivers, discarded, signal)
}

async function isAnyRunning(program) {
  const { data } = await program.api('GET', '/api/jobs?limit=100')
  return data.some(({ state }) => state === 'running')
}

const named = (receivers, name) => receivers.find((receiver) => receiver.name === name)
