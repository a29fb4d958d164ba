import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { withoutModeration } from '../../support/session'
import { World } from '../../support/world'

type Answer = Record<string, unknown> & { id: string; edit_token: string }

const unlimited = () => ({ SIGN_LIMIT: { limit: async () => ({ success: true }) } as RateLimit })

function sign(world: World, key: string, body: string) {
  return world.api<Answer>('POST', '/api/comments', { name: 'Ada', body }, { 'Idempotency-Key': key })
}

const keys = async () => (await env.DB.prepare('select * from idempotency_keys').all<{ answer: string }>()).results

describe("a stranger's Idempotency-Key", () => {
  it('stores no text: the response to a repeat is made from the entry', async () => {
    const world = await withoutModeration(new World())
    const long = 'x'.repeat(4_000)
    const first = await sign(world, 'once', long)
    expect(first.status).toBe(201)
    expect(JSON.stringify(await keys()).length).toBeLessThan(400)
    const again = await sign(world, 'once', long)
    expect(again).toMatchObject({ status: 201, body: first.body })
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    expect(await sign(world, 'once', 'other')).toMatchObject({ status: 409, body: { code: 'key_reused' } })
    await world.api('DELETE', `/api/comments/${first.body.id}`)
    expect(await sign(world, 'once', long)).toMatchObject({ status: 410, body: { code: 'deleted' } })
  })

  it('repeats the response although a limit would refuse the request now', async () => {
    const world = await withoutModeration(new World())
    const first = await sign(world, 'once', 'Hello')
    const limited = new World({ SIGN_LIMIT: { limit: async () => ({ success: false }) } as RateLimit })
    expect((await sign(limited, 'another', 'Hello')).status).toBe(429)
    expect(await sign(limited, 'once', 'Hello')).toMatchObject({ status: 201, body: first.body })
  })

  it('repeats the response for spam, and tells nobody that it is spam', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
    const first = await sign(world, 'once', 'casino')
    expect(first).toMatchObject({ status: 201, body: { status: 'held' } })
    expect(await sign(world, 'once', 'casino')).toMatchObject({ status: 201, body: first.body })
  })

  it('is stored only with its entry, so that spam that is not kept leaves nothing', async () => {
    const world = await withoutModeration(new World(unlimited()))
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
    const first = await sign(world, 'key-0', 'casino')
    await env.DB.prepare("update books set spam = json_set(spam, '$.kept', 500)").run()
    expect((await sign(world, 'key-1', 'casino 1')).status).toBe(201)
    expect(await env.DB.prepare('select count(*) as n from comments').first<number>('n')).toBe(1)
    expect(await keys()).toHaveLength(1)
    expect((await sign(world, 'key-0', 'casino')).body.id).toBe(first.body.id)
  })

  it('counts in the share of its network', async () => {
    const world = await withoutModeration(new World())
    const used = () => env.DB.prepare('select quota_bytes from books').first<number>('quota_bytes')
    await world.api('POST', '/api/comments', { name: 'Ada', body: '1' }, {})
    const without = (await used()) ?? 0
    await sign(world, 'once', '2')
    expect(((await used()) ?? 0) - without).toBeGreaterThan(without + 500)
  })
})
