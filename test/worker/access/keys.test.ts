import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { ownerBrowser } from '../../support/session'
import { World } from '../../support/world'
import { aKey, withKey } from './a-key'

const HOUR = 3_600_000
const UNKNOWN = `apikey_${'A'.repeat(43)}`

interface Listed {
  data: { id: string; name: string; scopes: string[]; last_used_at: string | null }[]
}

async function listed(world: World) {
  return (await world.api<Listed>('GET', '/api/keys')).body.data
}

describe('an API key', () => {
  it('is shown once, is stored as a hash, and works until it is revoked', async () => {
    const world = new World()
    const { id, key } = await aKey(world, ['read', 'write'], { name: '  Backup  ' })
    expect(id).toMatch(/^key_[0-9A-Z]{26}$/)
    expect(key).toMatch(/^apikey_[\w-]{43}$/)
    const stored = JSON.stringify((await env.DB.prepare('select * from api_keys').all()).results)
    expect(stored).not.toContain(key.slice(7))
    expect(await listed(world)).toMatchObject([{ id, name: 'Backup', scopes: ['read', 'write'], last_used_at: null }])
    expect((await world.api('GET', '/api/endpoints', undefined, withKey({ key }))).status).toBe(200)
    expect((await world.api('DELETE', `/api/keys/${id}`)).status).toBe(204)
    const after = await world.api('GET', '/api/endpoints', undefined, withKey({ key }))
    expect(after).toMatchObject({ status: 401, body: { code: 'bad_token' } })
    expect(await listed(world)).toEqual([])
    expect((await world.api('DELETE', `/api/keys/${id}`)).status).toBe(404)
  })

  it('expires', async () => {
    const world = new World()
    const key = await aKey(world, ['read'], { expires_at: new Date(Date.now() + HOUR).toISOString() })
    const status = async () => (await world.api('GET', '/api/endpoints', undefined, withKey(key))).status
    expect(await status()).toBe(200)
    vi.setSystemTime(Date.now() + HOUR)
    expect(await status()).toBe(401)
    vi.useRealTimers()
  })

  it.each([
    ['no name', { name: ' ' }, 'name'],
    ['a long name', { name: 'x'.repeat(101) }, 'name'],
    ['no scope', { scopes: [] }, 'scopes'],
    ['an unknown scope', { scopes: ['admin'] }, 'scopes.0'],
    ['a time in the past', { expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    ['a time that is none', { expires_at: 'tomorrow' }, 'expires_at'],
  ])('is not created with %s', async (_, change, path) => {
    const world = new World()
    const { status, body } = await world.api('POST', '/api/keys', { name: 'x', scopes: ['read'], ...change })
    expect({ status, body }).toMatchObject({ status: 422, body: { errors: [{ path }] } })
    expect(await listed(world)).toEqual([])
  })

  it('is created once by a repeated request, and its stored response is erased when it is revoked', async () => {
    const world = new World()
    const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}`, 'Idempotency-Key': 'k' }
    const input = { name: 'x', scopes: ['read'] }
    const first = await world.api<{ id: string; key: string }>('POST', '/api/keys', input, headers)
    const again = await world.api('POST', '/api/keys', input, headers)
    expect(again.body).toEqual(first.body)
    await world.api('DELETE', `/api/keys/${first.body.id}`)
    expect((await world.api('POST', '/api/keys', input, headers)).status).toBe(410)
  })

  it('is one of at most 100, even if many are created at the same time', async () => {
    const world = new World()
    await env.DB.prepare(
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < 98)
       insert into api_keys (id, name, scopes, created_at, token_hash) select 'key_' || i, 'x', 'read', 1, i from n`
    ).run()
    const create = () => world.api('POST', '/api/keys', { name: 'x', scopes: ['read'] })
    const answers = await Promise.all([create(), create(), create(), create()])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409])
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'too_many_keys' })
    expect(await listed(world)).toHaveLength(100)
  })

  it('has the time of its last use, which is written once an hour and after the response', async () => {
    const world = new World()
    const key = await aKey(world, ['read'])
    const use = async () => {
      world.recorder.executed.length = 0
      await world.request('/api/storage', { headers: withKey(key) })
      return world.recorder.executed.filter(({ sql }) => sql.includes('update api_keys')).length
    }
    expect([await use(), await use()]).toEqual([1, 0])
    const [before] = await listed(world)
    expect(Date.parse(before?.last_used_at ?? '')).toBeGreaterThan(Date.now() - HOUR)
    vi.setSystemTime(Date.now() + HOUR)
    expect([await use(), await use()]).toEqual([1, 0])
    vi.useRealTimers()
    // The response does not depend on it.
    await env.DB.prepare('update api_keys set last_used_at = null').run()
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    world.recorder.fault = { callsLeft: 2, isCommitted: false }
    const calls = await world.request('/api/audit', { headers: withKey(key) })
    expect([calls.status, logged.mock.calls.length]).toEqual([200, 1])
    logged.mockRestore()
  })

  it('still works while the admin token is unusable, and after it has been changed', async () => {
    const key = await aKey(new World(), ['read'])
    for (const ADMIN_TOKEN of ['', 'another-admin-token']) {
      const world = new World({ ADMIN_TOKEN })
      expect((await world.api('GET', '/api/endpoints', undefined, withKey(key))).status).toBe(200)
    }
  })
})

describe('a wrong API key', () => {
  it('costs one row of one query, and none if it does not have the format of a key', async () => {
    const world = new World()
    await aKey(world, ['read'])
    await world.request('/api/endpoints', { headers: withKey({ key: 'x' }) })
    const cost = async (key: string) => {
      world.invocations.length = 0
      expect((await world.request('/api/endpoints', { headers: withKey({ key }) })).status).toBe(401)
      const { d1RoundTrips, queries, rowsRead, rowsWritten } = world.invocations[0]?.counts ?? {}
      return { d1RoundTrips, queries, rowsRead, rowsWritten }
    }
    const nothing = { d1RoundTrips: 0, queries: 0, rowsRead: 0, rowsWritten: 0 }
    expect(await cost(UNKNOWN)).toEqual({ ...nothing, d1RoundTrips: 1, queries: 1 })
    const hostile = [
      `${UNKNOWN}A`,
      UNKNOWN.slice(0, -1),
      `apikey_${'A'.repeat(8_000)}`,
      `key_${'A'.repeat(43)}`,
      'apikey_',
    ]
    for (const key of hostile) expect([key, await cost(key)]).toEqual([key, nothing])
  })

  it('is limited as a wrong admin token is, and does not lock out right keys behind the same address', async () => {
    const world = new World()
    const address = { 'CF-Connecting-IP': '203.0.113.77' }
    const right = await aKey(world, ['read'])
    const statuses: number[] = []
    for (let i = 0; i < 25; i++) {
      statuses.push((await world.request('/api/endpoints', { headers: withKey({ key: UNKNOWN }, address) })).status)
    }
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429])
    expect((await world.request('/api/endpoints', { headers: withKey(right, address) })).status).toBe(200)
  })

  it('is refused in a cookie, in the query, and by the dashboard', async () => {
    const world = new World()
    const { key } = await aKey(world, ['read', 'write', 'moderate'])
    const cookie = { Cookie: `guesthook_session=${key}` }
    expect((await world.request('/api/endpoints', { headers: cookie })).status).toBe(401)
    expect((await world.request(`/api/endpoints?key=${key}`)).status).toBe(401)
    expect((await world.request('/admin', { headers: { ...cookie, ...withKey({ key }) } })).status).toBe(303)
    const form = {
      method: 'POST',
      headers: { Origin: world.base, 'Content-Type': 'application/x-www-form-urlencoded' },
    }
    expect((await world.request('/admin/login', { ...form, body: `token=${key}` })).status).toBe(401)
  })
})

describe('the page for API keys', () => {
  const fields = { name: 'CI', scopes: 'write', expires: '30' }

  it('shows a new key once, and revokes it', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { status, location } = await browser.submit('/admin/access/keys', fields)
    const text = await browser.see(location ?? '')
    const [key = ''] = /apikey_[\w-]{43}/.exec(text) ?? []
    expect([status, text.includes('Copy it now')]).toEqual([303, true])
    expect((await world.api('PATCH', '/api/settings', {}, withKey({ key }))).status).toBe(200)
    const seen = await browser.see('/admin/access')
    expect(seen).toContain('CI')
    expect(seen).toContain('in 30 days')
    expect(seen).not.toContain(key)
    const [row] = await listed(world)
    expect(await browser.submit(`/admin/access/keys/${row?.id}/revoke`, {})).toMatchObject({
      status: 303,
      location: '/admin/access?done=revoked#keys',
    })
    expect((await world.api('PATCH', '/api/settings', {}, withKey({ key }))).status).toBe(401)
  })

  it('shows an error beside its field, and keeps what was typed', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const submit = async (change: Record<string, string>) => {
      const response = await browser.post('/admin/access/keys', { ...fields, ...change })
      return [response.status, await response.text()] as const
    }
    const [status, html] = await submit({ name: '' })
    expect(status).toBe(422)
    expect(html).toMatch(/aria-invalid="true" aria-describedby="name-error /)
    expect(html).toMatch(/value="write" checked/)
    expect(html).toMatch(/<option value="30" selected/)
    const [, noScope] = await submit({ scopes: 'nonsense' })
    expect(noScope).toContain('id="scopes-error"')
    expect(noScope).toMatch(/name="name"[^>]* value="CI"/)
    expect((await submit({ expires: '-1' }))[1]).toContain('id="expires-error"')
    expect(await listed(world)).toEqual([])
  })
})
