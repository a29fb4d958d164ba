import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { sharesOf } from '../../../src/guestbook/rules/entries/quota'
import { anEndpoint, mailbox } from '../../support/fixtures'
import { FORM, ownerBrowser } from '../../support/session'
import { World } from '../../support/world'
import { aPage, post } from '../guestbook/webmentions/site'

/*
 * What strangers can make the database store on one day, over every door that stores. They have all the time they want,
 * so the limits per minute let everything pass. The rows and the bytes are those of the real database. Its book has the
 * smallest daily limit, so that a day takes few requests: what can be stored grows with the limit.
 */

const PASSES = { limit: async () => ({ success: true }) } as RateLimit
const LONG = 'x'.repeat(3_900)
/** The smallest limit of what guests can store in a book on one day. */
const LIMIT_MB = 1
const DEFAULT_MB = 5
const MEGABYTE = 1_000_000
/** Of one address. What is really stored may be twice as much, because pages of the database are filled only in part. */
const { share: SHARE } = sharesOf(LIMIT_MB * MEGABYTE)
const MAX_ROWS = 200

let unique = 0

interface Attacker {
  world: World
  address: string
  /** The text of the entries. */
  text: string
}

const fromAddress = ({ address }: Attacker) => ({ 'CF-Connecting-IP': address })

async function sign(attacker: Attacker, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
  unique += 1
  const input = { name: 'Eve', body: `${unique} ${attacker.text}`, ...more }
  return attacker.world.api<{ id: string; edit_token: string }>('POST', '/api/comments', input, {
    ...fromAddress(attacker),
    ...headers,
  })
}

async function submit(attacker: Attacker, path: string, fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(fields).toString()
  const headers = { ...FORM, ...fromAddress(attacker) }
  return attacker.world.request(path, { method: 'POST', headers, body })
}

/** Each door is opened once, and returns the status. */
type Door = (attacker: Attacker) => Promise<number>

/** An entry of its own for each attacker. */
const own = new WeakMap<Attacker, { id: string; edit_token: string }>()
const links = new WeakMap<Attacker, string>()
const pages = new WeakMap<Attacker, string>()

const STORING: Record<string, Door> = {
  entries: async (attacker) => (await sign(attacker)).status,
  'private entries': async (attacker) => (await sign(attacker, { is_private: true })).status,
  'entries with a key': async (attacker) => (await sign(attacker, {}, { 'Idempotency-Key': `key-${unique}` })).status,
  spam: async (attacker) => (await sign(attacker, { name: 'Casino' })).status,
  'spam with a key': async (attacker) =>
    (await sign(attacker, { name: 'Casino' }, { 'Idempotency-Key': `spam-${unique}` })).status,
  edits: async (attacker) => {
    const entry = own.get(attacker) ?? (await sign(attacker)).body
    if (!entry.id) return 429
    own.set(attacker, entry)
    unique += 1
    const headers = { ...fromAddress(attacker), Authorization: `Bearer ${entry.edit_token}` }
    const change = { body: `${unique} ${attacker.text}` }
    return (await attacker.world.api('PATCH', `/api/comments/${entry.id}`, change, headers)).status
  },
  webmentions: async (attacker) => {
    const page = pages.get(attacker) ?? (await aPage(post(LONG))).url
    pages.set(attacker, page)
    unique += 1
    const source = `${page}/${unique}${'x'.repeat(attacker.text === '' ? 0 : 1_000)}`
    return (await submit(attacker, '/webmention', { source, target: `${attacker.world.base}/` })).status
  },
  registrations: async (attacker) => {
    const fields = { url: mailbox().url('verify'), event_types: 'comment.published' }
    const { status, headers } = await submit(attacker, '/webhooks', fields)
    const link = /^(\/webhooks\/manage\/link_[\w-]{43})/.exec(headers.get('Location') ?? '')?.[1]
    if (link) links.set(attacker, link)
    return status
  },
  tests: async (attacker) => {
    if (!links.has(attacker)) await STORING.registrations?.(attacker)
    return (await submit(attacker, `${links.get(attacker)}/test`, {})).status
  },
}

/** These never refuse, because they store nothing. */
const OTHERS: Record<string, Door> = {
  previews: async (attacker) => (await submit(attacker, '/sign', { name: 'Eve', body: 'x', preview: 'yes' })).status,
  webhooks: async (attacker) => (await submit(attacker, `/in/hook_${'A'.repeat(43)}`, { payload: LONG })).status,
  logins: async (attacker) => (await submit(attacker, '/admin/login', { token: 'wrong' })).status,
}

const DOORS = { ...STORING, ...OTHERS }

async function aGuestbook(daily_quota_mb = LIMIT_MB): Promise<World> {
  const world = new World({ SIGN_LIMIT: PASSES, TEST_LIMIT: PASSES, REGISTER_LIMIT: PASSES, LOGIN_LIMIT: PASSES })
  await anEndpoint(world, mailbox().url())
  await world.api('PATCH', '/api/settings', { registration: 'open' })
  await world.api('PATCH', '/api/books/main', {
    moderation: 'none',
    blocked_words: ['casino'],
    daily_quota_mb,
  })
  await world.request('/')
  return world
}

/** @returns the size of the database in bytes, and the rows of all tables */
async function measure() {
  const { results } = await env.DB.prepare(
    `select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like '%cf_%'`
  ).all<{ name: string }>()
  const tables = results.map(({ name }) => name).filter((name) => name !== 'd1_migrations')
  const counts = await env.DB.batch<{ n: number }>(
    tables.map((name) => env.DB.prepare(`select count(*) as n from ${name}`))
  )
  const rows = counts.reduce((sum, { results: [row] }) => sum + (row?.n ?? 0), 0)
  return { rows, bytes: counts.at(-1)?.meta.size_after ?? 0 }
}

/** @returns what was stored */
async function during(world: World, attack: () => Promise<unknown>) {
  const before = await measure()
  await attack()
  await world.drain()
  const after = await measure()
  return { rows: after.rows - before.rows, bytes: after.bytes - before.bytes }
}

/** Opens doors until all of them refuse, or until everything has been tried often enough. */
async function attack(attacker: Attacker, doors: Door[], times: number): Promise<void> {
  let open = doors
  for (let i = 0; i < times && open.length > 0; i++) {
    const statuses: number[] = []
    for (const door of open) statuses.push(await door(attacker))
    open = open.filter((_, at) => (statuses[at] ?? 0) < 400)
  }
}

/** @throws Error unless another guest can sign, and the owner is told */
async function expectOpen(world: World, told: RegExp): Promise<void> {
  const guest = { world, address: '198.51.100.1', text: 'I am a person. '.repeat(20) }
  expect((await sign(guest)).status).toBe(201)
  const overview = await (await ownerBrowser(world)).see('/admin')
  expect(overview).toMatch(told)
}

describe("a stranger's day", () => {
  it.each(Object.keys(DOORS))('at one door stores at most twice the share of an address: %s', async (name) => {
    for (const text of ['', LONG]) {
      const world = await aGuestbook()
      const attacker = { world, address: `203.0.113.${text.length % 200}`, text }
      const stored = await during(world, () => attack(attacker, [DOORS[name] as Door], name in STORING ? 300 : 20))
      expect(stored.bytes).toBeLessThan(2 * SHARE)
      expect(stored.rows).toBeLessThan(MAX_ROWS)
    }
  })

  it('over all doors stores no more, and the owner is told', async () => {
    const world = await aGuestbook()
    const attacker = { world, address: '203.0.113.1', text: '' }
    const stored = await during(world, () => attack(attacker, Object.values(STORING), 300))
    expect(stored.bytes).toBeLessThan(2 * SHARE)
    expect(stored.rows).toBeLessThan(MAX_ROWS)
    await expectOpen(world, /One network has stored/)
  })

  it("with forty addresses stores less than a day's limit, and another guest can sign", async () => {
    const world = await aGuestbook(DEFAULT_MB)
    const doors = Object.values(STORING)
    const stored = await during(world, async () => {
      for (let i = 0; i < 40; i++) await attack({ world, address: `203.0.113.${i}`, text: LONG }, doors, 6)
    })
    expect(stored.bytes).toBeGreaterThan((DEFAULT_MB / 2) * MEGABYTE)
    expect(stored.bytes).toBeLessThan(DEFAULT_MB * MEGABYTE)
    await expectOpen(world, /Guests have stored/)
  }, 120_000)
})
