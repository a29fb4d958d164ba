import { describe, expect, it } from 'vitest'
import { ownerBrowser } from '../../support/session'
import { BASE, World } from '../../support/world'
import { entries, fixture, theImport } from './imports'

/** Submits the form as a browser does. */
async function submit(world: World, cookie: { Cookie: string }, fields: Record<string, string>, file?: string) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', new File(file === undefined ? [] : [file], file === undefined ? '' : 'file.txt'))
  const headers = { Origin: BASE, ...cookie }
  return world.request('/admin/moving/import', { method: 'POST', headers, body: form })
}

function manyRows(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => `G${i},2001-01-01,${i} hello`)
  return `name,date,message\n${rows.join('\n')}\n`
}

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
  it('imports a file, shows its progress and what was skipped, and lists it', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const response = await submit(world, browser.cookie, { book: 'main', dry_run: 'on' }, fixture('wordpress.xml'))
    expect(response.status).toBe(303)
    const path = response.headers.get('Location') ?? ''
    expect(await browser.see(path)).toMatch(/running.*Cancel import/)
    await world.drain()
    const done = await browser.see(path)
    expect(done).toContain('5 records read. 3 would be imported, 1 of them as replies.')
    expect(done).toContain('Deleted in the other system: 1')
    expect(done).toContain('Nothing was written.')
    expect(await entries()).toEqual([])
    expect(await browser.see('/admin/moving')).toContain('WordPress (WXR)')
  })

  it('imports the source of a page that was pasted', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const response = await submit(world, browser.cookie, { book: 'main', html: fixture('guestbook.html') })
    await world.drain()
    const id = response.headers.get('Location')?.split('/').at(-1) ?? ''
    expect(await theImport(world, id)).toMatchObject({ format: 'html', imported: 3, skipped: { not_understood: 2 } })
    expect((await entries()).map(({ name }) => name)).toEqual(['Claire', 'Susi', 'John Doe'])
  })

  it('keeps what was typed if something is wrong, and cancels', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const fields = { book: 'main', format: 'isso', webhooks: 'on', html: '' }
    const empty = await submit(world, browser.cookie, fields)
    expect(empty.status).toBe(422)
    const html = await empty.text()
    expect(html).toContain('The file is empty')
    expect(html).toMatch(/<option value="isso" selected/)
    const unknown = await submit(world, browser.cookie, { ...fields, format: '' }, 'what is this')
    expect(await unknown.text()).toContain('The format of this file was not recognized')
    const { headers } = await submit(world, browser.cookie, fields, fixture('isso.json'))
    const path = headers.get('Location') ?? ''
    const again = await submit(world, browser.cookie, fields, fixture('isso.json'))
    expect([again.status, await again.text()]).toEqual([409, expect.stringContaining('Another import is running')])
    expect(await browser.submit(`${path}/cancel`, {})).toMatchObject({ status: 303, location: path })
    expect(await browser.see(path)).toContain('canceled')
  })

  it.each([
    ['a form of another kind', 'application/x-www-form-urlencoded', 'a=b', 415],
    ['a form that is cut off', 'multipart/form-data; boundary=x', '--x\r\nContent-Dis', 400],
  ])('refuses %s', async (_, type, body, status) => {
    const world = new World()
    const { cookie } = await ownerBrowser(world)
    const headers = { Origin: BASE, 'Content-Type': type, ...cookie }
    expect((await world.request('/admin/moving/import', { method: 'POST', headers, body })).status).toBe(status)
  })

  it('downloads the whole export as one file, within the queries of one invocation', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await submit(world, browser.cookie, { book: 'main' }, manyRows(374))
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
    await submit(world, browser.cookie, { book: 'main' }, manyRows(1_300))
    await world.drain()
    const entries: unknown[] = []
    let parts = 0
    for (let path = '/admin/moving/export'; path !== ''; parts++) {
      const lines = await readLines(await browser.get(path))
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
    const init = { method: 'POST', headers: { Origin: 'https://evil.example', ...cookie }, body: new FormData() }
    expect((await world.request('/admin/moving/import', init)).status).toBe(403)
  })
})
