import { all, run } from '../db/statements'
import { whatIsUsedUp } from '../db/unavailable'
import { log, logFault } from '../log'
import { wakeInbound } from '../queue/send'
import type { Budget } from '../queue/subrequest-budget'
import { sweepPart } from '../queue/sweep-part'
import { furtherReads } from './messages/body-chunks'
import { CLAIM_DUE, RELEASE_LEFT_OVER } from './messages/due'
import { removeOld } from './messages/retention'
import type { InboundRow } from './messages/store'
import { processInbound } from './process/process'

/* The sweep finds messages whose wake-up was lost or that are due again, and removes old messages. */

const PAGE = 100
/** The maximum number of queries needed to process one message, not counting further reads of a large body. */
const PROCESS_QUERIES = 10

type Due = Pick<InboundRow, 'id' | 'size'>

export async function sweepInbound(env: Env, now: number, budget: Budget): Promise<void> {
  await sweepPart('inbound_left_over', () => releaseLeftOver(env, now, budget), undefined)
  const found = {
    woken: await sweepPart('inbound_due', () => wakeDue(env, now, budget), 0),
    removed: await sweepPart('inbound_old', () => removeOld(env, now, budget), 0),
  }
  if (found.woken + found.removed > 0) log('inbound.swept', found)
}

async function releaseLeftOver(env: Env, now: number, budget: Budget): Promise<void> {
  if (budget.take(1)) await run(RELEASE_LEFT_OVER(env, { now, limit: PAGE }))
}

async function wakeDue(env: Env, now: number, budget: Budget): Promise<number> {
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
