import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { applies, DOORS, type Door, RULES, type Rule } from '../../../../src/guestbook/signing/doors'
import { dayOf } from '../../../../src/kit/lib/time'
import { withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'
import { ADDRESS, entriesSaying, type Options, type Row, SENDERS } from './doors'

/*
 * Every rule at every door of src/guestbook/signing/doors.ts: a rule applies, or the table has a reason why it does
 * not.
 */

const TURNSTILE = { TURNSTILE_SITE_KEY: '1x00000000000000000000AA', TURNSTILE_SECRET_KEY: 'secret' }

interface Visit {
  world: World
  /** Sends an entry. @returns it, or undefined if there is none */
  send: (body: string, options?: Options) => Promise<Row | undefined>
  set: (settings: Record<string, unknown>) => Promise<void>
}

/** @returns whether the rule applied */
type Try = (visit: Visit) => Promise<boolean>

const becomes =
  (reason: string, settings: Record<string, unknown>, body = 'Hello', options: Options = {}): Try =>
  async ({ set, send }) => {
    await set(settings)
    return (await stored(send(body, options))).reason === reason
  }

/** @throws Error if there is no entry: most rules refuse none */
async function stored(sent: Promise<Row | undefined>): Promise<Row> {
  const row = await sent
  if (!row) throw new Error('There is no entry.')
  return row
}

const isRefusedAfter =
  (prepare: (visit: Visit) => Promise<unknown> | unknown): Try =>
  async (visit) => {
    await prepare(visit)
    return (await visit.send('casino')) === undefined
  }

async function ban({ world }: Visit, input: Record<string, unknown>): Promise<void> {
  expect((await world.api('POST', '/api/books/main/bans', input)).status).toBe(201)
}

async function signElsewhere({ world }: Visit, body: string, address = '203.0.113.99'): Promise<string> {
  const headers = { 'CF-Connecting-IP': address }
  const { status, body: made } = await world.api<Row>('POST', '/api/comments', { name: 'Eve', body }, headers)
  expect(status).toBe(201)
  return made.id
}

const changeBook = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(`update books set ${sql} where slug = 'main'`)
    .bind(...values)
    .run()

const count = async (sql: string, ...values: unknown[]) =>
  (await env.DB.prepare(`select count(*) as n from ${sql}`)
    .bind(...values)
    .first<number>('n')) ?? 0

/** The owner looks at an entry again, and publishes it. */
async function approve({ world }: Visit, { id }: Pick<Row, 'id'>): Promise<void> {
  for (const status of ['held', 'published']) await world.api('PATCH', `/api/comments/${id}`, { status })
}

/** An entry that exists is known by its own approval, as long as its links stay the same. A new one by another. */
const isKnown: Try = async (visit) => {
  const [before] = await entriesSaying('Before the edit')
  await visit.set({ moderation: 'first' })
  if (before) {
    await approve(visit, before)
    const known = await stored(visit.send('Known'))
    return known.status === 'published' && (await stored(visit.send('Unknown www.a.example'))).reason === 'first'
  }
  const first = await stored(visit.send('Unknown'))
  if (first.reason !== 'first') return false
  await approve(visit, first)
  return (await stored(visit.send('Known'))).status === 'published'
}

const FORMS = ['page', 'frame']

/** How a rule is tried, and at which doors this is possible. At the others, it cannot apply. */
const TRIES: Record<Rule, Try | { at: string[]; applies: Try }> = {
  open: isRefusedAfter(({ set }) => set({ is_open: false })),
  rate: isRefusedAfter(({ world }) => {
    world.env.SIGN_LIMIT = { limit: async () => ({ success: false }) }
  }),
  storage: isRefusedAfter(({ world }) => {
    world.env.DATABASE_LIMIT_MB = '0.01'
  }),
  questions: isRefusedAfter(({ set }) => set({ questions: [{ text: 'Who?', is_required: true }] })),
  trap: { at: FORMS, applies: becomes('honeypot', {}, 'Hello', { isTrapped: true }) },
  network: async (visit) => {
    await ban(visit, { by: 'visitor', comment_id: await signElsewhere(visit, 'Banned', ADDRESS) })
    return (await stored(visit.send('Hello'))).reason === 'banned'
  },
  bans: async (visit) => {
    await ban(visit, { by: 'word', value: 'mallory' })
    return (await stored(visit.send('I am Mallory'))).reason === 'banned'
  },
  private: {
    at: [...FORMS, 'api', 'owner', 'import'],
    applies: async ({ send }) => {
      const { status, is_private } = await stored(send('For you', { isPrivate: true }))
      return status === 'hidden' && is_private === 1 && (await count("messages where instr(payload, 'For you')")) === 0
    },
  },
  words: becomes('word', { blocked_words: ['casino'] }, 'A casino'),
  links: becomes('links', { max_links: 0 }, 'See www.a.example'),
  too_fast: { at: FORMS, applies: becomes('too_fast', {}, 'Hello', { shownMs: 0 }) },
  proof: becomes('no_proof', { proof_of_work: true }),
  turnstile: becomes('turnstile', { turnstile: true }),
  repeated: async (visit) => {
    await signElsewhere(visit, 'Once more')
    await visit.send('Once more')
    return (await entriesSaying('Once more')).some(({ reason }) => reason === 'repeated')
  },
  moderation: becomes('moderation', { moderation: 'all' }),
  known: isKnown,
  quota: isRefusedAfter(async ({ set }) => {
    await set({ daily_quota_mb: 1 })
    await changeBook('quota_day = ?1, quota_bytes = 1000000', dayOf(Date.now()))
  }),
  spam_cap: isRefusedAfter(async ({ set }) => {
    await set({ blocked_words: ['casino'] })
    await changeBook("spam = json_object('day', ?1, 'total', 500, 'bytes', 0, 'kept', 500)", dayOf(Date.now()))
  }),
  once: async ({ send }) => {
    await send('Twice')
    await send('Twice')
    return (await entriesSaying('Twice')).length === 1
  },
  event: async ({ send }) => {
    await send('Told')
    return (await count("messages where instr(payload, 'Told')")) === 1
  },
  audit: async ({ send }) => {
    const before = await count('audit_log')
    await stored(send('Noted'))
    return (await count('audit_log')) > before
  },
}

const doors = Object.keys(SENDERS) as (keyof typeof SENDERS)[]
/** A frame has the form of a page. */
const doorOf = (name: keyof typeof SENDERS): Door => (name === 'frame' ? 'page' : name)

it('every door is tried', () => {
  expect(new Set(doors.map(doorOf))).toEqual(new Set(Object.keys(DOORS)))
})

it.each(doors.flatMap((name) => RULES.map((rule) => [name, rule] as const)))(
  'the rules at the door %s are those of the table: %s',
  async (name, rule) => {
    const tried = TRIES[rule]
    const isExpected = applies(rule, doorOf(name))
    if (typeof tried !== 'function' && !tried.at.includes(name)) return expect(isExpected).toBe(false)
    const world = await withoutModeration(new World(TURNSTILE))
    const sender = await SENDERS[name](world)
    const visit: Visit = {
      world,
      send: async (body, options) => {
        await sender(body, options)
        return (await entriesSaying(body))[0]
      },
      set: async (settings) => {
        expect((await world.api('PATCH', '/api/books/main', settings)).status).toBe(200)
      },
    }
    const has = typeof tried === 'function' ? tried : tried.applies
    expect(await has(visit)).toBe(isExpected)
  }
)
