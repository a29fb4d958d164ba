import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { removeExpiredBooks, removeOldSpam } from '../../../../src/guestbook/moderation/retention'
import {
  ENTRY_ACTS,
  ENTRY_STATUSES,
  type EntryStatus,
  effectOf,
} from '../../../../src/guestbook/rules/entries/statuses'
import { statesAfter } from '../../../../src/kit/lib/states'
import { openBudget } from '../../../../src/kit/sweep/subrequest-budget'
import { later } from '../../../support/fixtures'
import { withoutModeration } from '../../../support/session'
import { DAY } from '../../../support/sources'
import { World } from '../../../support/world'

/* Tries each act on an entry in each state: the tables say what becomes of it, what is reported, and what is counted. */

type EntryAct = keyof typeof ENTRY_ACTS

interface Given {
  world: World
  id: string
  edit_token: string
}

async function prepare(status: EntryStatus, is_private: boolean): Promise<Given> {
  const world = await withoutModeration(new World())
  const guest = { 'CF-Connecting-IP': `2001:db8:${(networks++).toString(16)}::1` }
  const { body } = await world.api<Omit<Given, 'world'>>('POST', '/api/comments', { ...TEXT, is_private }, guest)
  const counted = status === 'published' ? 1 : 0
  await env.DB.batch([
    env.DB.prepare('update comments set status = ?, approved_at = ?').bind(status, counted ? Date.now() : null),
    env.DB.prepare(`update books set published_count = ? where slug = 'main'`).bind(counted),
    env.DB.prepare('delete from messages'),
  ])
  return { world, id: body.id, edit_token: body.edit_token }
}

const TEXT = { name: 'Ada', body: 'Hello' }
let networks = 1

async function stateOf(id: string): Promise<EntryStatus | 'none'> {
  const row = await env.DB.prepare('select status from comments where id = ?').bind(id).first<{ status: EntryStatus }>()
  return row?.status ?? 'none'
}

const give =
  (status: EntryStatus) =>
  ({ world, id }: Given) =>
    world.api('PATCH', `/api/comments/${id}`, { status })

const edit = ({ world, id, edit_token }: Given) =>
  world.api('PATCH', `/api/comments/${id}`, { body: 'Hello again' }, { Authorization: `Bearer ${edit_token}` })

interface Change {
  name: string
  act: EntryAct
  change: (given: Given) => Promise<unknown>
  /** Whether what the entry says changes. */
  says?: true
  /** What the act leads to, where the table leaves it open. */
  leadsTo?: Partial<Record<EntryStatus, EntryStatus>>
}

const CHANGES: Change[] = [
  { name: 'publishing', act: 'approved', change: give('published') },
  { name: 'holding', act: 'held', change: give('held') },
  { name: 'hiding', act: 'hidden', change: give('hidden') },
  { name: 'marking as spam', act: 'marked', change: give('spam') },
  { name: 'an edit by the guest', act: 'edited', change: edit, says: true },
  {
    name: 'an edit by the guest in a book whose entries wait',
    act: 'edited',
    says: true,
    leadsTo: { published: 'held' },
    change: async (given) => {
      await given.world.api('PATCH', '/api/books/main', { moderation: 'all' })
      await edit(given)
    },
  },
  {
    name: 'an edit by the guest with a blocked word',
    act: 'edited',
    says: true,
    leadsTo: { published: 'spam', held: 'spam' },
    change: async (given) => {
      await given.world.api('PATCH', '/api/books/main', { blocked_words: ['again'] })
      await edit(given)
    },
  },
  {
    name: 'an edit by the owner',
    act: 'corrected',
    says: true,
    change: ({ world, id }) => world.api('PATCH', `/api/comments/${id}`, { body: 'Hello again' }),
  },
  {
    name: 'deleting by the guest',
    act: 'deleted',
    change: ({ world, id, edit_token }) =>
      world.api('DELETE', `/api/comments/${id}`, undefined, { Authorization: `Bearer ${edit_token}` }),
  },
  {
    name: 'deleting by the owner',
    act: 'deleted',
    change: ({ world, id }) => world.api('DELETE', `/api/comments/${id}`),
  },
  {
    name: 'the end of the retention period of spam',
    act: 'expired',
    change: () => removeOldSpam(env, later(40 * DAY), openBudget(env)),
  },
  {
    name: 'the removal of a book that was deleted',
    act: 'removed',
    change: async ({ id }) => {
      await env.DB.batch([
        env.DB.prepare(
          `insert into books (slug, title, settings, version, created_at, deleted_at)
          select 'gone', title, settings, 'v', created_at, 1 from books where slug = 'main'`
        ),
        env.DB.prepare(`update comments set book = 'gone' where id = ?`).bind(id),
      ])
      await removeExpiredBooks(env, later(400 * DAY), openBudget(env))
    },
  },
]

/** They have no entry before. doors.test.ts, test/worker/owner/moving and undo.test.ts try them. */
const ELSEWHERE: EntryAct[] = ['signed', 'imported', 'undone']

it('has a change for each act', () => {
  const tried = [...CHANGES.map(({ act }) => act), ...ELSEWHERE]
  expect([...new Set(tried)].toSorted()).toEqual(Object.keys(ENTRY_ACTS).toSorted())
})

const CASES = CHANGES.flatMap((change) => ENTRY_STATUSES.map((state) => ({ ...change, state })))

describe('according to the tables,', () => {
  it.each(CASES)(
    '$name makes of an entry that is $state what they say',
    async ({ state, act, leadsTo, says, change }) => {
      const given = await prepare(state, false)
      const next = statesAfter<EntryStatus>(ENTRY_ACTS[act], state)
      const expected = leadsTo?.[state] ?? next[0] ?? state
      expect(next).toContain(expected)
      await change(given)
      expect(await stateOf(given.id)).toBe(expected)
      const { event, count } = effectOf(state, expected)
      const isSame = event === 'comment.updated' && !says
      const isHeldAgain = act === 'edited' && expected === 'held'
      const events = [...(event === null || isSame ? [] : [event]), ...(isHeldAgain ? ['comment.held'] : [])]
      const { results } = await env.DB.prepare('select type from messages').all<{ type: string }>()
      expect(results.map(({ type }) => type).toSorted()).toEqual(events.toSorted())
      if (act === 'removed') return
      const counted = await env.DB.prepare(`select published_count from books where slug = 'main'`).first(
        'published_count'
      )
      expect(counted).toBe((state === 'published' ? 1 : 0) + count)
    }
  )
})

describe('a private entry', () => {
  it.each(CASES.filter(({ state }) => state === 'hidden' || state === 'spam'))(
    'is never published, and never waits: $name, $state',
    async ({ state, change }) => {
      const given = await prepare(state, true)
      await change(given)
      expect(['hidden', 'spam', 'none']).toContain(await stateOf(given.id))
      expect(await env.DB.prepare('select count(*) as n from messages').first('n')).toBe(0)
    }
  )
})
