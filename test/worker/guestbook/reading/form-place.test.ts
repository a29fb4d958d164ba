import { describe, expect, it } from 'vitest'
import { answerFields } from '../../../../src/guestbook/rules/entries/answers'
import { EN } from '../../../../src/guestbook/rules/languages/en'
import { aComment } from '../../../support/fixtures'
import { guestBrowser, signAsGuest, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

async function aBookWith(form_place: string) {
  const world = await withoutModeration(new World())
  await aComment(world, { body: 'An entry' })
  await world.api('PATCH', '/api/books/main', { form_place, return_origins: ['https://home.example'] })
  return world
}

const page = async (world: World, path = '/') => (await world.request(path)).text()

describe('the form', () => {
  it('starts with the name and the text, and everything that nobody has to fill in is folded', async () => {
    const world = await aBookWith('above')
    const questions = [
      { text: 'Who sent you?', is_required: true },
      { text: 'Cats?', is_required: false },
    ]
    await world.api('PATCH', '/api/books/main', { questions, asks_for: ['mood', 'place'], avatars: 'face' })
    const html = await page(world)
    const folded = html.indexOf('<details class="more">')
    const [sent, cats] = answerFields(questions)
    for (const name of ['name', 'body', sent]) expect(html.indexOf(` name="${name}"`)).toBeLessThan(folded)
    for (const name of ['website', cats, 'mood', 'mood_choice', 'place', 'avatar', 'pre', 'is_private']) {
      expect(html.indexOf(` name="${name}"`)).toBeGreaterThan(folded)
    }
  })

  it('is unfolded again if something in it was filled in or is wrong', async () => {
    const world = await aBookWith('above')
    const nameless = await signAsGuest(world, { name: '' })
    expect(await nameless.text()).toContain('<details class="more">')
    const wrong = await signAsGuest(world, { website: 'javascript:x' })
    expect(await wrong.text()).toContain('<details class="more" open')
    const preview = await signAsGuest(world, { website: 'a.example', preview: 'yes' })
    expect(await preview.text()).toContain('<details class="more" open')
  })

  it('is below the entries if the owner wants that, with a link to it above them', async () => {
    const html = await page(await aBookWith('below'))
    expect(html.indexOf('An entry')).toBeLessThan(html.indexOf('id="sign"'))
    expect(html.indexOf('href="#sign"')).toBeLessThan(html.indexOf('An entry'))
  })

  it('has a page of its own if the owner wants that, also after an error and in a preview', async () => {
    const world = await aBookWith('page')
    const book = await page(world)
    expect(book).not.toContain('id="sign"')
    expect(book).toContain('href="/sign"')
    expect(await page(world, '/embed/main')).toContain('href="/embed/main/sign" target="_self"')
    const refused = await signAsGuest(world, { body: '' })
    const preview = await signAsGuest(world, { preview: 'yes' })
    const pages = [
      await page(world, '/sign'),
      await page(world, '/embed/main/sign'),
      await page(world, '/?return_to=https://home.example/x'),
      await refused.text(),
      await preview.text(),
    ]
    for (const html of pages) {
      expect(html).toContain('id="sign"')
      expect(html).not.toContain('An entry')
    }
    expect(pages[2]).toContain('name="return_to" value="https://home.example/x"')
    expect((await signAsGuest(world, {})).headers.get('Location')).toBe('/?signed=published#thanks')
  })

  it('says before anybody signs which entries wait, wherever it is', async () => {
    const world = await aBookWith('above')
    const paths = ['/', '/sign', '/embed/main', '/embed/main/sign']
    for (const [moderation, shown] of [
      ['all', EN.waits_all],
      ['first', EN.waits_first],
      ['none', null],
    ] as const) {
      await world.api('PATCH', '/api/books/main', { moderation })
      for (const path of paths) {
        const html = await page(world, path)
        const hints = [EN.waits_all, EN.waits_first].filter((hint) => html.includes(`<p class="hint">${hint}</p>`))
        expect([path, hints]).toEqual([path, shown === null ? [] : [shown]])
        if (shown) expect(html.indexOf(shown)).toBeLessThan(html.indexOf(`>${EN.sign}<`))
      }
    }
  })

  it('says which marks work, if the book has markup, also when an entry is edited', async () => {
    const world = await aBookWith('above')
    const hint = `(${EN.markup_hint.replace('>', '&gt;')})`
    expect(await page(world)).not.toContain(hint)
    await world.api('PATCH', '/api/books/main', { markup: true })
    for (const path of ['/', '/sign', '/embed/main']) expect(await page(world, path)).toContain(hint)
    const browser = guestBrowser(world)
    await browser.sign({ body: 'Mine' })
    const edit = /href="(\/comments\/cmt_\w+\/edit)"/.exec(await (await browser.get('/')).text())?.[1] ?? ''
    expect(await (await browser.get(edit)).text()).toContain(hint)
  })

  it('offers ten moods, and the words of the guest count more', async () => {
    const world = await aBookWith('above')
    await world.api('PATCH', '/api/books/main', { asks_for: ['mood'] })
    const moods = [...(await page(world)).matchAll(/name="mood_choice" value="([^"]+)"/g)].map(([, mood = '']) => mood)
    expect(moods).toHaveLength(10)
    await signAsGuest(world, { body: 'One', mood_choice: moods[3] ?? '' })
    await signAsGuest(world, { body: 'Two', mood_choice: moods[3] ?? '', mood: 'like a cat' })
    const { body } = await world.api('GET', '/api/comments?limit=2')
    expect(body).toMatchObject({ data: [{ mood: 'like a cat' }, { mood: moods[3] }] })
  })
})

describe('an edit', () => {
  it('covers every field, and keeps what the form does not have', async () => {
    const world = await aBookWith('above')
    const questions = [{ text: 'Who sent you?' }, { text: 'What is 2 + 2?', expected: '4' }]
    await world.api('PATCH', '/api/books/main', { questions, asks_for: ['mood', 'place'], avatars: 'face' })
    const browser = guestBrowser(world)
    const given = { answer_0: 'A moth', answer_1: '4', mood: 'calm', place: 'a fen', avatar: 'cat', pre: 'on' }
    const drawn = 'a  b\n\n\n  c'
    await browser.sign({ name: 'Ada', website: 'a.example', body: drawn, ...given })
    const id = /id="(cmt_\w+)"/.exec(await (await browser.get('/?signed=published')).text())?.[1] ?? ''
    const form = await (await browser.get(`/comments/${id}/edit`)).text()
    for (const value of ['Ada', 'https://a.example/', 'A moth', 'calm', 'a fen'])
      expect(form).toContain(`value="${value}"`)
    expect(form).toMatch(/value="cat" checked/)
    expect(form).toMatch(/name="pre" checked|checked[^>]*name="pre"/)
    expect(form).not.toContain('2 + 2')
    const changed = { answer_0: 'A friend', mood: 'sad', place: '', avatar: 'dog' }
    await browser.post(`/comments/${id}/edit`, { name: 'Ada L.', website: '', body: drawn, pre: 'on', ...changed })
    const { body } = await world.api('GET', `/api/comments/${id}`)
    const answers = [{ question: 'Who sent you?', answer: 'A friend' }]
    expect(body).toMatchObject({
      name: 'Ada L.',
      website: null,
      body: drawn,
      answers,
      mood: 'sad',
      place: null,
      pre: true,
    })
    expect(await page(world)).toContain('/dog.svg')
    const wrong = await browser.post(`/comments/${id}/edit`, { name: 'Ada', body: 'x', mood: 'x'.repeat(99) })
    expect([wrong.status, (await wrong.text()).includes('id="e-mood"')]).toEqual([422, true])
  })

  it('of any field is judged and reported like one of the text', async () => {
    const world = await aBookWith('above')
    await world.api('PATCH', '/api/books/main', { asks_for: ['mood'], blocked_words: ['casino'] })
    const { body } = await world.api<{ id: string; edit_token: string }>(
      'POST',
      '/api/comments',
      { name: 'Ada', body: 'Hello', mood: 'calm' },
      {}
    )
    const own = { Authorization: `Bearer ${body.edit_token}` }
    const change = (fields: object) => world.api('PATCH', `/api/comments/${body.id}`, fields, own)
    expect(await change({ mood: 'glad' })).toMatchObject({ status: 200, body: { mood: 'glad', status: 'published' } })
    expect((await change({ mood: 'glad', place: 'not asked for' })).body).toMatchObject({ place: null })
    expect(await change({ mood: 'casino' })).toMatchObject({ body: { status: 'held' } })
  })
})
