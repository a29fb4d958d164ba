import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { firstIdAt } from '../../../src/core/lib/ids'
import { aSource, type InboundView, post } from '../../support/sources'
import { World } from '../../support/world'

const MANY = 10_000
const START = Date.UTC(2026, 10, 1)
const MINUTE = 60_000

interface Page {
  data: InboundView[]
  next: string | null
}

/** One of a thousand failed, one of five hundred is of a rare type, and one of all holds a needle. */
async function tenThousand(sources: string[]): Promise<void> {
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
    await env.DB.prepare(
      `insert into inbound_messages (id, source_id, status, event_type, dedupe_key, method, size, received_at, fingerprint, origin, query, body_prefix, headers)
       select value ->> 'id', value ->> 'source', value ->> 'status', value ->> 'type', value ->> 'id', 'POST', 2, value ->> 'at', '', 'https://g', '',
         value ->> 'prefix', '[]' from json_each(?1)`
    )
      .bind(JSON.stringify(rows))
      .run()
  }
}

async function pages(
  world: World,
  query: string
): Promise<{ found: InboundView[]; calls: number }> {
  const found: InboundView[] = []
  let calls = 0
  for (let next: string | null = ''; next !== null; calls++) {
    const cursor: string = next ? `&cursor=${next}` : ''
    const { status, body } = await world.api<Page>(
      'GET',
      `/api/inbound?limit=100&${query}${cursor}`
    )
    expect(status).toBe(200)
    found.push(...body.data)
    next = body.next
  }
  return { found, calls }
}

describe('10,000 stored messages', () => {
  let world: World
  let busy: string
  let quiet: string

  beforeEach(async () => {
    world = new World()
    ;[busy, quiet] = [(await aSource(world, 'unsigned')).id, (await aSource(world, 'unsigned')).id]
    await tenThousand([...Array(19).fill(busy), quiet])
    world.invocations.length = 0
  })

  it.each([
    ['', 120],
    ['limit=1', 20],
    ['limit=100', 440],
    ['source=QUIET', 120],
    ['type=common', 120],
    ['source=QUIET&status=failed', 60],
    ['status=failed', 60],
  ])('?%s reads a few rows for each that it shows', async (query, budget) => {
    const { body } = await world.api<Page>('GET', `/api/inbound?${query.replace('QUIET', quiet)}`)
    if (!query.includes('QUIET&')) expect(body.data.length).toBeGreaterThan(0)
    const rows = world.worst((counts) => counts.rowsRead)
    console.log(`budget  list ?${query}: ${rows} rows read for ${body.data.length} (<= ${budget})`)
    expect(rows).toBeLessThanOrEqual(budget)
  })

  it.each(['q=needle', 'type=rare', 'status=new', 'q=nowhere'])(
    '?%s, which is rare, looks at 500 a call, and hands back a cursor',
    async (query) => {
      const { found, calls } = await pages(world, query)
      const expected = { 'q=needle': 1, 'type=rare': 20 }[query] ?? 0
      expect(found).toHaveLength(expected)
      expect(calls).toBeLessThanOrEqual(MANY / 500 + 1)
      // 500 looked at, and once more to see where it stopped.
      expect(world.worst((counts) => counts.rowsRead)).toBeLessThanOrEqual(1_100)
    }
  )

  it('pages through all of them, each once, newest first', async () => {
    const { found } = await pages(world, '')
    expect(found).toHaveLength(MANY)
    const ids = found.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].sort().reverse())
  })

  it('is cut by time', async () => {
    const iso = (n: number) => new Date(START + n * MINUTE).toISOString()
    const { found } = await pages(world, `since=${iso(10)}&until=${iso(19)}`)
    expect(found).toHaveLength(10)
    expect(found[0]?.received_at).toBe(iso(19))
    expect(found.at(-1)?.received_at).toBe(iso(10))
  })

  it('takes no more calls for the sweep that removes what is old', async () => {
    await world.sweep(START + 33 * 86_400_000)
    expect(world.worst()).toBeLessThanOrEqual(50)
    expect(world.worst((counts) => counts.queries)).toBeLessThanOrEqual(50)
    const left = await env.DB.prepare('select count(*) as n from inbound_messages').first()
    expect(left).toEqual({ n: MANY - 1_000 })
  })
})

describe('searching', () => {
  it('finds what was typed as it was written, in any alphabet', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    await post(world, path, '{"from":"Österreich, WIEN"}')
    for (const [q, found] of [
      ['Österreich', 1],
      ['wien', 1],
      ['WIEN', 1],
      ['Graz', 0],
    ]) {
      const { body } = await world.api<Page>('GET', `/api/inbound?q=${q}`)
      expect(body.data, String(q)).toHaveLength(Number(found))
    }
  })

  it('looks into the search fields, the type, the delivery id and how the body begins', async () => {
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

  it.each(['cursor=nonsense', 'status=lost', 'limit=0', 'since=yesterday'])(
    'refuses ?%s in words',
    async (query) => {
      const { status, body } = await new World().api('GET', `/api/inbound?${query}`)
      expect([400, 422]).toContain(status)
      expect(body.detail).toBeTruthy()
    }
  )
})
