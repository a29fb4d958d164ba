import { describe, expect, it } from 'vitest'
import { letPass } from '../../../support/clock'
import { aComment, aGuestComment } from '../../../support/fixtures'
import type { World } from '../../../support/world'
import { aWorld, registered, submit } from './integrator'

/** What the pull token of an integrator gives. */

type Page = { data: { body: string }[]; next: string | null; code?: string }

const tokenIn = (html: string) => /pull_[\w-]{43}/.exec(html)?.[0] ?? ''

async function pull(world: World, id: string, token: string, query = '') {
  const headers = { Authorization: `Bearer ${token}` }
  const { status, body } = await world.api<Page>('GET', `/api/endpoints/${id}/messages${query}`, undefined, headers)
  return { status, code: body.code, texts: body.data?.map((message) => JSON.parse(message.body).data.comment.body) }
}

describe('the pull token of an integrator', () => {
  it('is made with the private link, is shown once, is replaced, and is revoked', async () => {
    const world = await aWorld('open')
    const { id, path, see } = await registered(world)
    expect(await see('?tab=pull')).toContain(`action="${path}/pull-token"`)
    const made = await submit(world, `${path}/pull-token`)
    expect(made.status).toBe(303)
    const token = tokenIn(made.html)
    expect(await see('?tab=pull')).not.toContain('pull_')
    expect((await pull(world, id, token)).status).toBe(200)
    const next = tokenIn((await submit(world, `${path}/pull-token`)).html)
    expect((await pull(world, id, token)).status).toBe(401)
    expect((await pull(world, id, next)).status).toBe(200)
    const revoked = await submit(world, `${path}/pull-token/revoke`)
    expect(revoked.html).toMatch(/role="status"[^.]*revoked/)
    expect((await pull(world, id, next)).status).toBe(401)
  })

  it('gives nothing from before the registration, whatever is asked for', async () => {
    const world = await aWorld('open')
    await aComment(world, { body: 'before' })
    letPass(5_000)
    const { id, path } = await registered(world)
    await aComment(world, { body: 'after' })
    letPass(1_100)
    const token = tokenIn((await submit(world, `${path}/pull-token`)).html)
    for (const query of ['', '?after=', '?after=msg_00000000000000000000000000'])
      expect((await pull(world, id, token, query)).texts).toEqual(['after'])
    const { body } = await world.api<Page>('GET', `/api/endpoints/${id}/messages`)
    expect(body.data).toHaveLength(2)
  })

  it('gives nothing while the owner has not approved the endpoint, or has disabled it', async () => {
    const world = await aWorld('approve')
    const { id, path, see } = await registered(world)
    expect((await submit(world, `${path}/pull-token`)).status).toBe(409)
    expect(await see('?tab=pull')).not.toContain(`${path}/pull-token`)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    const token = tokenIn((await submit(world, `${path}/pull-token`)).html)
    expect((await pull(world, id, token)).status).toBe(200)
    await submit(world, `${path}/pause`)
    expect((await pull(world, id, token)).status).toBe(200)
    await world.api('POST', `/api/endpoints/${id}/disable`)
    expect(await pull(world, id, token)).toMatchObject({ status: 409, code: 'owner_decides' })
  })

  it('cannot be used more than 20 times a minute', async () => {
    const world = await aWorld('open')
    const { id, path } = await registered(world)
    const token = tokenIn((await submit(world, `${path}/pull-token`)).html)
    const statuses = []
    for (let n = 0; n < 21; n++) statuses.push((await pull(world, id, token)).status)
    expect(statuses.toSorted()).toEqual([...Array(20).fill(200), 429])
    expect((await world.api('GET', `/api/endpoints/${id}/messages`)).status).toBe(200)
  })

  it('gives no moderation links, whenever the owner gives some to the endpoint, which keeps them', async () => {
    const world = await aWorld('open')
    const { id, path } = await registered(world)
    await world.api('PATCH', '/api/books/main', { moderation: 'all' })
    const given = { event_types: ['comment.held'], moderation_links: true }
    await world.api('PATCH', `/api/endpoints/${id}`, given)
    const token = tokenIn((await submit(world, `${path}/pull-token`)).html)
    await aGuestComment(world)
    letPass(1_100)
    const linksFor = async (bearer?: string) => {
      const headers = bearer ? { Authorization: `Bearer ${bearer}` } : undefined
      const { body } = await world.api<Page>('GET', `/api/endpoints/${id}/messages`, undefined, headers)
      return body.data.map((message) => JSON.parse(message.body).data.moderation !== null)
    }
    expect(await linksFor(token)).toEqual([false])
    expect(await linksFor()).toEqual([true])
  })
})
