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

  it('downloads the export, whose last line has the address of the next part', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const rows = Array.from({ length: 250 }, (_, i) => `G${i},2001-01-01,${i} hello`).join('\n')
    await submit(world, browser.cookie, { book: 'main' }, `name,date,message\n${rows}\n`)
    await world.drain()
    const read = async (path: string) =>
      (await (await browser.get(path)).text())
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    const first = await read('/admin/moving/export')
    const { type, url } = first.at(-1)
    expect(type).toBe('next')
    const second = await read(new URL(url).pathname + new URL(url).search)
    expect(second.at(-1)).toEqual({ type: 'end' })
    expect([...first, ...second].filter((line) => line.type === 'entry')).toHaveLength(250)
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
