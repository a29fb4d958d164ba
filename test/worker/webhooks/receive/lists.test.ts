import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { firstIdAt } from '../../../../src/kit/lib/ids'
import { laterOffTurn } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { aSource, DAY, type InboundView, post } from '../../../support/sources'
import { World } from '../../../support/world'

const MANY = 10_000
const START = Date.UTC(2026, 10, 1)
const MINUTE = 60_000

const INSERT = `
  insert into inbound_messages (
    id, source_id, status, event_type, dedupe_key, method, size, received_at,
    fingerprint, origin, query, body_prefix, headers
  )
  select
    value ->> 'id', value ->> 'source', value ->> 'status', value ->> 'type', value ->> 'id', 'POST', 2, value ->> 'at',
    '', 'https://g', '', value ->> 'prefix', '[]'
  from json_each(?1)`

interface Page {
  data: InboundView[]
  next: string | null
}

/** One message in a thousand has failed, one in five hundred has a rare type, and a single one contains a needle. */
async function storeTenThousand(sources: string[]): Promise<void> {
  for (let from = 0; from < MANY; from += 1_000) {
    const rows = Array.from({ length: 1_000 }, (_, i) => {
      const n = from + i
      return {
        id: firstIdAt('in', START + n * MINUTE),
        source: sources[n % sources.length],
        status: n % 1_000 === 7 ? 'failed' : 'processed',
        type: n % 500 === 3 ? 'rare' : 'common',
        prefix: n === 1_234 ? 'here is a Needle' : `hay ${n}`,
        at: START + n * MINUTE,
      }
    })
    await env.DB.prepare(INSERT).bind(JSON.stringify(rows)).run()
  }
}

/** Follows `next` to the last page. */
async function listAll(world: World, query: string): Promise<{ found: InboundView[]; statuses: number[] }> {
  const found: InboundView[] = []
  const statuses: number[] = []
  for (let next: string | null = ''; next !== null; ) {
    const cursor: string = next ? `&cursor=${next}` : ''
    const { status, body } = await world.api<Page>('GET', `/api/inbound?limit=100&${query}${cursor}`)
    statuses.push(status)
    found.push(...body.data)
    next = body.next
  }
  return { found, statuses }
}

describe('a list of 10,000 messages', () => {
  let world: World
  let busy: string
  let quiet: string

  beforeEach(async () => {
    world = new World()
    ;[busy, quiet] = [(await aSource(world, 'unsigned')).id, (await aSource(world, 'unsigned')).id]
    await storeTenThousand([...Array(19).fill(busy), quiet])
    world.invocations.length = 0
  })

  it.each([
    { query: '', shown: 20, budget: 120 },
    { query: 'limit=1', shown: 1, budget: 20 },
    { query: 'limit=100', shown: 100, budget: 440 },
    { query: 'source=QUIET', shown: 20, budget: 120 },
    { query: 'type=common', shown: 20, budget: 120 },
    { query: 'source=QUIET&status=failed', shown: 0, budget: 60 },
    { query: 'status=failed', shown: 10, budget: 60 },
  ])('with ?$query reads at most $budget rows', async ({ query, shown, budget }) => {
    const { body } = await world.api<Page>('GET', `/api/inbound?${query.replace('QUIET', quiet)}`)
    expect(body.data).toHaveLength(shown)
    const rows = world.worst((counts) => counts.rowsRead)
    console.log(`budget  list ?${query}: ${rows} rows read for ${body.data.length} (<= ${budget})`)
    expect(rows).toBeLessThanOrEqual(budget)
  })

  it.each([
    { query: 'q=needle', matches: 1 },
    { query: 'type=rare', matches: 20 },
    { query: 'status=new', matches: 0 },
    { query: 'q=nowhere', matches: 0 },
  ])('with the rare filter ?$query searches 500 messages per call', async ({ query, matches }) => {
    const { found, statuses } = await listAll(world, query)
    expect(found).toHaveLength(matches)
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(statuses.length).toBeLessThanOrEqual(MANY / 500 + 1)
    // The 500 messages are read once to search them, and once to find the cursor.
    expect(world.worst((counts) => counts.rowsRead)).toBeLessThanOrEqual(1_100)
  })

  it('returns every message exactly once, newest first', async () => {
    const { found, statuses } = await listAll(world, '')
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(found).toHaveLength(MANY)
    const ids = found.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].sort().reverse())
  })

  it('can be limited to a time range', async () => {
    const iso = (n: number) => new Date(START + n * MINUTE).toISOString()
    const { found } = await listAll(world, `since=${iso(10)}&until=${iso(19)}`)
    expect(found).toHaveLength(10)
    expect(found[0]?.received_at).toBe(iso(19))
    expect(found.at(-1)?.received_at).toBe(iso(10))
  })

  it('does not make the sweep take more calls to remove old messages', async () => {
    // With the larger pages of the Paid plan, but within the calls of the Free plan.
    world.env.FREE_PLAN = 'false'
    // All of them are old then, and the statistics are not counted in that minute.
    await world.sweep(laterOffTurn(33 * DAY))
    expect(world.worst()).toBeLessThanOrEqual(50)
    expect(world.worst((counts) => counts.queries)).toBeLessThanOrEqual(50)
    const left = await env.DB.prepare('select count(*) as n from inbound_messages').first()
    expect(left).toEqual({ n: MANY - 1_000 })
  })
})

describe('the search', () => {
  it.each([
    { q: 'Österreich', matches: 1 },
    { q: 'wien', matches: 1 },
    { q: 'WIEN', matches: 1 },
    { q: 'unSIGNED', matches: 1 },
    { q: 'Graz', matches: 0 },
  ])('finds text in any alphabet, and ignores the case of ASCII letters: $q', async (row) => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    await post(world, path, '{"from":"Österreich, WIEN"}')
    const { body } = await world.api<Page>('GET', `/api/inbound?q=${row.q}`)
    expect(body.data).toHaveLength(row.matches)
  })

  it('covers the name of the source, the search fields, the event type, the delivery ID and the beginning of the body', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned', {
      fields: [
        { name: 'who', path: 'sender.login' },
        { name: 'first', path: 'list.0.id' },
        { name: 'agent', path: 'header:user-agent' },
      ],
    })
    const padding = 'x'.repeat(2_000)
    const body = JSON.stringify({ padding, sender: { login: 'Ada' }, list: [{ id: 42 }] })
    await post(world, path, body, { 'X-Delivery-Id': 'D-99', 'User-Agent': 'Robot/1' })
    await world.drain()
    const search = async (q: string) =>
      (await world.api<Page>('GET', `/api/inbound?q=${encodeURIComponent(q)}`)).body.data
    expect((await search('ada'))[0]?.fields).toEqual({ who: 'Ada', first: '42', agent: 'Robot/1' })
    for (const q of ['d-99', 'robot', '{"PADDING":', 'xxx']) expect(await search(q)).toHaveLength(1)
    for (const q of ['%', '%_', 'eve', '"login"']) expect(await search(q)).toHaveLength(0)
  })

  it('marks what it has found: in the row, or in an excerpt if the row does not show it', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned', { name: 'Doorbell', fields: [{ name: 'who', path: 'who' }] })
    await post(world, path, `{"title":"Ding","who":"Ada (x2)","far":"${'y'.repeat(200)}"}`, { 'X-Delivery-Id': 'D-99' })
    await world.drain()
    const browser = await ownerBrowser(world)
    const rows = async (q: string) => (await browser.get(`/admin/inbound?part=rows&q=${encodeURIComponent(q)}`)).text()
    for (const [q, found] of [
      ['ding', 'Ding'],
      ['(X2)', '(x2)'],
      ['doorb', 'Doorb'],
    ]) {
      expect(await rows(q ?? '')).toContain(`<mark>${found}</mark>`)
      expect(await rows(q ?? '')).not.toContain('…<bdi>')
    }
    expect(await rows('d-99')).toMatch(/…<bdi>[^<]*<mark>D-99<\/mark>/)
    expect(await rows('"far"')).toMatch(/…<bdi>[^<]*<mark>&quot;far&quot;<\/mark>:&quot;y{40}/)
  })

  it.each(['cursor=nonsense', 'status=lost', 'limit=0', 'since=yesterday'])(
    'rejects ?%s with an explanation',
    async (query) => {
      const { status, body } = await new World().api('GET', `/api/inbound?${query}`)
      expect([400, 422]).toContain(status)
      expect(body.detail).toBeTruthy()
    }
  )
})
