import { env } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { formStamp } from '../../../../src/guestbook/signing/form-stamp'
import { letPass } from '../../../support/clock'
import { mailbox } from '../../../support/fixtures'
import { ownerBrowser, signAsGuest, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

async function settle(overrides: Partial<Env>, settings: Record<string, unknown>) {
  const world = await withoutModeration(new World(overrides))
  expect((await world.api('PATCH', '/api/books/main', settings)).status).toBe(200)
  return world
}

async function reasonFor(body: string) {
  const sql = 'select status, reason from comments where body = ?1'
  return env.DB.prepare(sql).bind(body).first<{ status: string; reason: string | null }>()
}

/** Solves the puzzle as public/guestbook.js does, but without a promise for each number, which took most of the time. */
function solve(stamp: string, body: string): string {
  for (let number = 0; ; number++) {
    const [one, two] = createHash('sha256').update(`${stamp}\n${body}\n${number}`).digest()
    if (one === 0 && two === 0) return String(number)
  }
}

describe('the puzzle of a form', () => {
  it('publishes an entry with its solution; without one, or with that of another text, the entry waits', async () => {
    const world = await settle({}, { proof_of_work: true })
    expect(await (await world.request('/')).text()).toContain('data-puzzle="2"')
    const stamp = await formStamp(world.env, 'main', Date.now() - 10_000)
    const proof = solve(stamp, 'Two\nlines')
    await signAsGuest(world, { body: 'Two\r\nlines', stamp, proof })
    expect(await reasonFor('Two\nlines')).toEqual({ status: 'published', reason: null })
    const other = await formStamp(world.env, 'main', Date.now() - 10_000)
    await signAsGuest(world, { body: 'Another text', stamp: other, proof })
    await signAsGuest(world, { body: 'No script' })
    await signAsGuest(world, { body: 'Not a number', proof: '1'.repeat(50) })
    for (const body of ['Another text', 'No script', 'Not a number']) {
      expect(await reasonFor(body)).toEqual({ status: 'held', reason: 'no_proof' })
    }
  })

  it('cannot be solved days ahead, for another book, or used twice', async () => {
    const world = await settle({}, { proof_of_work: true })
    await world.api('POST', '/api/books', { slug: 'other', title: 'Other', proof_of_work: true })
    const send = async (body: string, book: string, ageMs: number, path = '/sign') => {
      const stamp = await formStamp(world.env, book, Date.now() - ageMs)
      return signAsGuest(world, { body, stamp, proof: solve(stamp, body) }, { path })
    }
    expect((await send('Prepared', 'main', 3 * 86_400_000)).status).toBe(409)
    expect(await reasonFor('Prepared')).toBeNull()
    await send('For another', 'main', 10_000, '/b/other/sign')
    expect(await reasonFor('For another')).toEqual({ status: 'held', reason: 'too_fast' })
    const stamp = await formStamp(world.env, 'main', Date.now() - 10_000)
    const twice = { body: 'Twice', stamp, proof: solve(stamp, 'Twice') }
    await signAsGuest(world, { ...twice, name: 'Ada' })
    expect((await signAsGuest(world, { ...twice, name: 'Bob' })).status).toBe(409)
  })
})

/**
 * The keys that Cloudflare publishes for tests: https://developers.cloudflare.com/turnstile/troubleshooting/testing/
 */
const KEYS = {
  TURNSTILE_SITE_KEY: '1x00000000000000000000AA',
  TURNSTILE_SECRET_KEY: '1x0000000000000000000000000000000AA',
}

/** @param url of the stand-in for Cloudflare's service */
async function behindTurnstile(url: string): Promise<World> {
  const world = await settle(KEYS, { turnstile: true })
  world.standIns['https://challenges.cloudflare.com/turnstile/v0/siteverify'] = url
  return world
}

describe('Turnstile', () => {
  it('must be configured before a book can use it, and changes the policy of no other page', async () => {
    const world = new World()
    expect(await world.api('PATCH', '/api/books/main', { turnstile: true })).toMatchObject({ status: 422 })
    const policy = async (one: World, path: string) =>
      (await one.request(path)).headers.get('Content-Security-Policy') ?? ''
    expect(await policy(world, '/')).not.toContain('challenges')
    const configured = await settle(KEYS, { turnstile: true })
    for (const path of ['/', '/?signed=published']) {
      expect(await policy(configured, path)).toContain("script-src 'self' https://challenges.cloudflare.com;")
    }
    expect(await policy(configured, '/admin/login')).not.toContain('challenges')
    expect(await (await configured.request('/')).text()).toContain(`data-sitekey="${KEYS.TURNSTILE_SITE_KEY}"`)
  })

  it('publishes what it confirms, sends it the secret and the token, and is not asked for a preview', async () => {
    const { name, url, received } = mailbox()
    const world = await behindTurnstile(url('say/{"success":true}'))
    await signAsGuest(world, { body: 'A preview', 'cf-turnstile-response': 'token', preview: 'yes' })
    await signAsGuest(world, { body: 'Confirmed', 'cf-turnstile-response': 'token' })
    expect(await reasonFor('Confirmed')).toEqual({ status: 'published', reason: null })
    const calls = await received()
    expect(calls.map(({ body }) => body)).toEqual([`secret=${KEYS.TURNSTILE_SECRET_KEY}&response=token`])
    expect(name).toBeTruthy()
  })

  it('is slow, so an entry has the time of its answer: nobody who pulls would find an event of before', async () => {
    const world = await behindTurnstile(mailbox().url('say/{"success":true}'))
    const callReceiver = world.callReceiver.bind(world)
    let answeredAt = Number.POSITIVE_INFINITY
    world.callReceiver = (...args) => {
      letPass(2_000)
      answeredAt = Date.now()
      return callReceiver(...args)
    }
    await signAsGuest(world, { body: 'Confirmed late', 'cf-turnstile-response': 'token' })
    const sql = 'select created_at from comments union all select created_at from messages'
    const { results } = await env.DB.prepare(sql).all<{ created_at: number }>()
    expect(results).toHaveLength(2)
    for (const { created_at } of results) expect(created_at).toBeGreaterThanOrEqual(answeredAt)
  })

  it.each([
    ['says no', 'say/{"success":false}', 'token'],
    ['fails', 'status/500', 'token'],
    ['is not JSON', 'say/hello', 'token'],
    ['closes the connection', 'close', 'token'],
    ['gets no token', 'say/{"success":true}', ''],
    ['gets a token that is too long', 'say/{"success":true}', 'x'.repeat(3_000)],
  ])('holds up an entry if it %s, and loses nothing', async (_, behavior, token) => {
    const world = await behindTurnstile(mailbox().url(behavior))
    await signAsGuest(world, { body: 'Waits', 'cf-turnstile-response': token })
    expect(await reasonFor('Waits')).toEqual({ status: 'held', reason: 'turnstile' })
    const browser = await ownerBrowser(world)
    expect(await browser.see('/admin/comments?status=held')).toContain('Turnstile')
  })
})
