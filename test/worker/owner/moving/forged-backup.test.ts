import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'
import { exportAll, furnish, type Line, restore, wipe } from './backups'

/* A backup is a file, so anybody may have changed it. What is restored must not break a list or a page. */

const FAR = 9e15

/** Values that some column or page would not survive. */
const HOSTILE: unknown[] = [
  FAR,
  -FAR,
  -1,
  1.5,
  '+275760-09-13T00:00:00.000Z',
  '-000001-01-01T00:00:00.000Z',
  '__proto__',
  'constructor',
  'javascript:alert(1)',
  'published',
  'enabled',
  'daily',
  '',
  'x'.repeat(5_000),
  'a\u202eb\u0000',
  '\ud83d',
  null,
  true,
  false,
  [],
  [[]],
  ['__proto__'],
  {},
  JSON.parse('{"__proto__": {"a": 1}}'),
  { mention: 'javascript:alert(1)', mention_at: FAR },
  { name: '{{', body: '{% if' },
  [{ id: 'ban_1', by: 'name', value: 'x', until: FAR }],
]

/** One change: a field of a line, or a field within that field. */
const forgery = fc.record({
  line: fc.nat(),
  field: fc.nat(),
  inner: fc.option(fc.nat(), { nil: undefined }),
  value: fc.constantFrom(...HOSTILE),
})
type Forgery = typeof forgery extends fc.Arbitrary<infer T> ? T : never

function forge(lines: Line[], { line: at, field, inner, value }: Forgery): Line[] {
  const index = 1 + (at % (lines.length - 2))
  return lines.map((line, i) => (i === index ? (changed(line, field, inner, value) as Line) : line))
}

function changed(object: object, field: number, inner: number | undefined, value: unknown): object {
  const names = Object.keys(object).filter((name) => name !== 'type')
  const name = names[field % names.length] ?? 'x'
  const before: unknown = Reflect.get(object, name)
  const isInner = inner !== undefined && typeof before === 'object' && before !== null && !Array.isArray(before)
  return { ...object, [name]: isInner ? changed(before, inner, undefined, value) : value }
}

const PUBLIC = ['/', '/feed.atom', '/sitemap.xml', '/api/comments', '/api/books', '/.well-known/webhook-keys']
const LISTS = ['comments', 'books', 'endpoints', 'sources', 'event-types', 'settings', 'storage', 'messages']
const PAGES = [
  'comments',
  'comments?status=hidden',
  'books',
  'endpoints',
  'sources',
  'event-types',
  'settings',
  'moving',
]

/** @returns every address that does not answer 200, and every page with a link that runs a script */
async function broken(world: World): Promise<string[]> {
  const browser = await ownerBrowser(world)
  const faults: string[] = []
  const see = async (path: string, response: Response) => {
    const text = await response.text()
    if (response.status !== 200) faults.push(`${path} ${response.status}`)
    if (/href="javascript:/i.test(text)) faults.push(`${path} runs a script`)
    if (path === '/' && text.includes('Only for you')) faults.push(`${path} shows a private entry`)
    return text
  }
  for (const path of PUBLIC) await see(path, await world.request(path))
  const { body: books } = await world.api<{ data: { url: string }[] }>('GET', '/api/books')
  for (const { url } of books.data) await see(url, await world.request(new URL(url).pathname))
  for (const name of LISTS) {
    const { status, body } = await world.api<{ data?: { id?: string; slug?: string }[] }>('GET', `/api/${name}`)
    if (status !== 200) faults.push(`/api/${name} ${status}`)
    for (const { slug, id = slug } of body.data ?? []) {
      if (id && (await world.api('GET', `/api/${name}/${id}`)).status !== 200) faults.push(`/api/${name}/${id}`)
    }
  }
  for (const name of PAGES) {
    const html = await see(name, await browser.get(`/admin/${name}`))
    for (const [, path = ''] of html.matchAll(/href="(\/admin\/(?:books|endpoints|sources)\/[^"?#/]+)"/g))
      await see(path, await browser.get(path))
  }
  await see('/admin', await browser.get('/admin'))
  await exportAll(world)
  return faults
}

async function aBackup(): Promise<Line[]> {
  const world = new World()
  await furnish(world)
  const moderation = [{ id: 'ban_01JD9Z6Y3T8W5Q7R2K4M6N8P0A', by: 'name', value: 'Troll', until: null }]
  await env.DB.prepare("update books set settings = json_set(settings, '$.bans', json(?)) where slug = 'main'")
    .bind(JSON.stringify(moderation))
    .run()
  return exportAll(world)
}

describe('a forged backup', () => {
  it('is refused, or every list and page still works', { timeout: 240_000 }, async () => {
    const lines = await aBackup()
    const seen = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.array(forgery, { minLength: 1, maxLength: 2 }), async (forgeries) => {
        await wipe()
        const { status, body } = await restore(new World(), forgeries.reduce(forge, lines))
        seen.add(status)
        expect([200, 422], JSON.stringify(body)).toContain(status)
        if (status === 200) expect(await broken(new World())).toEqual([])
        else expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(0)
      }),
      { numRuns: 100 }
    )
    expect([...seen].toSorted()).toEqual([200, 422])
  })

  it.each<[string, string, object]>([
    ['a time that no calendar has', 'entry', { created_at: FAR }],
    ['an edit that no calendar has', 'entry', { edited_at: FAR }],
    ['a private entry that is published', 'entry', { is_private: true, status: 'published' }],
    ['a flag that is no flag', 'entry', { is_private: 'true' }],
    ['a mention that runs a script', 'entry', { extra: { mention: 'javascript:alert(1)' } }],
    ['a book that does not exist', 'entry', { book: 'nowhere' }],
    ['another kind of id', 'entry', { id: '../admin' }],
    ['a name with a control character', 'entry', { name: 'a\u0007' }],
    ['a link that runs a script', 'book', { settings: { home_url: 'javascript:alert(1)' } }],
    ['a ban that never began', 'book', { settings: { bans: [{ id: 'ban_1', by: 'name', value: 'x', until: FAR }] } }],
    ['a page as a picture', 'picture', { content: btoa('<script>alert(1)</script>'.repeat(3)) }],
    ['a mention by a script', 'webmention', { source: 'javascript:alert(1)' }],
    ['a mention of a book that does not exist', 'webmention', { book: 'nowhere' }],
    ['a picture without a book', 'picture', { book: 'nowhere' }],
    ['a picture with another kind of id', 'picture', { id: '../admin' }],
    ['a picture for another place', 'book', { settings: { pictures: [{ id: 'pic_1', use: 'script' }] } }],
    ['a reserved slug', 'book', { slug: 'admin' }],
    ['a setting without a shape', 'setting', { name: 'registration', value: '__proto__' }],
    ['a template that cannot be read', 'source', { template: { name: '{{', body: 'x' } }],
    ['fields without paths', 'source', { fields: [{ name: 'x' }] }],
    ['an act without a template', 'source', { act: 'sign', template: null }],
    ['a status of another table', 'source', { status: 'enabled' }],
    ['a URL that runs a script', 'endpoint', { url: 'javascript:alert(1)' }],
    ['an event type that cannot be one', 'endpoint', { event_types: ['a b'] }],
    ['a digest for programs', 'endpoint', { format: 'standard', digest_hour: 3 }],
    ['a reserved event type', 'event_type', { name: 'comment.published' }],
  ])('with %s is refused', async (_, type, change) => {
    const lines = await aBackup()
    await wipe()
    const at = lines.findIndex((line) => line.type === type)
    const forged = lines.map((line, i) => (i === at ? { ...line, ...change } : line))
    expect(await restore(new World(), forged)).toMatchObject({ status: 422, body: { code: 'invalid_line' } })
    expect(await env.DB.prepare('select count(*) as n from settings').first('n')).toBe(0)
  })

  it('can be found out before anything of the file is written', async () => {
    const lines = await aBackup()
    await wipe()
    const world = new World()
    const check = (some: Line[]) => restore(world, some, null, 'restore-1&check=true')
    expect(await check(lines.slice(0, 6))).toMatchObject({ status: 200 })
    expect(await check(lines.slice(6))).toMatchObject({ status: 200 })
    const forged = lines.map((line) => (line.type === 'entry' ? { ...line, created_at: null } : line))
    expect(await check(forged)).toMatchObject({ status: 422, body: { code: 'invalid_line' } })
    expect(await env.DB.prepare('select count(*) as n from settings').first('n')).toBe(0)
    expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(0)
    expect(await restore(world, lines)).toMatchObject({ status: 200 })
  })

  it('cannot reach what every object has', async () => {
    const { status, body } = await restore(new World(), [
      { type: 'setting', name: '__proto__', value: 1 },
      { type: 'end' },
    ])
    expect([status, body.restored]).toEqual([200, {}])
  })
})
