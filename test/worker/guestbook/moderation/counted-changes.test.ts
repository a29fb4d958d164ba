import { describe, expect, it } from 'vitest'
import { ownerBrowser, signAsGuest, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

interface Listed {
  data: { id: string }[]
}

/** What strangers see of a book: its page, its list and its feed, each asked for as a browser that has seen it. */
async function viewsOf(world: World, slug: string) {
  const paths = [`/b/${slug}`, `/api/comments?book=${slug}`, `/b/${slug}/feed.atom`]
  const tags = await Promise.all(paths.map(async (path) => (await world.request(path)).headers.get('ETag') ?? ''))
  return () =>
    Promise.all(
      paths.map(async (path, i) => {
        const response = await world.request(path, { headers: { 'If-None-Match': tags[i] ?? '' } })
        return { status: response.status, text: await response.text() }
      })
    )
}

async function newest(world: World, slug: string): Promise<string> {
  return (await world.api<Listed>('GET', `/api/comments?book=${slug}`)).body.data[0]?.id ?? ''
}

async function countOf(world: World, slug: string): Promise<number> {
  return (await world.api<{ comment_count: number }>('GET', `/api/books/${slug}`)).body.comment_count
}

describe('a change that causes no event', () => {
  it('of the demo is on its page, list and feed at once, and is counted', async () => {
    const world = new World()
    await (await ownerBrowser(world)).submit('/admin/first-steps/demo', {})
    const [id, look, count] = [await newest(world, 'demo'), await viewsOf(world, 'demo'), await countOf(world, 'demo')]
    await world.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
    for (const { status, text } of await look()) expect([status, text.includes(id)]).toEqual([200, false])
    expect(await countOf(world, 'demo')).toBe(count - 1)
    const lookAgain = await viewsOf(world, 'demo')
    await world.api('PATCH', `/api/comments/${id}`, { status: 'published', body: 'Edited by me' })
    for (const { status, text } of await lookAgain())
      expect([status, text.includes('Edited by me')]).toEqual([200, true])
    expect(await countOf(world, 'demo')).toBe(count)
  })

  it('counts once, even if two people hide the same entry at the same time', async () => {
    const world = new World()
    await (await ownerBrowser(world)).submit('/admin/first-steps/demo', {})
    const [id, count] = [await newest(world, 'demo'), await countOf(world, 'demo')]
    const hide = () => world.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
    await Promise.all([hide(), hide()])
    expect(await countOf(world, 'demo')).toBe(count - 1)
  })

  it('of a deleted book is there when the book is restored', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'old', title: 'Old' })
    await withoutModeration(world, 'old')
    await signAsGuest(world, { body: 'One' }, { path: '/b/old/sign' })
    await signAsGuest(world, { body: 'Two' }, { path: '/b/old/sign' })
    const [id, look] = [await newest(world, 'old'), await viewsOf(world, 'old')]
    expect((await world.api('DELETE', '/api/books/old?confirm=old')).status).toBe(204)
    // Another isolate, which does not remember the book.
    await new World().api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
    await (await ownerBrowser(world)).submit('/admin/books/old/restore', {})
    for (const { status, text } of await look()) expect([status, text.includes(id)]).toEqual([200, false])
    expect(await countOf(world, 'old')).toBe(1)
  })
})
