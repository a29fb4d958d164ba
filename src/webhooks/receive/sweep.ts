import { all, run } from '../../kit/db/statements'
import { whatIsUsedUp } from '../../kit/db/unavailable'
import type { Budget, Chore } from '../../kit/sweep/subrequest-budget'
import { logFault } from '../../log'
import { wakeInbound } from '../work/send-orders'
import { furtherReads } from './messages/bodies'
import { CLAIM_DUE, RELEASE_LEFT_OVER } from './messages/due'
import type { InboundRow } from './messages/store'
import { processInbound } from './process/process'

/* The sweep finds messages whose wake-up was lost or that are due again. */

const PAGE = 100
/** The maximum number of queries needed to process one message, not counting further reads of a large body. */
const PROCESS_QUERIES = 10

type Due = Pick<InboundRow, 'id' | 'size'>

/** Releases parked messages of sources that are not paused. */
export const releaseLeftOver: Chore = async (env, now, budget) =>
  budget.take(1) ? run(RELEASE_LEFT_OVER(env, { now, limit: PAGE })) : 0

/** @returns how many messages were woken */
export const wakeDueInbound: Chore = async (env, now, budget) => {
  let woken = 0
  while (budget.take(2)) {
    const due = await claimDue(env, now)
    const ids = due.map(({ id }) => id)
    woken += due.length
    if (due.length > 0 && !(await wakeInbound(env, ids))) await processHere(env, due, now, budget)
    if (due.length < PAGE) break
  }
  return woken
}

/** @returns the due messages, in order of arrival */
async function claimDue(env: Env, now: number): Promise<Due[]> {
  const due = await all(CLAIM_DUE(env, { now, limit: PAGE }))
  return due.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Processes as many messages as the budget allows if the queue accepts none, for example after its daily limit. */
async function processHere(env: Env, due: Due[], now: number, budget: Budget): Promise<void> {
  for (const { id, size } of due) {
    if (!budget.take(PROCESS_QUERIES + furtherReads(size))) return
    try {
      await processInbound(env, id, now)
    } catch (cause) {
      if (whatIsUsedUp(cause)) throw cause
      logFault('inbound.fault', cause, { id })
    }
  }
}
