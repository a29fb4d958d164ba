import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { TOKEN_FIELD } from '../../../src/kit/http/act-once'
import { ownerBrowser } from '../../support/session'
import { aSource } from '../../support/sources'
import { World } from '../../support/world'

/** What D1 says if it has run nothing, and if nobody knows that; and a response that is lost. */
const FAULTS: Record<string, { isCommitted: boolean; error?: Error }> = {
  'is refused': { isCommitted: false, error: new Error('D1_ERROR: database is locked: SQLITE_BUSY') },
  'does not reach the database': { isCommitted: false },
  'gets no response': { isCommitted: true },
}

/** @returns the value of the first column */
async function read(sql: string): Promise<unknown> {
  return Object.values((await env.DB.prepare(sql).first()) ?? {})[0]
}

let modes = 0
const fields = () => ({ [TOKEN_FIELD]: crypto.randomUUID(), name: crypto.randomUUID(), grace_seconds: '0' })

type Browser = Awaited<ReturnType<typeof ownerBrowser>>

interface Change {
  send: (world: World, id: string, browser: Browser) => Promise<unknown>
  state: string
}

const CHANGES: Record<string, Change> = {
  'creates a key': {
    send: (world) => world.api('POST', '/api/keys', { name: 'x', scopes: ['read'] }),
    state: 'select count(*) from api_keys',
  },
  'changes a setting': {
    send: (world) => world.api('PATCH', '/api/settings', { registration: modes++ % 2 === 0 ? 'open' : 'approve' }),
    state: 'select json_group_array(value) from settings',
  },
  'deletes a source': {
    send: (world, id) => world.api('DELETE', `/api/sources/${id}`),
    state: "select count(*) from sources where status = 'deleted'",
  },
  'deletes a source with a form': {
    send: (_world, id, browser) => browser.post(`/admin/sources/${id}/delete`, fields()),
    state: "select count(*) from sources where status = 'deleted'",
  },
}

describe.each(Object.keys(CHANGES))('a request that %s', (name) => {
  const { send, state } = CHANGES[name] as Change

  it.each(Object.keys(FAULTS))(
    'has a line in the audit log or a log line if it acts, although a call %s',
    async (what) => {
      const world = new World()
      const browser = await ownerBrowser(world)
      const logged = vi.spyOn(console, 'error').mockReturnValue()
      const lines = async () =>
        Number(await read("select count(*) from audit_log where act not like 'session.%'")) +
        logged.mock.calls.filter(([line]) => String(line).includes('"audit.fault"')).length
      let changes = 0
      for (let callsLeft = 1, isFaulty = true; isFaulty; callsLeft++) {
        const { id } = await aSource(world, 'github')
        const before = [await read(state), await lines()]
        world.recorder.fault = { isCommitted: false, ...FAULTS[what], callsLeft }
        await send(world, id, browser)
        isFaulty = world.recorder.fault === undefined
        world.recorder.fault = undefined
        if ((await read(state)) === before[0]) continue
        changes++
        // If only the response to the line is lost, there are both.
        expect([callsLeft, (await lines()) > Number(before[1])]).toEqual([callsLeft, true])
      }
      expect(changes).toBeGreaterThan(0)
      logged.mockRestore()
    }
  )
})

it('a form that was refused, and has changed nothing, is not in the log as if it might have', async () => {
  const world = new World()
  const browser = await ownerBrowser(world)
  const logged = vi.spyOn(console, 'error').mockReturnValue()
  const deleted = () => read("select count(*) from sources where status = 'deleted'")
  let refused = 0
  for (let callsLeft = 2; callsLeft < 6; callsLeft++) {
    const { id } = await aSource(world, 'github')
    const before = await deleted()
    world.recorder.fault = { isCommitted: false, ...FAULTS['is refused'], callsLeft }
    const { status } = await browser.post(`/admin/sources/${id}/delete`, fields())
    world.recorder.fault = undefined
    if (status !== 503 || (await deleted()) !== before) continue
    refused++
    expect(logged.mock.calls.filter(([line]) => String(line).includes('"audit.fault"'))).toEqual([])
  }
  expect(refused).toBeGreaterThan(0)
  logged.mockRestore()
})
