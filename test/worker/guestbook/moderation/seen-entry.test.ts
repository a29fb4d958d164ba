import { describe, expect, it } from 'vitest'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser, signAsGuest } from '../../../support/session'
import { World } from '../../../support/world'

const BOOK = {
  moderation: 'all',
  asks_for: ['mood', 'place'],
  questions: [{ text: 'How did you find me?' }],
  avatars: 'face',
  own_smileys: [{ text: ':parrot:', emoji: '🦜' }],
  markup: true,
}

const FIELDS = {
  name: 'Grace',
  website: 'https://grace.example/me',
  body: `A *bold* text with https://link.example/x and a :parrot:\n\n${'Long. '.repeat(400)}The end`,
  mood: 'buy pills',
  place: 'casino.example',
  answer_0: 'A webring',
  avatar: 'robot',
}

/** What an entry shows on its public page: its texts, the pictures, and where its links lead. */
function partsOf(html: string): string[] {
  const [article = ''] = /<article.*<\/article>/s.exec(html) ?? []
  const shown = article.replace(/<summary>.*<\/summary>/s, '').replace(/<footer>.*<\/footer>/s, '')
  const texts = shown.split(/<[^>]*>/).map((text) => text.trim())
  const attributes = [...shown.matchAll(/ (?:href|src|d|title)="([^"]+)"/g)].map(([, value = '']) => value)
  return [...texts, ...attributes].filter((part) => part !== '' && part !== 'No. 1')
}

describe('whoever decides about an entry', () => {
  it('sees all that will be public, as it will look, in the queue, on its page, and on the page of a link', async () => {
    const world = new World()
    expect((await world.api('PATCH', '/api/books/main', BOOK)).status).toBe(200)
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.held'] })
    expect((await signAsGuest(world, FIELDS)).status).toBe(303)
    await world.drain()
    const [event] = await box.received()
    const { comment, moderation } = JSON.parse(event?.body ?? '').data
    const owner = await ownerBrowser(world)
    const link = new URL(moderation.approve_url).pathname
    const pages: Record<string, string> = {}
    for (const path of ['/admin/comments?status=held', '/admin/comments', `/admin/comments/${comment.id}`, link])
      pages[path] = await (await owner.get(path)).text()
    await world.api('PATCH', `/api/comments/${comment.id}`, { status: 'published' })
    const parts = partsOf(await (await world.request(`/comments/${comment.id}`)).text())
    for (const part of ['Grace', FIELDS.website, 'bold', '🦜', 'https://link.example/x', 'A webring'])
      expect(parts).toContain(part)
    expect(parts.join()).toMatch(/buy pills.*casino\.example/s)
    expect(parts.join()).toContain('The end')
    for (const [path, html] of Object.entries(pages)) {
      expect([path, parts.filter((part) => !html.includes(part))]).toEqual([path, []])
      // The address is written out, because nobody sees where a name leads.
      expect(html.replace(/<[^>]*>/g, ' ')).toContain(FIELDS.website)
    }
  })

  it('sees the entry of a book that was deleted', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'old', title: 'Old', moderation: 'all' })
    await signAsGuest(world, { body: 'From an old book' }, { path: '/b/old/sign' })
    expect((await world.api('DELETE', '/api/books/old?confirm=old')).status).toBeLessThan(300)
    const owner = await ownerBrowser(world)
    expect(await owner.see('/admin/comments')).toContain('From an old book')
  })
})
