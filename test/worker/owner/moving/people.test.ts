import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { tablesWith } from '../../../support/search'
import { ownerBrowser } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { TOKEN, World } from '../../../support/world'
import { fixture, importFile } from './imports'

const WORDS = 'unrepeatable-words'

/** One person's data, everywhere where it can be: in entries, events, responses, a webhook and its body. */
async function aPerson(world: World): Promise<string[]> {
  const box = mailbox()
  await anEndpoint(world, box.url('echo'))
  const once = { Authorization: `Bearer ${TOKEN}`, 'Idempotency-Key': 'once' }
  const { body: one } = await world.api<{ id: string }>('POST', '/api/comments', { name: WORDS, body: 'Hello' }, once)
  const two = await aComment(world, { body: `I am ${WORDS}.`, website: `https://example.com/${WORDS}` })
  await world.api('PUT', `/api/comments/${two.id}/reply`, { body: `Dear ${WORDS}` })
  const source = await aSource(world, 'unsigned', { act: 'sign', template: { name: '{{who}}', body: '{{text}}' } })
  await post(world, source.path, JSON.stringify({ who: WORDS, text: `${WORDS} by webhook` }))
  await world.drain()
  await importFile(world, `name,date,message\n${WORDS},2001-01-01,imported\n`, '?webhooks=true')
  await world.drain()
  await aComment(world, { name: 'Somebody else', body: 'stays' })
  const { body } = await world.api<{ data: { id: string }[] }>('GET', `/api/people?q=${WORDS}`)
  expect(body.data.map(({ id }) => id)).toEqual(expect.arrayContaining([one.id, two.id]))
  return body.data.map(({ id }) => id)
}

describe("one person's data", () => {
  it('is found by name, website, text and reply, and erased from every table', async () => {
    const world = new World()
    const ids = await aPerson(world)
    expect(ids).toHaveLength(4)
    expect(await tablesWith(WORDS)).toEqual(
      expect.arrayContaining([
        'comments.name',
        'comments.reply',
        'messages.payload',
        'inbound_chunks.content',
        'attempts.response_excerpt',
      ])
    )
    world.invocations.length = 0
    expect(await world.api('POST', '/api/erase', { ids })).toMatchObject({
      status: 200,
      body: { erased: 4, webhooks: 1 },
    })
    expect(world.worst(({ queries }) => queries)).toBeLessThanOrEqual(20)
    await world.drain()
    await world.sweep(later(60_000))
    expect(await tablesWith(WORDS)).toEqual([])
    expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(1)
    expect(await env.DB.prepare('select published_count as n from books').first('n')).toBe(1)
    expect((await world.api('POST', '/api/erase', { ids })).body).toEqual({ erased: 0, webhooks: 0 })
  })

  it('does not come back when a form is sent again', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned', { act: 'sign', template: { name: '{{who}}', body: '{{text}}' } })
    await post(world, source.path, JSON.stringify({ who: WORDS, text: 'Hello' }))
    await world.drain()
    const { body: requests } = await world.api<{ data: { id: string }[] }>('GET', '/api/inbound')
    const browser = await ownerBrowser(world)
    const page = `/admin/inbound/${requests.data[0]?.id}`
    const path = `${page}/send`
    const html = await (await browser.get(page)).text()
    const edited = { edited: 'on', method: 'POST', headers: '', body: WORDS + 'x'.repeat(9_000) }
    const form = { to: mailbox().url('ok'), ...edited, once: /name="once" value="([^"]+)"/.exec(html)?.[1] ?? '' }
    expect(await (await browser.post(path, form)).text()).toContain(WORDS)
    const { body: people } = await world.api<{ data: { id: string }[] }>('GET', `/api/people?q=${WORDS}`)
    await world.api('POST', '/api/erase', { ids: people.data.map(({ id }) => id) })
    const again = await browser.post(path, form)
    expect(again.status).toBe(410)
    expect(await again.text()).not.toContain(WORDS)
  })

  it('does not come back when the file that it came from is imported again', async () => {
    const world = new World()
    const file = fixture('isso.json')
    await importFile(world, file)
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/people?q=ada.example')
    await world.api('POST', '/api/erase', { ids: body.data.map(({ id }) => id) })
    expect(await importFile(world, file)).toMatchObject({ imported: 0 })
    expect(await tablesWith('ada.example')).toEqual([])
  })

  it('is exported as lines, page by page', async () => {
    const world = new World()
    await aPerson(world)
    const headers = { Authorization: `Bearer ${TOKEN}` }
    const response = await world.request(`/api/people/export?q=${WORDS}`, { headers })
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ type }) => type)).toEqual(['entry', 'entry', 'entry', 'entry', 'end'])
    expect(lines[0]).toMatchObject({ type: 'entry', body: expect.any(String), reply: null })
  })

  it.each([
    ['/api/people', 'GET', undefined, 422],
    ['/api/people?q=x', 'GET', undefined, 422],
    ['/api/people?q=xx&cursor=x', 'GET', undefined, 400],
    ['/api/erase', 'POST', { ids: [] }, 422],
    ['/api/erase', 'POST', { ids: Array.from({ length: 21 }, () => 'cmt_1') }, 422],
  ])('%s with invalid input is refused', async (path, method, body, status) => {
    expect((await new World().api(method, path, body)).status).toBe(status)
  })

  it('is only for the owner', async () => {
    const world = new World()
    expect((await world.request('/api/people?q=xx')).status).toBe(401)
    expect((await world.api('POST', '/api/erase', { ids: ['cmt_1'] }, {})).status).toBe(401)
  })

  it('can be found, downloaded and erased in the dashboard, after a preview', async () => {
    const world = new World()
    const [first = '', ...others] = await aPerson(world)
    const browser = await ownerBrowser(world)
    expect(await (await browser.get('/admin/moving')).text()).toContain('href="/admin/moving/people"')
    expect(await browser.see(`/admin/moving/people?q=${WORDS}`)).toContain('Erase selected entries')
    expect(await browser.see('/admin/moving/people?q=nobody-at-all')).toContain('No entry')
    const file = await browser.get(`/admin/moving/people/export?q=${WORDS}`)
    expect(file.headers.get('Content-Disposition')).toContain('attachment')
    expect(await browser.see('/admin/moving/people/erase?q=x')).toContain('at least one')
    const preview = await browser.see(`/admin/moving/people/erase?q=${WORDS}&ids=${first}&ids=${others[0]}`)
    expect(preview).toContain('erases 2 entries')
    expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(5)
    const done = await browser.submit('/admin/moving/people/erase', { q: WORDS, ids: first })
    expect(done).toMatchObject({ status: 303, location: `/admin/moving/people?q=${WORDS}&erased=1` })
    expect(await browser.see(done.location ?? '')).toMatch(/erased [^.]*: 1\b/)
  })
})
