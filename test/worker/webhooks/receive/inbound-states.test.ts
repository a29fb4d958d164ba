import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { all, run } from '../../../../src/kit/db/statements'
import { statesAfter } from '../../../../src/kit/lib/states'
import { openBudget } from '../../../../src/kit/sweep/subrequest-budget'
import {
  CLAIM_DUE,
  RELEASE_LEFT_OVER,
  REOPEN_FAILED,
  releaseParkedRequests,
} from '../../../../src/webhooks/receive/messages/due'
import { removeInbound } from '../../../../src/webhooks/receive/messages/erase'
import { findRevision, type Revision } from '../../../../src/webhooks/receive/messages/load'
import { logEntry } from '../../../../src/webhooks/receive/messages/log'
import { removeOldInbound } from '../../../../src/webhooks/receive/messages/retention'
import { PARK, POSTPONE, REOPEN, SETTLE_MESSAGE } from '../../../../src/webhooks/receive/messages/store'
import {
  INBOUND_ACTS,
  INBOUND_STATES,
  type InboundAct,
  type InboundState,
} from '../../../../src/webhooks/rules/receiving/inbound-state'
import { later } from '../../../support/fixtures'
import { aSource, DAY, githubPost, type SourceView, STAR } from '../../../support/sources'
import { World } from '../../../support/world'

/* Tries each statement on an inbound message in each state: the table says what becomes of it. */

const NOW = Date.now()
const LATER = NOW + DAY
const LOG = { log_entry: logEntry(NOW, 'replayed', 'Again.') }

const COLUMNS: Record<InboundState, { status: string; reason: string | null; next_attempt_at: number | null }> = {
  due: { status: 'new', reason: null, next_attempt_at: NOW - 1 },
  parked: { status: 'new', reason: null, next_attempt_at: null },
  processed: { status: 'processed', reason: null, next_attempt_at: null },
  failed: { status: 'failed', reason: 'bad_signature', next_attempt_at: null },
}

interface Given {
  world: World
  source: SourceView & { path: string }
  id: string
}

async function prepare(state: InboundState): Promise<Given> {
  const world = new World()
  const source = await aSource(world, 'github', { secret: 'hush' })
  const { body } = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
  const { status, reason, next_attempt_at } = COLUMNS[state]
  await env.DB.prepare('update inbound_messages set status = ?, reason = ?, next_attempt_at = ? where id = ?')
    .bind(status, reason, next_attempt_at, body.id)
    .run()
  return { world, source, id: body.id }
}

type Found = { status: InboundState | 'new'; next_attempt_at: number | null }

async function stateOf(id: string): Promise<InboundState | 'none'> {
  const row = await env.DB.prepare('select status, next_attempt_at from inbound_messages where id = ?')
    .bind(id)
    .first<Found>()
  if (!row) return 'none'
  if (row.status !== 'new') return row.status
  return row.next_attempt_at === null ? 'parked' : 'due'
}

const pause = (id: string) => env.DB.prepare(`update sources set status = 'paused' where id = ?`).bind(id).run()

const SETTLED = {
  reason: null,
  verified: null,
  event_type: null,
  external_id: null,
  processed_at: NOW,
  message_id: null,
  comment_id: null,
  copy_of: null,
  fields: null,
  acts: 0,
  ...LOG,
}

async function revision(id: string): Promise<Revision> {
  const found = await findRevision(env, id)
  if (!found) throw new Error('The message is gone.')
  return found
}

interface Change {
  name: string
  act: InboundAct
  change: (given: Given) => Promise<unknown>
  /** What the act leads to, where the table leaves it open. */
  leadsTo?: InboundState
}

const CHANGES: Change[] = [
  {
    name: 'a repeat',
    act: 'repeated',
    change: ({ world, source }) => githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' }),
  },
  { name: 'a claim of the sweep', act: 'claimed', change: () => all(CLAIM_DUE(env, { now: NOW, limit: 10 })) },
  {
    name: 'the consumer, while the source is paused,',
    act: 'parked',
    change: async ({ id, source }) => {
      await pause(source.id)
      await run(PARK(env, { id, source_id: source.id }))
    },
  },
  {
    name: 'a source that is resumed',
    act: 'resumed',
    change: ({ source }) => releaseParkedRequests(env, source.id, NOW),
  },
  {
    name: 'the sweep, after that,',
    act: 'resumed',
    change: () => run(RELEASE_LEFT_OVER(env, { now: NOW, limit: 10 })),
  },
  {
    name: 'processing',
    act: 'processed',
    change: async ({ id }) => run(SETTLE_MESSAGE(env, { ...SETTLED, ...(await revision(id)), status: 'processed' })),
  },
  {
    name: 'processing in vain',
    act: 'failed',
    change: async ({ id }) => run(SETTLE_MESSAGE(env, { ...SETTLED, ...(await revision(id)), status: 'failed' })),
  },
  {
    name: 'an error of ours',
    act: 'postponed',
    leadsTo: 'due',
    change: async ({ id }) =>
      run(
        POSTPONE(env, { ...(await revision(id)), step: 1, status: 'new', reason: null, next_attempt_at: LATER, ...LOG })
      ),
  },
  {
    name: 'the last error of ours',
    act: 'postponed',
    leadsTo: 'failed',
    change: async ({ id }) =>
      run(
        POSTPONE(env, {
          ...(await revision(id)),
          step: 10,
          status: 'failed',
          reason: null,
          next_attempt_at: null,
          ...LOG,
        })
      ),
  },
  {
    name: 'reprocessing',
    act: 'reprocessed',
    change: ({ id }) => run(REOPEN(env, { id, next_attempt_at: LATER, ...LOG })),
  },
  {
    name: 'reprocessing all that failed',
    act: 'all_reprocessed',
    change: ({ id, source }) =>
      run(REOPEN_FAILED(env, { source_id: source.id, last_id: id, next_attempt_at: LATER, limit: 10, ...LOG })),
  },
  {
    name: 'the end of the retention period',
    act: 'removed',
    change: () => removeOldInbound(env, later(400 * DAY), openBudget(env)),
  },
  { name: 'deleting', act: 'erased', change: ({ id }) => removeInbound(env, id, NOW) },
]

/** They have no message before. test/worker/webhooks/receive/receive.test.ts and handshakes.test.ts try them. */
const CREATING: InboundAct[] = ['accepted', 'answered', 'refused']

it('has a statement for each act', () => {
  const tried = [...CHANGES.map(({ act }) => act), ...CREATING]
  expect([...new Set(tried)].toSorted()).toEqual(Object.keys(INBOUND_ACTS).toSorted())
})

const CASES = CHANGES.flatMap((change) => INBOUND_STATES.map((state) => ({ ...change, state })))

describe('according to the table,', () => {
  it.each(CASES)(
    '$name makes of a message that is $state what the table says',
    async ({ state, act, change, leadsTo }) => {
      const given = await prepare(state)
      const isApplicable = state in INBOUND_ACTS[act].to
      const next = statesAfter<InboundState>(INBOUND_ACTS[act], state)
      await change(given)
      if (leadsTo && isApplicable) expect(next).toContain(leadsTo)
      expect(await stateOf(given.id)).toBe(leadsTo && isApplicable ? leadsTo : next[0])
    }
  )
})
