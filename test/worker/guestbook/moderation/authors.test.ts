import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { guestBrowser, withModeration, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

interface Comment {
  id: string
  status: string
  edit_token: string
}

const ban = (world: World) => world.api('POST', '/api/books/main/bans', { by: 'name', value: 'Mallory' })

const latest = async () =>
  (await env.DB.prepare('select id, status from comments order by id desc').first<
    Pick<Comment, 'id' | 'status'>
  >()) ?? {
    id: '',
    status: '',
  }

/** What a program learns when it signs, and when it then edits its entry. */
async function learnByProgram(world: World, name: string, is_private: boolean) {
  const entry = { name, body: `Hello ${crypto.randomUUID()}`, is_private }
  const signed = await world.api<Comment>('POST', '/api/comments', entry, {})
  const { status: stored } = await latest()
  const headers = { Authorization: `Bearer ${signed.body.edit_token}` }
  const edited = await world.api<Comment>('PATCH', `/api/comments/${signed.body.id}`, { body: entry.body }, headers)
  return { stored, learned: [signed.status, signed.body.status, edited.status, edited.body.status] }
}

/** The same for a browser: where it is sent, and what the page says about the time that is left. */
async function learnInBrowser(world: World, name: string, is_private: boolean) {
  const browser = guestBrowser(world)
  const body = `Hello ${crypto.randomUUID()}`
  const signed = await browser.sign({ name, body, ...(is_private && { is_private: 'on' }) })
  const { id, status: stored } = await latest()
  const page = await (await browser.get(signed.headers.get('Location') ?? '')).text()
  const [, until] = new RegExp(`/comments/${id}/edit">[^<]*</a> \\(([^<]*)<time`).exec(page) ?? []
  const edited = await browser.post(`/comments/${id}/edit`, { name, website: '', body })
  const learned = [signed, edited].map(({ headers }) => headers.get('Location')?.replace(id, 'cmt_'))
  return { stored, learned: [...learned, until] }
}

describe('the author of spam', () => {
  it.each([
    ['an entry that waits', false],
    ['another private entry', true],
  ])('learns the same as that of %s, when it is signed and when it is edited', async (_, isPrivate) => {
    const world = await withModeration(new World())
    expect((await ban(world)).status).toBe(201)
    for (const learn of [learnByProgram, learnInBrowser]) {
      const [other, spam] = [await learn(world, 'Ada', isPrivate), await learn(world, 'Mallory', isPrivate)]
      expect([other.stored, spam.stored]).toEqual([isPrivate ? 'hidden' : 'held', 'spam'])
      expect(spam.learned).toEqual(other.learned)
      if (learn === learnInBrowser && !isPrivate) expect(spam.learned).toContain('while it waits, until ')
    }
  })
})

it('no event contains a private entry, even if an earlier version has let it wait, and its guest edits it then', async () => {
  const world = await withoutModeration(new World())
  await world.api('PATCH', '/api/books/main', { max_links: 0 })
  const input = { name: 'Ada', body: 'A secret', is_private: true }
  const { body } = await world.api<Comment>('POST', '/api/comments', input, {})
  const path = `/api/comments/${body.id}`
  await env.DB.prepare("update comments set status = 'held'").run()
  const headers = { Authorization: `Bearer ${body.edit_token}` }
  expect((await world.api('PATCH', path, { body: 'A secret: www.a.example' }, headers)).status).toBe(200)
  expect(await latest()).toMatchObject({ status: 'hidden' })
  expect(await env.DB.prepare("select count(*) as n from messages where instr(payload, 'secret')").first('n')).toBe(0)
})
