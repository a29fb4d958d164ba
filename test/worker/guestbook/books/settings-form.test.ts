import { describe, expect, it } from 'vitest'
import { THEME_SLUGS } from '../../../../src/guestbook/rules/looks/themes'
import { aComment } from '../../../support/fixtures'
import { BOOK_FORM, FORM, ownerBrowser, partOf } from '../../../support/session'
import { World } from '../../../support/world'
import { formsIn } from '../../ui/page-forms'

/* The settings of a book in the dashboard: one form in tabs. */

const PATH = '/admin/books/main'
/** The form as it is at first. */
const FIRST = { ...BOOK_FORM, smileys: 'on', show_numbers: 'on', allows_private: 'on', webmentions: 'on' }

async function owner() {
  const world = new World()
  const browser = await ownerBrowser(world)
  const settings = async () => (await world.api<Record<string, unknown>>('GET', '/api/books/main')).body
  return { world, browser, settings, title: String((await settings()).title) }
}

it('a form of settings that was open for long changes only what was edited in it', async () => {
  const world = new World()
  const browser = await ownerBrowser(world)
  const html = await (await browser.get('/admin/books/main')).text()
  const [form] = formsIn(html, '/admin/books/main').filter(({ fields }) =>
    fields.some(([name]) => name === 'blocked_words')
  )
  await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'], is_open: false })
  const fields = { ...Object.fromEntries(form?.fields ?? []), title: 'New title' }
  expect((await browser.submit('/admin/books/main', fields)).status).toBe(303)
  const { body } = await world.api('GET', '/api/books/main')
  expect(body).toMatchObject({ title: 'New title', blocked_words: ['casino'], is_open: false })
})

describe('the settings of a book', () => {
  it('are saved with their names, at the tab of the last one that was changed', async () => {
    const { browser, settings } = await owner()
    const saved = await browser.submit(PATH, { ...FIRST, title: 'New', max_links: '3' })
    expect(saved).toMatchObject({ status: 303, location: `${PATH}?saved=title,max_links#approval` })
    expect(await browser.notice(`${PATH}?saved=title,max_links`)).toMatch(/Title, Links/)
    expect(await settings()).toMatchObject({ title: 'New', max_links: 3 })
  })

  it('say it if nothing was changed, and nothing that somebody wrote into the address', async () => {
    const { browser, title } = await owner()
    expect((await browser.submit(PATH, { ...FIRST, title })).location).toBe(`${PATH}?saved=`)
    expect(await browser.notice(`${PATH}?saved=`)).toMatch(/nothing/i)
    expect(await browser.notice(`${PATH}?saved=constructor,You+won`)).toMatch(/nothing/i)
  })

  it('get a theme by one click, which keeps what else was entered', async () => {
    const { world, browser, settings } = await owner()
    const html = await (await browser.get(PATH)).text()
    for (const slug of THEME_SLUGS) expect(html.includes(`value="${slug}"`)).toBe(true)
    const form = new URLSearchParams({ ...FIRST, title: 'New' })
    form.append('theme', 'visitors')
    const headers = { ...browser.cookie, ...FORM }
    const response = await world.request(PATH, { method: 'POST', headers, body: form.toString() })
    expect([response.status, response.headers.get('Location')]).toEqual([
      303,
      expect.stringMatching(/title,theme&was=\w+#chosen-theme$/),
    ])
    expect(await settings()).toMatchObject({ title: 'New', theme: 'visitors' })
  })

  it('get the theme of a preview, and give it back', async () => {
    const { world, browser, settings } = await owner()
    const preview = await (await browser.get(`${PATH}/preview?theme=zine`)).text()
    expect(preview).toMatch(/href="\/admin\/books\/main#setting-theme".*action="\/admin\/books\/main\/theme"/s)
    const { location } = await browser.submit(`${PATH}/theme`, { theme: 'zine' })
    expect(location).toBe(`${PATH}?saved=theme&was=nineties#chosen-theme`)
    expect(await settings()).toMatchObject({ theme: 'zine' })
    expect(await (await browser.get(location ?? '')).text()).toMatch(/<li id="chosen-theme">(?:(?!<\/li>).)*✓ Zine/s)
    const undo = (html: string) => html.match(/<button class="link" type="submit" name="theme" value="(\w+)">/)?.[1]
    expect(undo(await (await browser.get(location ?? '')).text())).toBe('nineties')
    const form = new URLSearchParams({ ...FIRST, title: 'New', theme: 'zine' })
    form.append('theme', 'nineties')
    const headers = { ...browser.cookie, ...FORM }
    await world.request(PATH, { method: 'POST', headers, body: form.toString() })
    expect(await settings()).toMatchObject({ title: 'New', theme: 'nineties' })
    for (const was of ['nineties', 'no theme', '"><script>'])
      expect(
        undo(await (await browser.get(`${PATH}?saved=theme&was=${encodeURIComponent(was)}`)).text())
      ).toBeUndefined()
    expect((await browser.submit(`${PATH}/theme`, { theme: 'none' })).status).toBe(422)
  })

  it('keep everything that was entered if one of them is refused, in another tab, too', async () => {
    const { browser, settings } = await owner()
    const refused = await browser.post(PATH, { ...BOOK_FORM, title: 'New', home_url: 'x', blocked_words: 'casino' })
    const html = await refused.text()
    expect([refused.status, partOf(html, 'role="alert"') !== '']).toEqual([422, true])
    expect(html).toMatch(/value="New".*casino.*aria-invalid/s)
    expect(await settings()).toMatchObject({ blocked_words: [] })
  })

  it('keep the questions, and what was done with them, while another field is refused', async () => {
    const { world, browser, settings } = await owner()
    const ask = (text: string) => ({ text, is_required: false, expected: null })
    const texts = async () => ((await settings()).questions as { text: string }[]).map(({ text }) => text)
    const questions = ['A', 'B', 'C'].map(ask)
    for (const [typed, left] of [
      [{ questions_0_text: '', questions_1_text: '' }, ['C']],
      [{ questions_act: 'remove 1' }, ['A', 'C']],
      [{ questions_act: 'down 0' }, ['B', 'A', 'C']],
    ] as const) {
      await world.api('PATCH', '/api/books/main', { questions })
      const fieldsOf = (html: string) =>
        Object.fromEntries(
          formsIn(html, PATH).find(({ fields }) => fields.some(([name]) => name === 'title'))?.fields ?? []
        )
      const fields = fieldsOf(await (await browser.get(PATH)).text())
      const refused = await browser.post(PATH, { ...fields, ...typed, home_url: 'x' })
      expect(refused.status).toBe(422)
      await browser.submit(PATH, { ...fieldsOf(await refused.text()), home_url: '' })
      expect(await texts()).toEqual(left)
    }
  })

  it('refuse an expected answer without its question, beside the field', async () => {
    const { browser, settings } = await owner()
    const refused = await browser.post(PATH, { ...FIRST, title: 'New', questions_0_expected: 'blue' })
    const html = await refused.text()
    expect([refused.status, (await settings()).questions]).toEqual([422, []])
    expect(html).toMatch(/<input[^>]*name="questions_0_text"[^>]*aria-invalid/)
    expect(html).toMatch(/<input[^>]*name="questions_0_expected"[^>]*value="blue"/)
  })

  it('show what cannot be undone in a tab of its own', async () => {
    const { world, browser } = await owner()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const danger = async (path: string) => (await (await browser.get(path)).text()).split('id="danger"')[1]
    expect(await danger('/admin/books/summer')).toContain('/admin/books/summer/delete')
    expect(await danger(PATH)).not.toContain('<form')
  })
})

describe('a thumbnail of a book', () => {
  it('has its latest entries, a theme, and no script', async () => {
    const { world, browser } = await owner()
    await world.api('PATCH', '/api/books/main', { moderation: 'none', drawings: 'on' })
    for (let n = 1; n <= 6; n++) await aComment(world, { body: `Entry ${n}` })
    const response = await browser.get(`${PATH}/preview?theme=corkboard&small`)
    const html = await response.text()
    expect(html).toMatch(/themes\/corkboard\.css.*thumbnail\.css.*Entry 6.*Entry 3/s)
    expect(html).not.toMatch(/Entry 2|<script/)
    expect(response.headers.get('X-Frame-Options')).toBe('SAMEORIGIN')
    expect(html.length).toBeLessThan(30_000)
  })

  it('has sample entries while the book has none. Guests do not see them', async () => {
    const { world, browser } = await owner()
    const shown = async (path: string) => (await (await browser.get(path)).text()).match(/id="sample-/g)?.length ?? 0
    for (const path of [`${PATH}/preview?theme=zine`, `${PATH}/preview?theme=zine&small`])
      expect(await shown(path)).toBe(3)
    for (const path of ['/', '/?page=1', '/sign', '/embed/main']) expect(await shown(path)).toBe(0)
    await world.api('PATCH', '/api/books/main', { moderation: 'none' })
    await aComment(world, { body: 'The first' })
    expect(await shown(`${PATH}/preview?theme=zine`)).toBe(0)
  })
})
