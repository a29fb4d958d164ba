import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { openBudget } from '../../../../src/kit/sweep/subrequest-budget'
import { MAX_ENDPOINTS_CHARTED, noAttempts, noFigures, OTHERS } from '../../../../src/owner/rules/stats/figures'
import { LAG_MS, STEP_MS } from '../../../../src/owner/rules/stats/periods'
import { findTotal } from '../../../../src/owner/stats/store'
import { STEP_CALLS, sweepStats } from '../../../../src/owner/stats/sweep'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { World } from '../../../support/world'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A time at which the sweep counts everything until now. */
function whenCounted(): number {
  return Math.ceil((Date.now() + 1) / STEP_MS) * STEP_MS + LAG_MS
}

const count = (world: World, now: number) => sweepStats(world.env, now, openBudget(world.env))

/** The total has a place for each of these endpoints, with one delivered attempt each. */
async function fillTotal(ids: string[], counted_to: number): Promise<void> {
  const one = { ...noAttempts(), outcomes: { ...noAttempts().outcomes, delivered: 1 } }
  const endpoints = Object.fromEntries([...ids, OTHERS].map((id) => [id, one]))
  await env.DB.prepare(`insert into rollups (span, start, counted_to, figures) values ('total', 0, ?, ?)`)
    .bind(counted_to, JSON.stringify({ ...noFigures(), endpoints }))
    .run()
}

it('a new endpoint gets the place of one that was deleted in the total, at no further calls', async () => {
  const world = new World()
  const kept = await anEndpoint(world, mailbox().url())
  const deleted = await anEndpoint(world, mailbox().url())
  await world.api('DELETE', `/api/endpoints/${deleted.id}`)
  const removed = Array.from({ length: MAX_ENDPOINTS_CHARTED - 2 }, (_, i) => `ep_removed_${i}`)
  const lastHour = Math.floor(Date.now() / HOUR_MS - 1) * HOUR_MS
  await fillTotal([kept.id, deleted.id, ...removed], lastHour)
  const calls = world.recorder.counts.queries
  await count(world, lastHour + STEP_MS + LAG_MS)
  // The second step finds nothing to count, and only reads the total.
  expect(world.recorder.counts.queries - calls).toBeLessThanOrEqual(STEP_CALLS + 1)
  const added = await anEndpoint(world, mailbox().url())
  await aComment(world)
  await world.drain()
  await count(world, whenCounted())
  const { endpoints } = (await findTotal(env))?.figures ?? noFigures()
  expect(Object.keys(endpoints).sort()).toEqual([kept.id, added.id, OTHERS].sort())
  expect(endpoints[kept.id]?.outcomes.delivered).toBe(2)
  expect(endpoints[added.id]?.outcomes.delivered).toBe(1)
  expect(endpoints[OTHERS]?.outcomes.delivered).toBe(MAX_ENDPOINTS_CHARTED)
})

it('attempts count even if their endpoint was deleted before, and stays until they have been removed', async () => {
  const world = new World()
  const { id } = await anEndpoint(world, mailbox().url())
  await aComment(world)
  await world.drain()
  expect((await world.api('DELETE', `/api/endpoints/${id}`)).status).toBe(204)
  // Two days later, the responses have been removed. The row stays, because it has a delivery.
  for (let turn = 0; turn < 3; turn++) {
    await world.sweep(Date.now() + 2 * DAY_MS + turn * 60_000, 'deleted_endpoints')
  }
  expect(await env.DB.prepare('select excerpts_removed_to as at from endpoints').first('at')).toBe('~')
  await env.DB.prepare('delete from rollups').run()
  await count(world, whenCounted())
  const { endpoints } = (await findTotal(env))?.figures ?? noFigures()
  expect(endpoints[id]?.outcomes.delivered).toBe(1)
})
