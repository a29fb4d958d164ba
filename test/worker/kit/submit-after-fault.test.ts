import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { TOKEN_FIELD } from '../../../src/kit/http/act-once'
import { anEndpoint, mailbox } from '../../support/fixtures'
import { ownerBrowser } from '../../support/session'
import { aSource } from '../../support/sources'
import { World } from '../../support/world'

const BUSY = 'D1_ERROR: database is locked: SQLITE_BUSY'

async function count(what: string): Promise<number> {
  return (await env.DB.prepare(`select count(*) as n from ${what}`).first<{ n: number }>())?.n ?? 0
}

describe('a form that is submitted again, because the database failed', () => {
  const world = new World()
  let browser: Awaited<ReturnType<typeof ownerBrowser>>
  const ofNow = () => ({ [TOKEN_FIELD]: crypto.randomUUID(), name: 'A key', scopes: 'read', expires: 'never' })
  const send = async (path: string, fields: Record<string, string>) => (await browser.post(path, fields)).status

  beforeEach(async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    world.recorder.gate = () => Promise.resolve()
    browser = await ownerBrowser(world)
  })

  /** Refuses the first call with each of these statements. */
  function refuse(...statements: RegExp[]): void {
    world.recorder.gate = async (call) => {
      const at = statements.findIndex((pattern) => call.some(({ sql }) => pattern.test(sql)))
      if (at >= 0) throw new Error(BUSY + statements.splice(at, 1))
    }
  }

  it('has acted, although the response to its claim was lost', async () => {
    let isLost = false
    world.recorder.gate = async (call) => {
      if (isLost || !call.some(({ sql }) => /insert into idempotency_keys/.test(sql))) return
      isLost = true
      world.recorder.fault = { callsLeft: 1, isCommitted: true }
    }
    expect(await send('/admin/access/keys', ofNow())).toBe(303)
    expect([isLost, await count('api_keys')]).toEqual([true, 1])
  })

  it('acts if the database refused its act, and then to remove its claim', async () => {
    refuse(/insert into api_keys/, /delete from idempotency_keys/)
    const fields = ofNow()
    expect([await send('/admin/access/keys', fields), await send('/admin/access/keys', fields)]).toEqual([503, 303])
    expect(await count('api_keys')).toBe(1)
  })

  it('is not submitted again as if it were another one, whichever call failed', async () => {
    for (let callsLeft = 1, isFaulty = true; isFaulty; callsLeft++) {
      const { id } = await aSource(world, 'github')
      const fields = ofNow()
      world.recorder.fault = { callsLeft, isCommitted: false, error: new Error(BUSY) }
      await send(`/admin/sources/${id}/delete`, fields)
      isFaulty = world.recorder.fault === undefined
      world.recorder.fault = undefined
      expect([callsLeft, await send(`/admin/sources/${id}/delete`, fields)]).not.toEqual([callsLeft, 404])
    }
  })

  it.each(['/admin/keys/rotate', '/admin/endpoints/:id/test'])('acts once, whichever call failed: %s', async (path) => {
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    const acts = async () => (path.endsWith('test') ? (await box.received()).length : count('signing_keys'))
    for (let callsLeft = 1, isFaulty = true; isFaulty; callsLeft++) {
      await env.DB.prepare('delete from signing_keys where retire_at is not null').run()
      const before = await acts()
      const fields = { ...ofNow(), grace_seconds: '60' }
      world.recorder.fault = { callsLeft, isCommitted: false, error: new Error(BUSY) }
      const first = await send(path.replace(':id', id), fields)
      isFaulty = world.recorder.fault === undefined
      world.recorder.fault = undefined
      const again = await send(path.replace(':id', id), fields)
      expect([callsLeft, first, again, (await acts()) - before]).toEqual([callsLeft, expect.any(Number), 303, 1])
    }
  })
})

it('a program that repeats a rotation or a test after 503 does it once', async () => {
  vi.spyOn(console, 'error').mockReturnValue()
  const world = new World()
  const box = mailbox()
  const { id } = await anEndpoint(world, box.url())
  for (const [path, acts] of [
    ['/api/signing-keys/rotate', () => count('signing_keys')],
    [`/api/endpoints/${id}/test`, async () => (await box.received()).length],
  ] as const) {
    for (let callsLeft = 1, isFaulty = true; isFaulty; callsLeft++) {
      await env.DB.prepare('delete from signing_keys where retire_at is not null').run()
      const before = await acts()
      world.recorder.fault = { callsLeft, isCommitted: false, error: new Error(BUSY) }
      const { status } = await world.api('POST', path)
      isFaulty = world.recorder.fault === undefined
      world.recorder.fault = undefined
      expect([callsLeft, status, (await acts()) - before]).toEqual([callsLeft, status, status === 200 ? 1 : 0])
    }
  }
  expect(await count('messages where not exists (select 1 from deliveries where message_id = messages.id)')).toBe(0)
})
