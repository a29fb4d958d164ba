import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { KEPT_BYTES } from '../../../../../src/webhooks/receive/messages/bodies'
import { mailbox } from '../../../../support/fixtures'
import { ownerBrowser } from '../../../../support/session'
import { aSource, githubPost, listInbound, post, theBody, theInbound } from '../../../../support/sources'
import { World } from '../../../../support/world'

const LONG = JSON.stringify({ sender: { login: 'ada' }, padding: 'x'.repeat(5_200) })

async function storedBytes(): Promise<number> {
  const { results } = await env.DB.prepare('select encoding, content from inbound_chunks').all<Record<string, string>>()
  return results.reduce((sum, { encoding, content = '' }) => sum + Buffer.from(content, encoding as 'utf8').length, 0)
}

/** A strict source that has refused a long request because its secret was wrong. */
async function refused() {
  const world = new World()
  const template = { name: '{{sender.login}}', body: 'was here' }
  const more = { secret: 'wrong', strict: true, act: 'sign', template }
  const source = await aSource(world, 'github', more)
  const send = () => githubPost(world, source.path, 'hush', LONG, { delivery: 'd-1' })
  expect((await send()).status).toBe(401)
  const [{ id } = { id: '' }] = await listInbound(world)
  return { world, source, send, id }
}

describe('a request that a strict source refuses', () => {
  it.each([
    ['text', LONG],
    ['text with characters of several bytes', 'é世👋'.repeat(10_000)],
    ['binary', new Uint8Array(100_000).fill(0x80)],
    ['4 MB', new Uint8Array(4 * 1_024 * 1_024).fill(0x61)],
  ])('is stored with the first 1 KB of its body and with its true size: %s', async (_, body) => {
    const world = new World()
    const { path } = await aSource(world, 'github', { secret: 'hush', strict: true })
    const signature = { 'X-Hub-Signature-256': `sha256=${'0'.repeat(64)}` }
    expect((await post(world, path, body, signature)).status).toBe(401)
    const stored = await storedBytes()
    expect(stored).toBeLessThanOrEqual(KEPT_BYTES)
    expect(stored).toBeGreaterThan(KEPT_BYTES - 4)
    const size = new Blob([body]).size
    expect(await listInbound(world)).toMatchObject([{ size, status: 'failed', reason: 'signature_mismatch' }])
  })

  it('says that the rest was not kept, wherever the body would be used', async () => {
    const { world, id } = await refused()
    const browser = await ownerBrowser(world)
    const page = await browser.see(`/admin/inbound/${id}`)
    expect(page).toMatch(new RegExp(`${(LONG.length / 1_000).toFixed(1)} kB\\.[^.]*first 1 KB`))
    expect(page).toContain('{"sender":{"login":"ada"},"padding":"xxx')
    expect(page).not.toContain('Reprocess')
    expect(page).not.toContain('cURL')
    const headers = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}` }
    expect((await world.request(`/api/inbound/${id}/body`, { headers })).status).toBe(404)
    const verification = await world.api('GET', `/api/inbound/${id}/verification`)
    expect(verification.body).toMatchObject({ verified: false, reason: 'body_not_kept', checks: [] })
    for (const input of [undefined, { to: mailbox().url('ok') }]) {
      const { status, body } = await world.api('POST', `/api/inbound/${id}/replay`, input)
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'body_not_kept' })
      expect(body.detail).toContain('first 1 KB')
    }
    expect((await theInbound(world, id)).log.at(-1)?.detail).toContain('first 1 KB')
  })

  it('fails again with a reason if all failed messages are reprocessed', async () => {
    const { world, source, id } = await refused()
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
    await world.api('POST', `/api/sources/${source.id}/replay`)
    await world.drain()
    expect(await theInbound(world, id)).toMatchObject({ status: 'failed', reason: 'body_not_kept', comment_id: null })
  })

  it('counts against the quota of the source only with what is kept of it', async () => {
    const world = new World()
    const { path } = await aSource(world, 'github', { secret: 'hush', strict: true, daily_quota_mb: 1 })
    const body = new Uint8Array(900_000).fill(0x61)
    for (let i = 0; i < 3; i++)
      expect((await post(world, path, body, { 'X-GitHub-Delivery': `${i}` })).status).toBe(401)
    expect((await githubPost(world, path, 'hush', LONG)).status).toBe(202)
  })

  it('is counted, not stored, when it is refused again', async () => {
    const { world, send } = await refused()
    for (let i = 0; i < 3; i++) expect((await send()).status).toBe(401)
    expect(await listInbound(world)).toMatchObject([{ repeats: 3 }])
    expect(await storedBytes()).toBeLessThanOrEqual(KEPT_BYTES)
  })

  it('is stored again with its whole body and acted on once after the secret has been corrected', async () => {
    const { world, source, send, id } = await refused()
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
    const real = await send()
    expect(real.status).toBe(202)
    expect(real.body.id).not.toBe(id)
    await world.drain()
    expect(await theInbound(world, real.body.id)).toMatchObject({ status: 'processed', verified: true })
    expect(new TextDecoder().decode(await theBody(world, real.body.id))).toBe(LONG)
    expect((await send()).body).toEqual({ id: real.body.id, repeat: true })
    await world.api('POST', `/api/sources/${source.id}/replay`)
    await world.drain()
    expect((await world.api<{ data: [] }>('GET', '/api/comments')).body.data).toHaveLength(1)
  })
})

describe('a handshake', () => {
  it('is stored with the first 1 KB of its body, because anyone who knows the URL can send it', async () => {
    const world = new World()
    const { path } = await aSource(world, 'slack', { secret: 'hush' })
    const body = JSON.stringify({ type: 'url_verification', challenge: 'abc', padding: 'x'.repeat(100_000) })
    expect((await post(world, path, body, { 'Content-Type': 'application/json' })).text).toBe('abc')
    expect(await storedBytes()).toBeLessThanOrEqual(KEPT_BYTES)
    expect(await listInbound(world)).toMatchObject([{ size: body.length, status: 'processed' }])
  })
})

describe('a body about as long as what is kept of a refused one', () => {
  const sizes = Array.from({ length: 8 }, (_, i) => KEPT_BYTES - 3 + i)
  const kinds = { text: 0x61, binary: 0x80, control: 0x00 }

  it.each(Object.entries(kinds))('is known to be whole if it was accepted: %s', async (_, byte) => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    for (const size of sizes) {
      const { body } = await post(world, path, new Uint8Array(size).fill(byte))
      await world.drain()
      expect((await theBody(world, body.id)).length).toBe(size)
      expect((await world.api('POST', `/api/inbound/${body.id}/replay`)).status, `${size}`).toBe(202)
      expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed', size })
    }
  })

  it.each(Object.entries(kinds))('is known to be cut if it was refused and is longer: %s', async (_, byte) => {
    const world = new World()
    const { path } = await aSource(world, 'github', { secret: 'hush', strict: true })
    for (const size of sizes) await post(world, path, new Uint8Array(size).fill(byte))
    const found = await listInbound(world)
    expect(found).toHaveLength(sizes.length)
    for (const { id, size } of found) {
      const { status } = await world.api('POST', `/api/inbound/${id}/replay`)
      expect(status, `${size}`).toBe(size > KEPT_BYTES ? 409 : 202)
    }
  })
})
