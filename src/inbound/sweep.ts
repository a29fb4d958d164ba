import { log, logFault } from '../log'
import { wakeInbound } from '../queue/send'
import type { Budget } from '../queue/subrequest-budget'
import { furtherReads } from './messages/body-chunks'
import { removeOld } from './messages/retention'
import { processInbound } from './process/process'

/*
 * Finds what lost its wake-up, what is due again, and what is old.
 */

const PAGE = 100
/** Long enough for the queue to bring it; longer for what has waited long: a message that ends its consumer each time must not do so every few minutes. */
const [LEASE_MS, MAX_LEASE_MS] = [5 * 60_000, 60 * 60_000]
/** Queries that processing one message takes at most, beside those for a long body: it is read, a book is, it is settled, an entry is written. */
const PROCESS_QUERIES = 10

const CLAIM = `update inbound_messages set next_attempt_at = ?1 + min(max(?1 - received_at, ${LEASE_MS}), ${MAX_LEASE_MS}) where id in (
    select id from inbound_messages indexed by inbound_due
    where next_attempt_at is not null and next_attempt_at <= ?1 order by next_attempt_at limit ${PAGE})
  returning id, size`

/** What a source that goes on has set aside: a release stops after some pages, and this goes on with it. */
const RELEASE = `update inbound_messages set next_attempt_at = ?1 where id in (
    select m.id from sources s cross join inbound_messages m indexed by inbound_parked
      on m.source_id = s.id and m.status = 'new' and m.next_attempt_at is null
    where s.status <> 'paused' limit ${PAGE})`

export async function sweepInbound(env: Env, now: number, budget: Budget): Promise<void> {
  const found = { woken: 0, removed: 0 }
  if (budget.take(1)) await env.DB.prepare(RELEASE).bind(now).run()
  while (budget.take(2)) {
    const due = await claimDue(env, now)
    const ids = due.map(({ id }) => id)
    found.woken += due.length
    if (due.length > 0 && !(await wakeInbound(env, ids))) await processHere(env, due, now, budget)
    if (due.length < PAGE) break
  }
  found.removed = await removeOld(env, now, budget)
  if (found.woken + found.removed > 0) log('inbound.swept', found)
}

interface Due {
  id: string
  size: number
}

/** In the order they came. */
async function claimDue(env: Env, now: number): Promise<Due[]> {
  const { results } = await env.DB.prepare(CLAIM).bind(now).all<Due>()
  return results.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** While the queue takes nothing (its day's operations are spent, say), the sweep does what it can itself. */
async function processHere(env: Env, due: Due[], now: number, budget: Budget): Promise<void> {
  for (const { id, size } of due) {
    if (!budget.take(PROCESS_QUERIES + furtherReads(size))) return
    try {
      await processInbound(env, id, now)
    } catch (cause) {
      logFault('inbound.fault', cause, { id })
    }
  }
}
