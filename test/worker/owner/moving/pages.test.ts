import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { ImportFormat } from '../../../../src/owner/rules/importing/records'
import { ownerBrowser } from '../../../support/session'
import { BASE, World } from '../../../support/world'
import { entries, fixture, manyRows, theImport, toNdjson } from './imports'

/** Sends what the reader makes of a file, as import-page.js does. */
async function send(world: World, cookie: { Cookie: string }, file: string, query: Record<string, string> = {}) {
  const { format, body } = await toNdjson(file, query.format as ImportFormat | undefined)
  const path = `/admin/moving/import?${new URLSearchParams({ book: 'main', ...query, format })}`
  return world.request(path, { method: 'POST', headers: { Origin: BASE, ...cookie }, body })
}

const idOf = async (response: Response) => ((await response.json()) as { id: string }).id

interface ExportLine {
  type: string
  id?: string
  url?: string
}

async function readLines(response: Response): Promise<ExportLine[]> {
  const text = await response.text()
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('the page for importing and exporting', () => {
  it('logs why an export broke off, and notes that a limit of the day is reached', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    const noted = vi.spyOn(console, 'log').mockReturnValue()
    const world = new World()
    const browser = await ownerBrowser(world)
    for (const [lines, name, message] of [
      [logged, 'download.fault', 'D1_ERROR: Network connection lost.'],
      [noted, 'database.daily_limit', "D1_ERROR: Your account has exceeded D1's free tier daily row read limit."],
    ] as const) {
      world.recorder.fault = { callsLeft: 5, isCommitted: false, error: new Error(message) }
      const response = await browser.get('/admin/moving/export')
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow()
      expect(lines.mock.calls.join()).toContain(name)
    }
    vi.restoreAllMocks()
  })

  it('imports a file, shows its progress and what was skipped, and lists it', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const response = await send(world, browser.cookie, fixture('wordpress.xml'), { dry_run: 'true' })
    expect(response.status).toBe(202)
    const path = `/admin/moving/imports/${await idOf(response)}`
    expect(await browser.see(path)).toMatch(/running.*Cancel import/)
    await world.drain()
    const done = await browser.see(path)
    expect(done).toMatch(/5 records.*3 would.*1 of them/)
    expect(done).toMatch(/Deleted.*: 1/)
    expect(done).toContain('dry run')
    const headers = { Accept: 'application/json', ...browser.cookie }
    const progress = await (await world.request(path, { headers })).json()
    expect(progress).toMatchObject({ state: 'done', dry_run: true, read: 5, imported: 3 })
    expect(await entries()).toEqual([])
    expect(await browser.see('/admin/moving')).toContain('WordPress (WXR)')
  })

  it('imports the source of a page that was pasted', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const response = await send(world, browser.cookie, fixture('guestbook.html'), { format: 'html' })
    await world.drain()
    const row = await theImport(world, await idOf(response))
    expect(row).toMatchObject({ format: 'html', imported: 3, skipped: { not_understood: 2 } })
    expect((await entries()).map(({ name }) => name)).toEqual(['Claire', 'Susi', 'John Doe'])
  })

  it('is the only page with the script that reads files, and names the command for those without scripts', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { markup: true })
    const browser = await ownerBrowser(world)
    const response = await browser.get('/admin/moving')
    const html = await response.text()
    expect(html).toContain('<script type="module" src="/import-page.js">')
    expect(html).toMatch(/<noscript>.*npm run import -- --url .*<\/noscript>/)
    expect(html).toMatch(/<option value="main" selected="" data-markup="true">/)
    expect(response.headers.get('Content-Security-Policy')).toContain("script-src 'self';")
    for (const path of ['/', '/admin', '/admin/moving/people', '/webhooks'])
      expect(await (await browser.get(path)).text()).not.toContain('import-')
  })

  it('refuses what is not NDJSON, another import at the same time, and a wrong book, with problems for the script', async () => {
    const world = new World()
    const { cookie } = await ownerBrowser(world)
    const raw = (body: string, query = '?format=isso&book=main') =>
      world.request(`/admin/moving/import${query}`, { method: 'POST', headers: { Origin: BASE, ...cookie }, body })
    const codes = async (response: Response) => [
      response.status,
      ((await response.json()) as { code: string }).code,
      response.headers.get('Content-Type'),
    ]
    const problem = 'application/problem+json'
    expect(await codes(await raw(fixture('isso.json')))).toEqual([422, 'unknown_format', problem])
    expect(await codes(await raw('', '?format=unheard'))).toEqual([422, 'invalid_input', problem])
    expect(await codes(await send(world, cookie, fixture('isso.json'), { book: 'none' }))).toEqual([
      404,
      'not_found',
      problem,
    ])
    const { status } = await send(world, cookie, fixture('isso.json'))
    expect(status).toBe(202)
    expect(await codes(await send(world, cookie, fixture('isso.json')))).toEqual([409, 'import_running', problem])
  })

  it('takes the same lines again, even if they look like a form that was submitted', async () => {
    const world = new World()
    const { cookie } = await ownerBrowser(world)
    const line = JSON.stringify({ type: 'entry', id: 'a', name: 'Ada', body: 'https://example.com/?a=1&once=2' })
    const headers = { Origin: BASE, 'Content-Type': 'application/x-ndjson', ...cookie }
    const again = async () => {
      const path = '/admin/moving/import?format=guesthook&book=main'
      const response = await world.request(path, { method: 'POST', headers, body: line })
      await world.drain()
      return [response.status, ((await response.json()) as { id: string }).id]
    }
    const [first, second] = [await again(), await again()]
    expect([first[0], second[0]]).toEqual([202, 202])
    expect(second[1]).not.toBe(first[1])
  })

  it('cancels an import', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const path = `/admin/moving/imports/${await idOf(await send(world, browser.cookie, fixture('isso.json')))}`
    expect(await browser.submit(`${path}/cancel`, {})).toMatchObject({ status: 303, location: path })
    expect(await browser.see(path)).toContain('canceled')
  })

  it('downloads the whole export as one file, within the queries of one invocation', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await send(world, browser.cookie, manyRows(374))
    await world.drain()
    const before = world.recorder.executed.length
    const lines = await readLines(await browser.get('/admin/moving/export'))
    expect(world.recorder.executed.length - before).toBeLessThanOrEqual(50)
    expect(lines[0]).toMatchObject({ type: 'guesthook.export' })
    expect(new Set(lines.filter(({ type }) => type === 'entry').map(({ id }) => id)).size).toBe(374)
    expect(lines.filter(({ type }) => type === 'end' || type === 'next')).toEqual([{ type: 'end' }])
  })

  it('says in its last line where an export goes on that is too large for one invocation', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await send(world, browser.cookie, manyRows(1_300))
    await world.drain()
    const entries: unknown[] = []
    let parts = 0
    for (let path = '/admin/moving/export'; path !== ''; parts++) {
      const response = await browser.get(path)
      expect(response.headers.get('Content-Disposition')).toContain(`guestbook-part-${parts + 1}.ndjson`)
      const lines = await readLines(response)
      entries.push(...lines.flatMap((line) => (line.type === 'entry' ? [line.id] : [])))
      const { type, url } = lines.at(-1) ?? {}
      expect(['next', 'end']).toContain(type)
      path = url ? new URL(url).pathname + new URL(url).search : ''
    }
    expect([entries.length, new Set(entries).size]).toEqual([1_300, 1_300])
    expect(parts).toBeGreaterThan(1)
    // The Paid plan allows more.
    const paid = new World({ FREE_PLAN: 'false' })
    const whole = await readLines(await (await ownerBrowser(paid)).get('/admin/moving/export'))
    expect(whole.filter(({ type }) => type === 'entry')).toHaveLength(1_300)
    expect(whole.at(-1)).toEqual({ type: 'end' })
  })

  it('counts the entries of an export, without those of deleted books, some at a time', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await world.api('POST', '/api/books', { slug: 'gone', title: 'Gone' })
    await env.DB.prepare(
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < 10010)
       insert into comments (id, book, number, status, created_at, name, body)
       select 'cmt_01JD9Z6Y3T' || printf('%016d', i), iif(i <= 5, 'gone', 'main'), i, 'published', 1, 'Ada', 'Hi' from n`
    ).run()
    await world.api('DELETE', '/api/books/gone')
    const count = async (after: string) => (await browser.get(`/admin/moving/export/count?after=${after}`)).json()
    const first = (await count('')) as { entries: number; next: string }
    expect(first).toEqual({ entries: 9_995, next: expect.stringMatching(/^cmt_/) })
    expect(await count(first.next)).toEqual({ entries: 10, next: null })
  })

  it('refuses an address that no part has', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    expect((await browser.get('/admin/moving/export?cursor=x')).status).toBe(400)
  })

  it('is only for the owner, and only from its own site', async () => {
    const world = new World()
    expect((await world.request('/admin/moving')).status).toBe(303)
    expect((await world.request('/admin/moving/export')).status).toBe(303)
    const { cookie } = await ownerBrowser(world)
    const init = { method: 'POST', headers: { Origin: 'https://evil.example', ...cookie }, body: '{}' }
    expect((await world.request('/admin/moving/import', init)).status).toBe(403)
  })
})
