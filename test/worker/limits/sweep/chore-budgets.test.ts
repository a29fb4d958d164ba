import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { CHORES, type ChoreName } from '../../../../src/sweep'
import { aComment, anEndpoint, laterOffTurn, mailbox } from '../../../support/fixtures'
import type { World } from '../../../support/world'
import { furnish } from '../../owner/moving/backups'
import { aWorld, registered } from '../../webhooks/registration/integrator'

const DAY = 86_400_000
/** Long enough for everything to be old. */
const LATER = laterOffTurn(500 * DAY)

/** Something for each chore to remove. */
async function leftovers(): Promise<World> {
  const world = await aWorld('approve', { FREE_PLAN: 'false' })
  await furnish(world)
  await registered(world)
  const { id } = await anEndpoint(world, mailbox().url())
  const spam = await aComment(world)
  await world.drain()
  await world.api('PATCH', `/api/comments/${spam.id}`, { status: 'spam' })
  await world.api('DELETE', `/api/endpoints/${id}`)
  await world.api('DELETE', '/api/books/old?confirm=old')
  await env.DB.batch([
    env.DB.prepare("insert into imported_records (id, comment_id, imported_at) values ('r', 'cmt_gone', 0)"),
    env.DB.prepare(
      "insert into webmentions (source, target, book, comment_id, received_at, fetched_at) values ('s', 't', 'main', 'cmt_gone', 0, 0)"
    ),
    env.DB.prepare(
      "insert into webmentions (source, target, book, received_at, fetched_at) values ('s2', 't', 'main', 0, 0)"
    ),
  ])
  return world
}

it.each(Object.keys(CHORES) as ChoreName[])('%s makes no more queries than it takes from the budget', async (name) => {
  const world = await leftovers()
  let taken = 0
  const take = (calls: number) => {
    taken += calls
    return true
  }
  const before = world.recorder.counts.queries
  await CHORES[name](world.env, LATER, { take })
  expect(world.recorder.counts.queries - before).toBeLessThanOrEqual(taken)
})
