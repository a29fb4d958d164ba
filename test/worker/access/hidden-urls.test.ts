import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { World } from '../../support/world'
import { exportAll, restore, wipe } from '../owner/moving/backups'
import { aKey, withKey } from './a-key'

type Endpoint = { id: string; url: string; status: string; code: string; errors: { path: string }[] }

async function asKey(world: World, ...scopes: string[]) {
  const key = withKey(await aKey(world, scopes))
  return (method: string, path: string, body?: object) => world.api<Endpoint>(method, path, body, key)
}

const storedUrl = async (id: string) =>
  (await env.DB.prepare('select url from endpoints where id = ?1').bind(id).first<Endpoint>())?.url

describe('the hidden URL of an endpoint', () => {
  it('is kept if a program reads an endpoint and writes it back', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.services.slack, { format: 'slack' })
    const key = await asKey(world, 'read', 'write')
    const { url } = (await key('GET', `/api/endpoints/${id}`)).body
    expect(url).not.toContain(box.name)
    const change = { url, format: 'slack', description: 'read and written' }
    expect(await key('PATCH', `/api/endpoints/${id}`, change)).toMatchObject({ status: 200, body: { url } })
    expect(await storedUrl(id)).toBe(box.services.slack)
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(1)
  })

  it('is no URL for another endpoint', async () => {
    const world = new World()
    const [slack, ntfy] = [mailbox(), mailbox()]
    const { id } = await anEndpoint(world, slack.services.slack, { format: 'slack' })
    const { id: other } = await anEndpoint(world, ntfy.services.ntfy, { format: 'ntfy' })
    const key = await asKey(world, 'read', 'write')
    const { url } = (await key('GET', `/api/endpoints/${id}`)).body
    const refused = { status: 422, body: { errors: [{ path: 'url' }] } }
    expect(await key('POST', '/api/endpoints', { url, format: 'slack' })).toMatchObject(refused)
    expect(await key('PATCH', `/api/endpoints/${other}`, { url, format: 'slack' })).toMatchObject(refused)
    expect(await storedUrl(other)).toBe(ntfy.services.ntfy)
  })

  it.each([{}, { url: 'as it is shown' }])('is not revealed by another format: %o', async (more) => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.services.ntfy.replace(box.name, 'my-topic'), { format: 'ntfy' })
    const key = await asKey(world, 'write')
    const { url } = (await key('PATCH', `/api/endpoints/${id}`, { description: 'x' })).body
    expect(url).not.toContain('my-topic')
    const change = { format: 'standard', ...('url' in more && { url }) }
    const refused = { status: 422, body: { errors: [{ path: 'url' }] } }
    expect(await key('PATCH', `/api/endpoints/${id}`, change)).toMatchObject(refused)
    const next = box.url()
    expect((await key('PATCH', `/api/endpoints/${id}`, { format: 'standard', url: next })).status).toBe(200)
    expect(await storedUrl(id)).toBe(next)
  })

  it('does not keep the owner from changing the format', async () => {
    const world = new World()
    const { id, url } = await anEndpoint(world, mailbox().services.ntfy, { format: 'ntfy' })
    const changed = await world.api('PATCH', `/api/endpoints/${id}`, { format: 'standard' })
    expect(changed).toMatchObject({ status: 200, body: { url, format: 'standard' } })
  })

  it('is entered before an endpoint that was restored without it is enabled', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.services.ntfy, { format: 'ntfy' })
    const lines = await exportAll(world)
    await wipe()
    const restored = new World()
    expect((await restore(restored, lines)).status).toBe(200)
    const refused = { status: 409, body: { code: 'url_hidden' } }
    expect(await restored.api('POST', `/api/endpoints/${id}/enable`)).toMatchObject(refused)
    const { body } = await restored.api<Endpoint>('GET', `/api/endpoints/${id}`)
    const same = { url: body.url, description: 'still without its URL' }
    expect((await restored.api('PATCH', `/api/endpoints/${id}`, same)).status).toBe(200)
    await restored.api('PATCH', `/api/endpoints/${id}`, { url: box.services.ntfy })
    const enabled = await restored.api('POST', `/api/endpoints/${id}/enable`)
    expect(enabled).toMatchObject({ status: 200, body: { status: 'enabled' } })
  })
})
