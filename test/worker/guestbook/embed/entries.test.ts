import { describe, expect, it } from 'vitest'
import type { TextBlock } from '../../../../src/guestbook/rules/looks/formatting'
import { THEME_SLUGS } from '../../../../src/guestbook/rules/looks/themes'
import { aComment, aGuestComment } from '../../../support/fixtures'
import { signAsGuest, withModeration, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

interface Listed {
  data: (Record<string, unknown> & { id: string; name: string; number: string | null; words: TextBlock[] })[]
  next: string | null
}

const PATH = '/api/books/main/embed/entries'

async function listed(world: World, query = ''): Promise<Listed> {
  const { status, body } = await world.api<Listed>('GET', PATH + query, undefined, {})
  expect(status).toBe(200)
  return body
}

describe('the entries that a script embeds', () => {
  it('are as the page shows them: markup, smileys, number, mood, place, answers, drawing and reply', async () => {
    const world = await withoutModeration(new World())
    const questions = [{ text: 'Which cat?', is_required: false, expected: null }]
    const settings = {
      show_numbers: true,
      asks_for: ['mood', 'place'],
      drawings: 'on',
      avatars: 'identicon',
      questions,
    }
    expect((await world.api('PATCH', '/api/books/main', { ...settings, markup: true, smileys: true })).status).toBe(200)
    const body = '*Hello* :-) https://example.com/\n\n> old'
    const more = { mood: 'happy', place: 'Porto', answers: ['Tom'], drawing: 'M10 20l5 3' }
    const { id } = await aGuestComment(world, { body, website: 'example.org', ...more })
    await world.api('PUT', `/api/comments/${id}/reply`, { body: '**Thanks**' })
    const [entry] = (await listed(world)).data
    expect(entry).toMatchObject({
      id,
      number: expect.stringContaining('1'),
      website: 'https://example.org/',
      is_cut: false,
      answers: [{ question: 'Which cat?', answer: 'Tom' }],
      details: [expect.stringContaining('happy'), expect.stringContaining('Porto')],
      mention: null,
      reply: [{ type: 'paragraph', inline: [{ type: 'strong', inline: [{ type: 'text', text: 'Thanks' }] }] }],
      face: null,
      identicon: { color: expect.stringMatching(/^#/), squares: expect.stringMatching(/^M/) },
      drawing: 'M10 20l5 3',
      drawing_frame: '-11 -2 48 48',
      url: `https://guestbook.example.com/comments/${id}`,
      edited: null,
    })
    const [paragraph, quote] = entry?.words ?? []
    const types = paragraph?.inline.map(({ type }) => type)
    expect(types).toEqual(['em', 'text', 'smiley', 'text', 'link'])
    expect(quote).toEqual({ type: 'quote', inline: [{ type: 'text', text: 'old' }] })
  })

  it('have only what their book shows, in the language of the page', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { asks_for: ['mood'], show_numbers: true })
    await aComment(world, { body: ' *\n\\*/  *', mood: 'froh', pre: true })
    const [german] = (await listed(world, '?language=de-AT')).data
    expect(german?.words).toEqual([{ type: 'pre', inline: [{ type: 'text', text: ' *\n\\*/  *' }] }])
    expect(german?.number).toContain('Nr')
    const off = { show_numbers: false, avatars: 'none', markup: false, smileys: false }
    await world.api('PATCH', '/api/books/main', off)
    await aComment(world, { body: '*a* :-)' })
    const [plain] = (await listed(world)).data
    const words = [{ type: 'paragraph', inline: [{ type: 'text', text: '*a* :-)' }] }]
    expect(plain).toMatchObject({ number: null, face: null, identicon: null, words })
  })

  it('have the face that the guest chose, at its public address', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { avatars: 'face' })
    await signAsGuest(world, { name: 'Cat', body: 'Meow', avatar: 'cat' })
    const [entry] = (await listed(world)).data
    expect(entry?.face).toBe('https://guestbook.example.com/faces/2/cat.svg')
  })

  it('have the face that a script has sent, until the guest chooses another one or none', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { avatars: 'face' })
    const given = { name: 'Cat', body: 'Meow', avatar: 'cat' }
    const { body } = await world.api<{ id: string; edit_token: string }>('POST', '/api/comments', given, {})
    const own = { Authorization: `Bearer ${body.edit_token}` }
    const face = async () => (await listed(world)).data[0]?.face
    expect(await face()).toContain('/cat.svg')
    for (const [avatar, shown] of [
      ['fox', expect.stringContaining('/fox.svg')],
      ['../fox', null],
    ]) {
      await world.api('PATCH', `/api/comments/${body.id}`, { avatar }, own)
      expect(await face()).toEqual(shown)
    }
  })

  it('leave out those that wait, that are spam or hidden, and that only the owner may read', async () => {
    const world = await withModeration(new World())
    const shown = await aComment(world, { name: 'Shown' })
    await aGuestComment(world, { name: 'Waits' })
    await aGuestComment(world, { name: 'Private', is_private: true })
    for (const status of ['hidden', 'spam']) {
      const { id } = await aComment(world, { name: status })
      await world.api('PATCH', `/api/comments/${id}`, { status })
    }
    expect((await listed(world)).data.map(({ id }) => id)).toEqual([shown.id])
  })

  it('come in pages whose numbers go on, and a long text is cut', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { show_numbers: true })
    for (let i = 1; i <= 5; i++)
      await aComment(world, { name: `Guest ${i}`, body: i === 1 ? 'long '.repeat(700) : 'x' })
    const numbers: unknown[] = []
    let next: string | null = null
    do {
      const page: Listed = await listed(world, `?limit=2${next ? `&cursor=${next}` : ''}`)
      numbers.push(...page.data.map(({ name, number }) => [name, number]))
      next = page.next
    } while (next)
    expect(numbers).toEqual([5, 4, 3, 2, 1].map((i) => [`Guest ${i}`, expect.stringMatching(new RegExp(`\\b${i}$`))]))
    expect((await listed(world)).data.map(({ is_cut }) => is_cut)).toEqual([false, false, false, false, true])
  })

  it('cost one row as long as nothing changes, and can be read from every site', async () => {
    const world = new World()
    for (let i = 0; i < 25; i++) await aComment(world)
    const first = await world.request(PATH)
    expect(first.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const headers = { 'If-None-Match': first.headers.get('ETag') ?? '' }
    const again = await new World().request(PATH, { headers })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const other = new World()
    await other.request(PATH, { headers })
    expect(other.invocations.at(-1)?.counts).toMatchObject({ rowsRead: 1, d1RoundTrips: 1, rowsWritten: 0 })
    await aComment(world)
    expect((await world.request(PATH, { headers })).status).toBe(200)
  })

  it.each([
    ['/api/books/none/embed/entries', 404],
    [`${PATH}?limit=101`, 422],
    [`${PATH}?cursor=nonsense`, 400],
    [`${PATH}?cursor=nonsense.7`, 400],
    [`${PATH}?cursor=msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A.7`, 400],
  ])('%s is refused', async (path, status) => {
    expect((await new World().api('GET', path)).status).toBe(status)
  })
})

describe('the colors of an embedded book', () => {
  const colors = async (world: World) => {
    const { body } = await world.api<{ colors: Record<string, string> }>('GET', '/api/books/main/embed', undefined, {})
    return body.colors
  }

  it.each(THEME_SLUGS)('are those of the theme %s', async (theme) => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { theme, accent: null })
    const found = await colors(world)
    expect(Object.keys(found).toSorted()).toEqual(['bad', 'ink', 'line', 'link', 'paper'])
    for (const name of ['bad', 'ink', 'link', 'paper']) expect(found[name]).toMatch(/^light-dark\(#\w+, #\w+\)$/)
  })

  it('have the accent of the owner', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { accent: '#b3005e' })
    expect((await colors(world)).link).toMatch(/^light-dark\(#/)
    await world.api('PATCH', '/api/books/main', { accent: null })
    const { link } = await colors(world)
    expect(link).not.toBe((await colors(new World())).paper)
  })
})
