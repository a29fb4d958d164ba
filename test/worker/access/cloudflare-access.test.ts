import { beforeAll, describe, expect, it, vi } from 'vitest'
import { mailbox } from '../../support/fixtures'
import { FORM, login } from '../../support/session'
import { TOKEN, World } from '../../support/world'
import { auditLog } from './a-key'
import { AUD, assertion, certs, claimsAt, EMAIL, forgeries, newSigner, type Signer } from './assertions'

const MINUTE = 60_000
const SETTINGS = { ACCESS_TEAM_DOMAIN: 'example.cloudflareaccess.com', ACCESS_AUD: AUD }
const CERTS = 'https://example.cloudflareaccess.com/cdn-cgi/access/certs'

let real: Signer
let next: Signer
let other: Signer

beforeAll(async () => {
  ;[real, next, other] = await Promise.all([newSigner('k1'), newSigner('k2'), newSigner('k1')])
})

/** A guestbook behind Access, and the stand-in for Cloudflare's keys. */
async function behindAccess(body = certs(real, next), change: Partial<Env> = {}) {
  const box = mailbox()
  await box.serve({ body })
  const world = new World({ ...SETTINGS, ...change })
  world.standIns[CERTS] = box.url('page')
  return { world, box }
}

const asHeader = (token: string) => ({ 'Cf-Access-Jwt-Assertion': token })
const asCookie = (token: string) => ({ Cookie: `CF_Authorization=${token}` })

async function opens(world: World, headers: Record<string, string>): Promise<number> {
  return (await world.request('/admin/storage', { headers })).status
}

describe('a forged assertion', () => {
  it('does not open the dashboard, in a header or in a cookie, whatever is wrong with it', async () => {
    const { world } = await behindAccess()
    const forged = await forgeries(real, other, Date.now())
    expect(forged.length).toBeGreaterThan(130)
    expect(new Set(forged.map(([, token]) => token)).size).toBe(forged.length)
    const accepted: string[] = []
    for (const [why, token] of forged) {
      if ((await opens(world, asHeader(token))) !== 303) accepted.push(`${why}, header`)
      if (!/[,;" ]/.test(token) && (await opens(world, asCookie(token))) !== 303) accepted.push(`${why}, cookie`)
    }
    expect(accepted).toEqual([])
    // The same world lets in whoever has a real one, so nothing was refused for another reason.
    expect(await opens(world, asHeader(await assertion(real, claimsAt(Date.now()))))).toBe(200)
    expect(world.sent.length).toBeLessThanOrEqual(2)
  })

  it('does not open it next to a cookie that is real', async () => {
    const { world } = await behindAccess()
    const token = await assertion(real, claimsAt(Date.now()))
    expect(await opens(world, { ...asHeader(`${token}x`), ...asCookie(token) })).toBe(303)
  })

  it('is not accepted with a key of the team that is short, is not for RS256, or has no id', async () => {
    const short = await newSigner('short', 1_024)
    const list = [
      short.jwk,
      { ...other.jwk, kid: 'ps', alg: 'PS256' },
      { ...other.jwk, kid: 'enc', use: 'enc' },
      { ...other.jwk, kid: undefined },
      { kty: 'oct', kid: 'oct', k: 'c2VjcmV0' },
      { ...other.jwk, kid: 'broken', n: '!!' },
      null,
      real.jwk,
    ]
    const { world } = await behindAccess(JSON.stringify({ keys: list }))
    const claims = claimsAt(Date.now())
    expect(await opens(world, asHeader(await assertion(short, claims)))).toBe(303)
    for (const kid of ['ps', 'enc', 'oct', 'broken']) {
      expect([kid, await opens(world, asHeader(await assertion(other, claims, { kid })))]).toEqual([kid, 303])
    }
    expect(await opens(world, asHeader(await assertion(real, claims)))).toBe(200)
  })
})

describe('a real assertion', () => {
  it.each([
    ['with both keys of the team', {}, 'k2'],
    ['whose audience is one text', { aud: AUD }, 'k1'],
    ['of an application with several audiences', { aud: ['b'.repeat(64), AUD] }, 'k1'],
    ['without nbf', { nbf: undefined }, 'k1'],
    ['of a clock that is half a minute ahead', { iat: Math.floor(Date.now() / 1_000) + 30, nbf: undefined }, 'k1'],
  ])('opens the dashboard %s', async (_, change, kid) => {
    const { world } = await behindAccess()
    const token = await assertion(kid === 'k1' ? real : next, { ...claimsAt(Date.now()), ...change })
    expect([await opens(world, asHeader(token)), await opens(world, asCookie(token))]).toEqual([200, 200])
    expect(world.sent).toHaveLength(1)
  })

  it('needs no log-in, names the person on the page and in the audit log, and reads no session', async () => {
    const { world } = await behindAccess()
    const headers = asHeader(await assertion(real, { ...claimsAt(Date.now()), email: 'Ada@Example.com' }))
    expect(await (await world.request('/admin/access', { headers })).text()).toContain(`<b>${EMAIL}</b>`)
    const page = await world.request('/admin/login?next=/admin/books', { headers })
    expect([page.status, page.headers.get('Location')]).toEqual([303, '/admin/books'])
    world.recorder.executed.length = 0
    const form = { method: 'POST', headers: { ...headers, ...FORM }, body: 'slug=summer&title=Summer' }
    expect((await world.request('/admin/books', form)).status).toBe(303)
    expect(world.recorder.executed.filter(({ sql }) => sql.includes('sessions'))).toEqual([])
    expect(await auditLog(world)).toMatchObject([{ act: 'book.created', actor: `access:${EMAIL}`, subject: 'summer' }])
    const out = await world.request('/admin/logout', { method: 'POST', headers: { ...headers, ...FORM } })
    expect(out.headers.get('Location')).toBe('/admin/login?out')
    expect(await (await world.request('/admin/login?out', { headers })).text()).toContain('/cdn-cgi/access/logout')
  })

  it('does not let another site submit a form', async () => {
    const { world } = await behindAccess()
    const headers = {
      ...asHeader(await assertion(real, claimsAt(Date.now()))),
      ...FORM,
      Origin: 'https://evil.example',
    }
    expect((await world.request('/admin/books', { method: 'POST', headers, body: 'slug=a&title=b' })).status).toBe(403)
  })

  it('does not open the API, because Cloudflare adds it to requests of other sites, too', async () => {
    const { world } = await behindAccess()
    const token = await assertion(real, claimsAt(Date.now()))
    for (const headers of [asHeader(token), asCookie(token), { Authorization: `Bearer ${token}` }]) {
      expect((await world.api('GET', '/api/endpoints', undefined, headers)).status).toBe(401)
      expect((await world.api('POST', '/api/event-types', { name: 'a.b' }, headers)).status).toBe(401)
    }
  })
})

describe('without the settings of Access', () => {
  it.each([
    ['none of them', {}],
    ['only the team', { ACCESS_TEAM_DOMAIN: SETTINGS.ACCESS_TEAM_DOMAIN }],
    ['only the audience', { ACCESS_AUD: AUD }],
    ['a malformed team', { ...SETTINGS, ACCESS_TEAM_DOMAIN: 'example.com/evil' }],
    ['a malformed audience', { ...SETTINGS, ACCESS_AUD: 'x' }],
  ])('a real assertion is ignored (with %s)', async (what, settings) => {
    const box = mailbox()
    await box.serve({ body: certs(real) })
    const world = new World(settings)
    world.standIns[CERTS] = box.url('page')
    expect(await opens(world, asHeader(await assertion(real, claimsAt(Date.now()))))).toBe(303)
    expect(world.sent).toEqual([])
    const health = await world.api<{ faults?: { name: string }[] }>('GET', '/healthz')
    expect(health.body.faults ?? []).toEqual(
      what === 'none of them' ? [] : [{ name: 'ACCESS', message: expect.any(String) }]
    )
  })

  it('the name of the team is enough', async () => {
    const { world } = await behindAccess(certs(real), { ACCESS_TEAM_DOMAIN: 'https://example.cloudflareaccess.com/' })
    const short = new World({ ...world.env, ACCESS_TEAM_DOMAIN: 'Example' })
    const token = await assertion(real, claimsAt(Date.now()))
    expect([await opens(world, asHeader(token)), await opens(short, asHeader(token))]).toEqual([200, 200])
  })
})

describe('the keys of Access', () => {
  it('are fetched once an hour, and at most once a minute for keys that nobody knows', async () => {
    const { world, box } = await behindAccess(certs(real))
    const start = Date.now()
    const open = async (signer: Signer) => opens(world, asHeader(await assertion(signer, claimsAt(Date.now()))))
    expect([await open(real), await open(real), world.sent.length]).toEqual([200, 200, 1])
    await box.serve({ body: certs(next) })
    for (let i = 0; i < 20; i++) expect(await open(next)).toBe(303)
    expect(world.sent).toHaveLength(1)
    vi.setSystemTime(start + 2 * MINUTE)
    expect([await open(next), world.sent.length]).toEqual([200, 2])
    for (let i = 0; i < 20; i++) await open(real)
    expect([await open(real), world.sent.length]).toEqual([303, 2])
    vi.setSystemTime(start + 64 * MINUTE)
    expect([await open(next), await open(next), world.sent.length]).toEqual([200, 200, 3])
    vi.useRealTimers()
  })

  it('are fetched once by requests that arrive together', async () => {
    const { world } = await behindAccess()
    const headers = asHeader(await assertion(real, claimsAt(Date.now())))
    const statuses = await Promise.all(Array.from({ length: 6 }, () => opens(world, headers)))
    expect([statuses, world.sent.length]).toEqual([Array(6).fill(200), 1])
  })

  it('stay in use for a day if Cloudflare does not respond, and the admin token always works', async () => {
    const { world, box } = await behindAccess()
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    const start = Date.now()
    const open = async () => opens(world, asHeader(await assertion(real, claimsAt(Date.now()))))
    expect(await open()).toBe(200)
    await box.serve({ status: 500 })
    vi.setSystemTime(start + 23 * 60 * MINUTE)
    expect(await open()).toBe(200)
    vi.setSystemTime(start + 25 * 60 * MINUTE)
    expect(await open()).toBe(303)
    expect((await login(world, TOKEN)).status).toBe(303)
    vi.useRealTimers()
    logged.mockRestore()
  })

  it.each([
    'hang',
    'endless',
    'big-body',
    'redirect',
    'status/204',
    'close',
    'half-answer',
    'say/nonsense',
    'say/{"keys":[]}',
  ])('are not taken from a bad response (%s)', async (behavior) => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    const world = new World(SETTINGS)
    world.standIns[CERTS] = mailbox().url(behavior)
    expect(await opens(world, asHeader(await assertion(real, claimsAt(Date.now()))))).toBe(303)
    expect(JSON.parse(String(logged.mock.calls[0]?.[0]))).toMatchObject({ event: 'access.fault' })
    logged.mockRestore()
  })
})
