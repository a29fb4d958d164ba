import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { verifyWebhook } from '../../../../examples/verify-webhook.mjs'
import { letPass } from '../../../support/clock'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import type { Received } from '../../../support/receiver'
import { ownerBrowser } from '../../../support/session'
import { theDelivery } from '../../../support/views'
import { World } from '../../../support/world'

interface KeySet {
  keys: { kid: string; x: string }[]
}
interface SigningKeys {
  data: { kid: string; public_key: string; retires_at: string | null }[]
}

async function keySet(world: World): Promise<KeySet> {
  const response = await world.request('/.well-known/webhook-keys')
  expect(response.status).toBe(200)
  return response.json()
}

async function publicKeys(world: World): Promise<string[]> {
  const { body } = await world.api<SigningKeys>('GET', '/api/signing-keys')
  return body.data.map((key) => key.public_key)
}

async function oneDelivery(world: World, box: ReturnType<typeof mailbox>): Promise<Received> {
  await aComment(world)
  await world.drain()
  return (await box.received()).at(-1) as Received
}

function verified({ headers, body }: Received, keys: string[]): Promise<unknown> {
  return verifyWebhook({ headers: headers as Record<string, string>, body, publicKeys: keys })
}

function versions({ headers }: Received): string[] {
  const listed = String(headers['webhook-signature']).split(' ')
  return listed.map((item) => item.split(',')[0] ?? '')
}

describe('the deployment’s signing keys', () => {
  it('sign every delivery in addition to the secret, and are published in the JWK set and in the dashboard', async () => {
    const world = new World()
    const box = mailbox()
    const { id, secret } = await anEndpoint(world, box.url('ok'))
    const received = await oneDelivery(world, box)
    expect(versions(received)).toEqual(['v1', 'v1a'])
    const [key] = await publicKeys(world)
    expect(await verified(received, [key ?? ''])).toMatchObject({ type: 'comment.published' })
    new Webhook(secret).verify(received.body, received.headers as Record<string, string>)
    const { keys } = await keySet(world)
    expect(keys).toEqual([{ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA', kid: keys[0]?.kid, x: keys[0]?.x }])
    const browser = await ownerBrowser(world)
    expect(await browser.see(`/admin/endpoints/${id}?tab=secret`)).toContain(key)
    expect(await browser.see('/admin/keys')).toContain(key)
  })

  it('exist before the first delivery, even if several requests ask for them at the same time', async () => {
    const world = new World()
    const sets = await Promise.all([keySet(world), keySet(new World()), keySet(new World())])
    expect(new Set(sets.map(({ keys }) => keys[0]?.kid)).size).toBe(1)
    expect(sets[0]?.keys).toHaveLength(1)
  })

  it('are served as a JWK set that any site may read and any cache may store', async () => {
    const { headers } = await new World().request('/.well-known/webhook-keys')
    expect(headers.get('Content-Type')).toBe('application/jwk-set+json')
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(headers.get('Cache-Control')).toBe('public, max-age=300')
  })

  it('overlap during a rotation: both keys sign, then only the new key', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url('ok'))
    const [old] = await publicKeys(world)
    const { status, body } = await world.api<SigningKeys>('POST', '/api/signing-keys/rotate', { grace_seconds: 1 })
    expect(status).toBe(200)
    expect(body.data).toHaveLength(2)
    expect(body.data[0]?.retires_at).toBeNull()
    expect(body.data[1]?.public_key).toBe(old)
    const received = await oneDelivery(world, box)
    expect(versions(received)).toEqual(['v1', 'v1a', 'v1a'])
    for (const { public_key: key } of body.data) await verified(received, [key])
    letPass(1_100)
    expect(await publicKeys(world)).toEqual([body.data[0]?.public_key])
    // Another isolate has no cached keys.
    const after = await oneDelivery(new World(), box)
    expect(versions(after)).toEqual(['v1', 'v1a'])
    await expect(verified(after, [old ?? ''])).rejects.toMatchObject({ code: 'no_match' })
  })

  it('keep their grace period when they are rotated again, unless it is 0', async () => {
    const world = new World()
    const [first] = await publicKeys(world)
    for (const grace of [3_600, 7_200, 10]) {
      await world.api('POST', '/api/signing-keys/rotate', { grace_seconds: grace })
    }
    const { body } = await world.api<SigningKeys>('GET', '/api/signing-keys')
    const left = (body.data.find(({ public_key: key }) => key === first)?.retires_at ?? '').slice(0, 16)
    expect(left).toBe(new Date(Date.now() + 3_600_000).toISOString().slice(0, 16))
    await world.api('POST', '/api/signing-keys/rotate', { grace_seconds: 0 })
    expect(await publicKeys(world)).toHaveLength(1)
    const refused = await world.api('POST', '/api/signing-keys/rotate', { grace_seconds: 604_801 })
    expect(refused.status).toBe(422)
  })

  it('are rotated at most four times while the old keys still sign, even if ten requests arrive at once', async () => {
    const world = new World()
    const [first] = await publicKeys(world)
    const rotate = (grace_seconds: number) =>
      world.api<SigningKeys & { detail: string }>('POST', '/api/signing-keys/rotate', { grace_seconds })
    await rotate(600)
    const answers = await Promise.all(Array.from({ length: 10 }, () => rotate(3_600)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(3).fill(200), ...Array(7).fill(409)])
    const { body: listed } = await world.api<SigningKeys>('GET', '/api/signing-keys')
    expect(listed.data).toHaveLength(5)
    // Nothing is dropped: the first key keeps its grace period.
    const expiry = listed.data.find(({ public_key: key }) => key === first)?.retires_at
    const { status, body } = await rotate(60)
    expect(status).toBe(409)
    expect(body).toMatchObject({ code: 'too_many_rotations', detail: expect.stringContaining(`after ${expiry}`) })
    expect(await publicKeys(world)).toEqual(listed.data.map(({ public_key: key }) => key))
    const browser = await ownerBrowser(world)
    const page = await browser.submit('/admin/keys/rotate', { grace_seconds: '3600' })
    expect(page.status).toBe(409)
    expect(page.text).toContain(`Rotate again after ${expiry}`)
    expect((await rotate(0)).status).toBe(200)
    expect(await publicKeys(world)).toHaveLength(1)
    expect((await rotate(60)).status).toBe(200)
  })

  it('can be rotated in the dashboard', async () => {
    const world = new World()
    const [old] = await publicKeys(world)
    const browser = await ownerBrowser(world)
    const sent = await browser.submit('/admin/keys/rotate', { grace_seconds: '3600' })
    expect(sent).toMatchObject({ status: 303, location: '/admin/keys?done=rotated' })
    const [next] = await publicKeys(world)
    const text = await browser.see('/admin/keys')
    expect(text).toContain(old)
    expect(text).toContain(next)
    expect(text).toMatch(/stops [^.]*in 60 min/)
  })

  it('can be listed and rotated only by the owner', async () => {
    for (const method of ['GET', 'POST']) {
      const path = method === 'GET' ? '/api/signing-keys' : '/api/signing-keys/rotate'
      expect((await new World().request(path, { method })).status).toBe(401)
    }
  })

  it('are stored encrypted', async () => {
    await keySet(new World())
    const row = await env.DB.prepare('select * from signing_keys').first()
    const seedLength = atob(String(row?.seed)).length
    // A 6-byte header, a 12-byte nonce, 44 characters of base64 and a 16-byte tag.
    expect(seedLength).toBe(6 + 12 + 44 + 16)
  })
})

describe('rotating SECRETS_KEY', () => {
  const OTHER = btoa('k'.repeat(32))

  it('keeps every secret readable, and the sweep re-encrypts the secrets', async () => {
    const box = mailbox()
    const before = new World()
    const { id, secret } = await anEndpoint(before, box.url('ok'))
    await oneDelivery(before, box)
    const rotating = { SECRETS_KEY: OTHER, SECRETS_KEY_PREVIOUS: env.SECRETS_KEY }
    const world = new World(rotating)
    const first = await oneDelivery(world, box)
    new Webhook(secret).verify(first.body, first.headers as Record<string, string>)
    expect(await (await ownerBrowser(world)).see('/admin/keys')).toMatch(/2 secrets [^.]*old key/)
    for (let minute = 0; minute < 24; minute++) await world.sweep(later(minute * 60_000), 'reseal')
    expect(await (await ownerBrowser(world)).see('/admin/keys')).toContain('All secrets')
    const alone = new World({ SECRETS_KEY: OTHER })
    expect((await alone.api('GET', `/api/endpoints/${id}/secret`)).body.secret).toBe(secret)
    const second = await oneDelivery(alone, box)
    new Webhook(secret).verify(second.body, second.headers as Record<string, string>)
    await verified(second, await publicKeys(alone))
  })

  it('re-encrypts a secret behind 120 that cannot be decrypted, within the query budget', async () => {
    const secrets = `select secrets from endpoints limit 1`
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    await env.DB.prepare(
      `insert into endpoints (id, status, url, event_types, created_at, updated_at, secrets)
       select 'ep_' || value, 'enabled', 'https://example.com/', '["x"]', 0, 0, (${secrets})
       from json_each(?1)`
    )
      .bind(JSON.stringify(Array.from({ length: 120 }, (_, i) => i)))
      .run()
    const rotating = new World({ SECRETS_KEY: OTHER, SECRETS_KEY_PREVIOUS: env.SECRETS_KEY })
    for (let minute = 0; minute < 64; minute++) await rotating.sweep(later(minute * 60_000), 'reseal')
    expect(rotating.worst(({ queries }) => queries)).toBeLessThanOrEqual(50)
    // The copies cannot be decrypted, because a secret is bound to its row. They must not hold up the original secret.
    const alone = new World({ SECRETS_KEY: OTHER })
    expect((await alone.api('GET', `/api/endpoints/${id}/secret`)).status).toBe(200)
  })

  it('costs nothing if no rotation is under way', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url('ok'))
    await world.sweep(Date.now())
    const statements = world.recorder.executed.map(({ sql }) => sql)
    expect(statements.filter((sql) => sql.includes('endpoints_sealed'))).toEqual([])
  })

  it('keeps deliveries pending while the old key is missing', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('ok'))
    const lost = new World({ SECRETS_KEY: OTHER })
    await aComment(lost)
    await lost.drain()
    expect(await box.received()).toEqual([])
    const [message] = (await lost.api<{ data: { id: string }[] }>('GET', '/api/messages')).body.data
    const delivery = await theDelivery(lost, id, message?.id ?? '')
    // Once the old key is back, the retry schedule continues.
    expect(delivery).toMatchObject({ status: 'pending' })
    await world.sweep(later(10 * 60_000))
    await world.drain()
    expect(await box.received()).toHaveLength(1)
  })
})
