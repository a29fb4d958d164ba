import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { LAG_MS, STEP_MS } from '../../../src/owner/rules/stats/periods'
import { aComment, anEndpoint, later, mailbox } from '../../support/fixtures'
import { aSource, OVERDUE, post, theInbound } from '../../support/sources'
import { latestMessageId, theDelivery } from '../../support/views'
import { World } from '../../support/world'

const PARTS = [
  'deleted_endpoints',
  'deliveries',
  'ended_bans',
  'expired_books',
  'imports',
  'inbound_due',
  'inbound_left_over',
  'inbound_old',
  'mentions',
  'messages',
  'old_acts',
  'old_deliveries',
  'old_keys',
  'old_mentions',
  'old_records',
  'old_replays',
  'old_sessions',
  'old_spam',
  'old_visitor_keys',
  'registrations',
  'replays',
  'resuming',
  'stats',
  'storage',
  'wall',
]

describe('a sweep', () => {
  it('does its other work although any one of its calls fails, and does the rest a minute later', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    // Always the same minute, in which the statistics have their turn: every run makes the same calls.
    const minute = Math.ceil(later(2 * OVERDUE) / STEP_MS) * STEP_MS + LAG_MS
    for (let failing = 1, isReached = true; isReached; failing++) {
      // With the budget of the Paid plan, every part runs in every sweep.
      const world = new World({ FREE_PLAN: 'false' })
      const box = mailbox()
      const endpoint = await anEndpoint(world, box.url())
      const source = await aSource(world, 'unsigned')
      const { body } = await post(world, source.path, `{"n":${failing}}`)
      await aComment(world)
      world.loseQueue()
      const message = await latestMessageId(world)

      world.recorder.fault = { callsLeft: failing, isCommitted: false }
      await world.sweep(minute)
      isReached = world.recorder.fault === undefined
      world.recorder.fault = undefined
      await world.drain()
      const inbound = await theInbound(world, body.id)
      const { body: sent } = await world.api<{ deliveries: unknown[] }>('GET', `/api/messages/${message}`)
      expect([inbound.status === 'processed', sent.deliveries.length === 1].filter(Boolean).length).toBeGreaterThan(0)

      await world.sweep(minute + OVERDUE)
      await world.drain()
      expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
      expect(await theDelivery(world, endpoint.id, message)).toMatchObject({ status: 'delivered' })
      await env.DB.prepare('delete from endpoints').run()
    }
    const parts = logged.mock.calls.map(([line]) => JSON.parse(String(line)).part)
    expect([...new Set(parts.filter(Boolean))].toSorted()).toEqual(PARTS.toSorted())
    logged.mockRestore()
  })
})
