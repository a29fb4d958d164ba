import * as z from 'zod'
import { byPlan } from '../../../env'
import { all, batch, statement } from '../../../kit/db/statements'
import { readSweepState, saveSweepState } from '../../../kit/db/sweep-state'
import { firstIdAt } from '../../../kit/lib/ids'
import { DAY_MS } from '../../../kit/lib/time'
import type { Budget, Chore } from '../../../kit/sweep/subrequest-budget'
import { inboundCanBe } from '../../rules/receiving/inbound-state'
import { LIST_RETENTION, MARK_BODIES_REMOVED, REMOVE_DELETED, type RetentionRow } from '../../sources/store'
import { type InboundRow, REMOVE_BODY_CHUNKS } from './store'

/* Each source sets how long messages and bodies are kept. Unprocessed ones stay. A statement handles all sources. */

/** What one sweep removes. Each is two rows written, of 100,000 a day on the Free plan: a backlog takes long there. */
const PACE = { free: { page: 10, pages: 1, bodies: 5 }, paid: { page: 200, pages: 5, bodies: 200 } }

/** `bounds` is a list of `{id, before}`: the id of a source, and the lowest message id that it keeps. */
const OLD_MESSAGES = `
    select m.id
    from json_each(:bounds) j
    cross join inbound_messages m indexed by inbound_of_source
      on m.source_id = j.value ->> 'id'
      and m.id < j.value ->> 'before'
    where ${inboundCanBe('removed', 'm.')}
    limit :page`

type Page = { bounds: string; page: number }

const REMOVE_CHUNKS_OF_OLD = statement<Page>(`
  delete from inbound_chunks
  where message_id in (${OLD_MESSAGES})`)

const REMOVE_OLD = statement<Page>(`
  delete from inbound_messages
  where id in (${OLD_MESSAGES})`)

/** `bounds` is a list of `{id, after, before}`: the id of a source, and the range of message ids with old bodies. */
const FIND_OLD_BODIES = statement<Page, Pick<InboundRow, 'source_id' | 'id'>>(`
  select m.source_id, m.id
  from json_each(:bounds) j
  cross join inbound_messages m indexed by inbound_of_source
    on m.source_id = j.value ->> 'id'
    and m.id > j.value ->> 'after'
    and m.id < j.value ->> 'before'
  where ${inboundCanBe('removed', 'm.')}
  limit :page`)

/** The beginning of a body is searchable, so it is removed with the body. */
const CLEAR_PREFIX_OF = statement<{ ids: string }>(`
  update inbound_messages set body_prefix = null
  where id in (select value from json_each(:ids))`)

const STATE = 'inbound_old'
const state = z.object({ after: z.string().default('') })
/** How many sources one sweep looks at. There can be 1,000, too many to read every minute. */
const SOURCES = 50

const isDeleted = ({ status }: RetentionRow): boolean => status === 'deleted'

/** @returns how many messages were removed or had their bodies removed */
export const removeOldInbound: Chore = async (env, now, budget) => {
  if (!budget.take(2)) return 0
  const { after } = await readSweepState(env, STATE, state)
  const sources = await all(LIST_RETENTION(env, { after, limit: SOURCES }))
  if (sources.length === 0 && after === '') return 0
  const { removed, isDone } = await removeOf(env, sources, now, budget)
  const next = sources[SOURCES - 1]?.id ?? ''
  const statements = next === after ? [] : [saveSweepState(env, STATE, { after: next })]
  // Isolates may have a deleted source cached for a while.
  if (sources.some(isDeleted)) statements.push(REMOVE_DELETED(env, { updated_before: now - DAY_MS }))
  if (isDone && statements.length > 0 && budget.take(statements.length)) await batch(env, statements)
  return removed
}

/** Omits paused sources, whose messages are kept. `isDone`: none of the sources has more to remove now. */
async function removeOf(env: Env, listed: RetentionRow[], now: number, budget: Budget) {
  const sources = listed.filter(({ status }) => status !== 'paused')
  const pace = byPlan(env, PACE)
  let removed = 0
  let last = pace.page
  for (let page = 0; page < pace.pages && budget.take(2); page++) {
    last = await removePage(env, sources, pace.page, now)
    removed += last
    if (last < pace.page) break
  }
  const bodies = budget.take(4) ? await removeBodies(env, sources, pace.bodies, now) : 0
  return { removed: removed + bodies, isDone: last < pace.page && bodies < pace.bodies }
}

/** Removes bodies before their messages, so that no body is left without its message. */
async function removePage(env: Env, sources: RetentionRow[], page: number, now: number): Promise<number> {
  const kept = sources.map(({ id, retention_days }) => ({ id, before: firstKept(now, retention_days) }))
  const range = { bounds: JSON.stringify(kept), page }
  const [, messages] = await batch(env, [REMOVE_CHUNKS_OF_OLD(env, range), REMOVE_OLD(env, range)])
  return messages.meta.changes
}

/** @returns the lowest id that a message from the last `days` days can have */
const firstKept = (now: number, days: number): string => firstIdAt('in', Math.max(now - days * DAY_MS, 0))

/** Removes one page of bodies. `bodies_removed_to` marks where the next page starts, so no message is read twice. */
async function removeBodies(env: Env, sources: RetentionRow[], page: number, now: number): Promise<number> {
  const bounds = sources.flatMap(({ id, body_retention_days: days, bodies_removed_to }) =>
    days === null ? [] : [{ id, after: bodies_removed_to, before: firstKept(now, days) }]
  )
  if (bounds.length === 0) return 0
  const old = await all(FIND_OLD_BODIES(env, { bounds: JSON.stringify(bounds), page }))
  if (old.length === 0) return 0
  const ids = JSON.stringify(old.map(({ id }) => id))
  // The rows of each source are in id order, so `fromEntries` keeps the last id of each source.
  const last_ids = Object.fromEntries(old.map(({ source_id, id }) => [source_id, id]))
  await batch(env, [
    REMOVE_BODY_CHUNKS(env, { ids }),
    CLEAR_PREFIX_OF(env, { ids }),
    MARK_BODIES_REMOVED(env, { last_ids: JSON.stringify(last_ids) }),
  ])
  return old.length
}
