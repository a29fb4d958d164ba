import { describe, expect, it, vi } from 'vitest'
import { aSource, githubPost, post, theBody, theInbound } from '../../support/sources'
import { World } from '../../support/world'

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded', 'X-Twilio-Signature': 'bm9uZQ==' }

function formOf(fields: number): string {
  return Array.from({ length: fields }, (_, i) => `b${i}=${i}`).join('&')
}

/** What strangers can send to the URL of a source, without a valid signature. */
describe('a form for Twilio, which signs its fields', () => {
  it.each([
    ['1,000 fields', formOf(1_000), 'signature_mismatch'],
    ['1,001 fields', formOf(1_001), 'body_too_large'],
    ['1 MB', `a=${'b'.repeat(1_048_574)}`, 'signature_mismatch'],
    ['1 MB and one byte', `a=${'b'.repeat(1_048_575)}`, 'body_too_large'],
  ])('of %s is refused by a strict source, and fails at another one', async (_, body, reason) => {
    const world = new World()
    const strict = await aSource(world, 'twilio', { secret: 'hush', strict: true })
    const refused = await post(world, strict.path, body, FORM)
    expect(refused.status).toBe(401)
    expect(refused.body).toMatchObject({ code: reason, detail: expect.stringMatching(/\S/) })
    const lenient = await aSource(world, 'twilio', { secret: 'hush' })
    const accepted = await post(world, lenient.path, body, FORM)
    expect(accepted.status).toBe(202)
    await world.drain()
    expect(await theInbound(world, accepted.body.id)).toMatchObject({ status: 'failed', reason })
  })

  it('is not parsed if it has hundreds of thousands of fields', async () => {
    const world = new World()
    const { path } = await aSource(world, 'twilio', { secret: 'hush', strict: true })
    const parse = vi.fn()
    vi.stubGlobal('URLSearchParams', observed(URLSearchParams, parse))
    expect((await post(world, path, 'k&'.repeat(500_000), FORM)).body.code).toBe('body_too_large')
    vi.unstubAllGlobals()
    expect(parse.mock.calls.filter(([text]) => String(text).length > 1_000)).toEqual([])
  })

  it('is verified once, unless the source has changed since it was read', async () => {
    const world = new World()
    const { id, path } = await aSource(world, 'twilio', { secret: 'hush', strict: true })
    const sign = vi.spyOn(crypto.subtle, 'sign')
    const macs = async () => {
      sign.mockClear()
      expect((await post(world, path, formOf(20), FORM)).status).toBe(401)
      return sign.mock.calls.filter(([algorithm]) => algorithm === 'HMAC').length
    }
    // Three spellings of the URL are tried.
    const once = await macs()
    expect(once).toBeGreaterThanOrEqual(3)
    const other = new World({}, world.queued)
    await other.api('PATCH', `/api/sources/${id}`, { secret: 'another' })
    expect(await macs()).toBe(once + 3)
    sign.mockRestore()
  })
})

function observed(Real: typeof URLSearchParams, parse: (text: unknown) => void): typeof URLSearchParams {
  return class extends Real {
    constructor(init?: ConstructorParameters<typeof Real>[0]) {
      super(init)
      parse(init)
    }
  }
}

describe('a webhook with JSON of many parts', () => {
  const listOf = (length: number) => JSON.stringify({ type: 'greeting', list: Array(length).fill(0) })

  it.each([
    ['20,000 names and values', listOf(19_997), 'greeting'],
    ['more', listOf(19_999), null],
  ])('is parsed with %s: its event type is read', async (_, body, event_type) => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const { body: answer } = await post(world, path, body)
    await world.drain()
    expect(await theInbound(world, answer.id)).toMatchObject({ status: 'processed', event_type })
  })

  it('is verified and stored, even if it is too complex to be parsed', async () => {
    const world = new World()
    const { path } = await aSource(world, 'github', { secret: 'hush' })
    const body = `{${Array.from({ length: 40_000 }, (_, i) => `"name${i}":[]`)}}`
    const { body: answer } = await githubPost(world, path, 'hush', body)
    await world.drain()
    expect(await theInbound(world, answer.id)).toMatchObject({ status: 'processed', verified: true })
    expect(new TextDecoder().decode(await theBody(world, answer.id))).toBe(body)
  })
})

describe('the values that are stored with a long body', () => {
  it('have no character that would make the whole statement slower to send', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const body = new TextEncoder().encode('é世'.repeat(20_000))
    world.recorder.executed = []
    const { status, body: answer } = await post(world, path, body, { 'X-Name': '\u65e5\u672c' })
    expect(status).toBe(202)
    const sent = world.recorder.executed.filter(({ sql }) => sql.includes('insert into inbound'))
    expect(sent).toHaveLength(2)
    expect(sent.filter(({ sql, params }) => /[^\0-\x7f]/.test(sql + params.join()))).toEqual([])
    expect((await theInbound(world, answer.id)).headers).toContainEqual(['x-name', '\u65e5\u672c'])
  })
})
