import { describe, expect, it } from 'vitest'
import { aComment } from '../../../support/fixtures'
import { World } from '../../../support/world'

const SMILEYS = ':) '.repeat(1_325)

async function count(response: Response, selector: string): Promise<number> {
  let found = 0
  const rewriter = new HTMLRewriter().on(selector, {
    element() {
      found += 1
    },
  })
  await rewriter.transform(response).text()
  return found
}

/** Signs with texts that differ, so that none is a repeat. */
async function sign(world: World, entries: number, text: string): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < entries; i++) ids.push((await aComment(world, { body: `${i} ${text}`.slice(0, 4_000) })).id)
  return ids
}

describe('a page of twenty entries that consist of smileys', () => {
  it('is small, and links to each of them', async () => {
    const world = new World()
    const ids = await sign(world, 20, SMILEYS)
    const page = await (await world.request('/')).text()
    expect(page.length).toBeLessThan(200_000)
    expect(await count(new Response(page), '.words *')).toBeLessThanOrEqual(20 * 101)
    for (const id of ids) expect(page).toMatch(new RegExp(`<p><a href="/comments/${id}">`))
  })

  it('shows all of an entry at its permalink, with a bounded number of elements', async () => {
    const world = new World()
    const [id] = await sign(world, 1, SMILEYS)
    const page = await (await world.request(`/comments/${id}`)).text()
    expect(page).toContain(':) '.repeat(1_000))
    expect(await count(new Response(page), '.words *')).toBeLessThanOrEqual(101)
  })

  it('is remembered, however long it is', async () => {
    const world = new World()
    await sign(world, 20, '&'.repeat(3_990))
    for (const path of ['/', '/api/comments?limit=100', '/feed.atom', '/feed.json', '/export.html']) {
      await world.request(path)
      const before = world.invocations.length
      await (await world.request(path)).text()
      const rows = world.invocations.slice(before).reduce((sum, { counts }) => sum + counts.rowsRead, 0)
      expect([path, rows]).toEqual([path, rows <= 1 ? rows : 'at most 1'])
    }
  })
})

describe('a list of long entries', () => {
  it('ends early, and leads on to all of them', async () => {
    const world = new World()
    const ids = await sign(world, 40, 'x'.repeat(3_990))
    const found: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const response = await world.request(`/api/comments?limit=100${next && `&cursor=${next}`}`)
      const text = await response.text()
      expect(text.length).toBeLessThan(150_000)
      const page: { data: { id: string }[]; next: string | null } = JSON.parse(text)
      expect(page.data.length).toBeGreaterThan(0)
      found.push(...page.data.map((one) => one.id))
      next = page.next
    }
    expect(found).toEqual(ids.toReversed())
  })
})
