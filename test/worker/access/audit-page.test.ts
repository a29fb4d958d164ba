import { describe, expect, it } from 'vitest'
import PHRASES from '../../../public/acts.json'
import { actNames } from '../../../src/access/acts'
import { PERIODS } from '../../../src/kit/sweep/retention-setting'
import '../../../src/app'
import { nounOf, phraseOf } from '../../../src/owner/audit/act-words'
import { PICTURES } from '../../fixtures/pictures'
import { aComment, anEndpoint } from '../../support/fixtures'
import { ownerBrowser } from '../../support/session'
import { World } from '../../support/world'
import { aKey, withKey } from './a-key'

const PATH = '/admin/access/audit'

/** @returns what the page says about each act, newest first, without tags */
async function sentences(browser: Awaited<ReturnType<typeof ownerBrowser>>, path = PATH): Promise<string[]> {
  const html = await (await browser.get(path)).text()
  const cells = [...html.matchAll(/<td class="wide">(.*?)<\/td>/gs)].map(([, cell = '']) => cell)
  return cells.map((cell) =>
    cell
      .replace(/<button.*?<\/button>/g, '')
      .replace(/<[^>]*>/g, '')
      .trim()
  )
}

describe('the page of the audit log', () => {
  it('says in words who did what, with names, and links to what still exists', async () => {
    const world = new World()
    const endpoint = await anEndpoint(world, 'https://example.com/')
    const gone = await anEndpoint(world, 'https://gone.example/hook')
    const entry = await aComment(world, { name: 'Fern' })
    const key = await aKey(world, ['write'], { name: 'CI' })
    const { body: source } = await world.api<{ id: string }>('POST', '/api/sources', {
      name: 'Shop',
      provider: 'unsigned',
    })
    await world.api('PATCH', '/api/books/main', { title: 'The Fen' })
    await world.api('PATCH', `/api/endpoints/${endpoint.id}`, { description: 'Alerts' }, withKey(key))
    await world.api('PUT', `/api/comments/${entry.id}/reply`, { body: 'Thanks' })
    await world.api('DELETE', `/api/endpoints/${gone.id}`)
    const browser = await ownerBrowser(world)
    await browser.post('/admin/comments', { action: 'spam', ids: entry.id })
    expect(await sentences(browser)).toEqual([
      'You marked the entry by Fern as spam',
      expect.stringMatching(/^You deleted the endpoint ep_…\w{6}$/),
      'You replied to the entry by Fern',
      'The API key CI changed the endpoint Alerts',
      expect.stringMatching(/^You changed the book The Fen.*Title: My Guestbook → The Fen$/s),
      'You created the source Shop',
      'You created the API key CI',
      'You wrote the entry by Fern',
      expect.stringMatching(/^You created the endpoint ep_…\w{6}$/),
      'You created the endpoint Alerts',
    ])
    const html = await (await browser.get(PATH)).text()
    for (const href of [`comments/${entry.id}`, `endpoints/${endpoint.id}`, `sources/${source.id}`, 'books/main'])
      expect(html).toContain(`href="/admin/${href}"`)
    expect(html).not.toContain(`/admin/endpoints/${gone.id}`)
  })

  it('says what was changed although it is gone, and names only some of many', async () => {
    const world = new World()
    const entries: string[] = []
    for (let i = 0; i < 5; i++) entries.push((await aComment(world, { name: `Guest ${i}`, body: `Hi ${i}` })).id)
    const browser = await ownerBrowser(world)
    await browser.post('/admin/comments', { action: 'hide', ids: entries.join(',') })
    expect((await sentences(browser))[0]).toMatch(/^You hid the entry by .*, .*, .* and 2 more$/)
    await browser.post(`/admin/comments/${entries[0]}`, { action: 'delete' })
    expect((await sentences(browser))[0]).toMatch(/^You deleted the entry cmt_…\w{6}$/)
  })

  it('names the book of a picture and of a ban', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { title: 'The Fen' })
    const { body: ban } = await world.api<{ id: string }>('POST', '/api/books/main/bans', { by: 'word', value: 'x' })
    const { body: picture } = await world.api<{ id: string }>('POST', '/api/books/main/pictures', {
      content: PICTURES.gif,
    })
    await world.api('PATCH', `/api/books/main/pictures/${picture.id}`, { alt: 'A fen' })
    await world.api('DELETE', `/api/books/main/pictures/${picture.id}`)
    for (let i = 0; i < 2; i++) await world.api('DELETE', `/api/books/main/bans/${ban.id}`)
    expect((await sentences(await ownerBrowser(world))).slice(0, 5)).toEqual([
      'You removed a ban from the book The Fen',
      'You removed a picture from the book The Fen',
      'You changed a picture of the book The Fen',
      'You added a picture to the book The Fen',
      'You banned a guest from the book The Fen',
    ])
  })

  it('is filtered by what was changed, by credential and by time; names take one more round trip', async () => {
    const world = new World()
    await anEndpoint(world, 'https://example.com/')
    const key = await aKey(world, ['write'], { name: 'CI' })
    await world.api('PATCH', '/api/books/main', { title: 'x' }, withKey(key))
    const browser = await ownerBrowser(world)
    expect(await sentences(browser, `${PATH}?act=endpoint.`)).toHaveLength(1)
    expect(await sentences(browser, `${PATH}?actor=key`)).toEqual([
      expect.stringContaining('The API key CI changed the book x'),
    ])
    expect(await sentences(browser, `${PATH}?range=hour`)).toHaveLength(3)
    expect(await sentences(browser, `${PATH}?until=2026-01-01T00:00`)).toEqual([])
    world.recorder.executed.length = 0
    await browser.get(PATH)
    expect(world.recorder.executed.filter(({ sql }) => sql.includes('json_each')).length).toBeLessThanOrEqual(5)
  })

  it('says what has changed in the settings, in a form and in the API', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/settings/registration', { registration: 'approve' })
    const days = { settled_days: '30', failed_days: '90', jobs_days: '30', audit_days: '7' }
    await browser.submit('/admin/storage/retention', days)
    await world.api('PATCH', '/api/settings', { registration: 'open' })
    const [third, second, first] = await sentences(browser)
    expect(first).toContain('Registration: off → approve')
    expect(second).toContain(`${PERIODS.audit_days.label}: 90 → 7`)
    expect(third).toContain('Registration: approve → open')
    const { body } = await world.api<{ data: { act: string; changes: string[] }[] }>('GET', '/api/audit')
    expect(body.data.map(({ act, changes }) => [act, changes.toSorted()])).toEqual([
      ['settings.updated', ['registration: approve → open']],
      ['settings.updated', ['audit_days: 90 → 7']],
      ['settings.updated', ['registration: off → approve']],
      expect.anything(),
    ])
  })

  it('names the event that was published, and what was chosen in words', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { moderation: 'all' })
    const { body } = await world.api<{ id: string }>('POST', '/api/messages', { type: 'order.paid', data: {} })
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/messages', { type: 'order.sent', data: '{}' })
    const [typed, sent, changed] = await sentences(browser)
    expect(typed).toBe('You published the event order.sent')
    expect(sent).toBe('You published the event order.paid')
    expect(changed).toContain('The first entry of each guest → Every entry')
    expect(await (await browser.get(PATH)).text()).toContain(`href="/admin/messages/${body.id}"`)
  })

  it('says what has changed in a book, briefly, and the API says it, too', async () => {
    const world = new World()
    const css = `h1 { color: red } ${'/* long */'.repeat(9)}`
    const change = { theme: 'zine', has_search: true, css, blocked_words: ['casino'], max_links: 2 }
    await world.api('PATCH', '/api/books/main', change)
    const [said = ''] = await sentences(await ownerBrowser(world))
    for (const line of ['Theme: nineties → zine', 'Search: off → on', 'Custom CSS', 'Blocked texts'])
      expect(said).toContain(line)
    expect(said).not.toMatch(/casino|color|Links/)
    const { body } = await world.api<{ data: { subject: string; changes: string[] }[] }>('GET', '/api/audit?act=book.')
    expect(body.data[0]?.subject).toBe('main')
    expect(body.data[0]?.changes.toSorted()).toEqual([
      'blocked_words',
      'css',
      'has_search: off → on',
      'theme: nineties → zine',
    ])
  })

  it('leaves logins out, unless they are asked for', async () => {
    const browser = await ownerBrowser(new World())
    expect(await sentences(browser)).toEqual([])
    for (const query of ['logins=yes', 'act=session.'])
      expect(await sentences(browser, `${PATH}?${query}`)).toEqual(['You logged in'])
  })

  it('has words for every act', () => {
    const said = actNames().map((act) => `${phraseOf(PHRASES, act)} ${nounOf(act.split('.')[0] ?? '')}`)
    expect(said.length).toBeGreaterThan(50)
    expect(said.filter((words) => /_|undefined/.test(words))).toEqual([])
  })
})
