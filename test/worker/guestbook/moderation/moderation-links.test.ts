import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { FORM, signAsGuest, withModeration } from '../../../support/session'
import { BASE, World } from '../../../support/world'

const LINKS = ['approve_url', 'hide_url', 'spam_url'] as const
type Links = Record<(typeof LINKS)[number] | 'expires_at', string>

/** An entry that waits. @returns its id, and the paths of the links in its event */
async function held(world: World, text = 'Please publish me') {
  const box = mailbox()
  await withModeration(world)
  await anEndpoint(world, box.url(), { event_types: ['comment.held'] })
  await signAsGuest(world, { body: text })
  await world.drain()
  const [request] = await box.received()
  const { comment, moderation } = JSON.parse(request?.body ?? '').data as { comment: { id: string }; moderation: Links }
  const path = (name: (typeof LINKS)[number]) => new URL(moderation[name]).pathname
  return { id: comment.id, moderation, path, see: async () => (await world.request(path('approve_url'))).text() }
}

const press = (world: World, path: string) => world.request(path, { method: 'POST', headers: FORM, body: '' })
const statusOf = async (world: World, id: string) => (await world.api('GET', `/api/comments/${id}`)).body.status

describe('a link in comment.held', () => {
  it.each([
    ['approve_url', 'published'],
    ['hide_url', 'hidden'],
    ['spam_url', 'spam'],
  ] as const)('%s moderates the entry once, by a button, so that a scanner changes nothing', async (name, status) => {
    const world = new World()
    const { id, path } = await held(world)
    for (const method of ['GET', 'HEAD', 'GET']) {
      const shown = await world.request(path(name), { method })
      expect(shown.status).toBe(200)
      expect(shown.headers.get('Cache-Control')).toBe('no-store')
    }
    expect(await statusOf(world, id)).toBe('held')
    // A double click and a reload show the result, too. The other links no longer work.
    for (let click = 1; click <= 2; click++) {
      const { headers } = await press(world, path(name))
      expect(headers.get('Location')).toBe(path(name))
      expect(await statusOf(world, id)).toBe(status)
      expect(await (await world.request(path(name))).text()).toContain('<h1>Done</h1>')
    }
    for (const other of LINKS.filter((link) => link !== name))
      expect((await press(world, path(other))).status).toBe(410)
    expect(await statusOf(world, id)).toBe(status)
  })

  it('shows the entry, escaped, and does not work from another site', async () => {
    const world = new World()
    const { path, see } = await held(world, '<b>Hi</b>')
    expect(await see()).toContain('&lt;b&gt;Hi&lt;/b&gt;')
    const headers = { ...FORM, Origin: 'https://evil.example' }
    expect((await world.request(path('approve_url'), { method: 'POST', headers, body: '' })).status).toBe(403)
  })

  it('can be pressed by a program that sends no form', async () => {
    const world = new World()
    const { id, path } = await held(world)
    const pressed = await world.request(path('approve_url'), { method: 'POST', headers: { Origin: BASE } })
    expect([pressed.status, await statusOf(world, id)]).toEqual([303, 'published'])
  })

  it('does not work after a week, after the entry was moderated, or after it was held again', async () => {
    const world = new World()
    const { id, path, moderation } = await held(world)
    expect(Date.parse(moderation.expires_at) - Date.now()).toBeLessThanOrEqual(7 * 86_400_000)
    await world.api('PATCH', `/api/comments/${id}`, { status: 'published' })
    expect((await press(world, path('spam_url'))).status).toBe(410)
    await world.api('PATCH', `/api/comments/${id}`, { status: 'held' })
    expect((await press(world, path('spam_url'))).status).toBe(410)
    expect(await statusOf(world, id)).toBe('held')
  })

  it('cannot be forged or changed', async () => {
    const world = new World()
    const { path } = await held(world)
    const approve = path('approve_url')
    const later = approve.replace(/\.(\d+)\./, (_, time) => `.${Number(time) + 1}.`)
    for (const forged of [
      approve.replace('approve', 'spam'),
      later,
      approve.replace(/.(?=.{10}$)/, (char) => (char === 'A' ? 'B' : 'A')),
      '/moderate/mod_x',
      `${approve}/x`,
    ]) {
      expect([forged, (await press(world, forged)).status]).toEqual([forged, 404])
    }
  })

  it('is missing if SECRETS_KEY is unusable, and the entry waits all the same', async () => {
    const world = await withModeration(new World({ SECRETS_KEY: '' }))
    await signAsGuest(world, {})
    const payload = await env.DB.prepare("select payload from messages where type = 'comment.held'").first<string>(
      'payload'
    )
    expect(JSON.parse(payload ?? '').data).toMatchObject({ moderation: null })
  })
})
