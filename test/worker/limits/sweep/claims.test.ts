import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { claimDueMentions as claimMentions } from '../../../../src/guestbook/webmentions/store'
import { all } from '../../../../src/kit/db/statements'
import { CLAIM_DUE } from '../../../../src/webhooks/receive/messages/due'
import { MAX_WAKE_MS } from '../../../../src/webhooks/rules/delivering/retry-schedule'
import { CLAIM_UNDISPATCHED } from '../../../../src/webhooks/send/deliver/dispatch'
import { LEASE_MS } from '../../../../src/webhooks/send/deliver/lease'
import { claimDueDeliveries as claimDeliveries } from '../../../../src/webhooks/send/deliver/store'

const NOW = 1_800_000_000_000
const MINUTE = 60_000

interface Claim {
  /** SQL that inserts the row `j.value ->> 'id'`, which is due at `j.value ->> 'at'`, or never. */
  seed: string
  /** @returns the ids of what was claimed */
  claim: (now: number, limit: number) => Promise<string[]>
  lease: number
}

const CLAIMS: Record<string, Claim> = {
  messages: {
    seed: `insert into messages (id, type, payload, created_at, wake_at, dispatched_at)
      select j.value ->> 'id', 'ping', '{}', coalesce(j.value ->> 'at', 0), coalesce(j.value ->> 'at', 0),
        iif(j.value ->> 'at' is null, 0, null)
      from json_each(?) j`,
    claim: async (now, limit) => (await all(CLAIM_UNDISPATCHED(env, { now, limit }))).map(({ id }) => id),
    lease: MINUTE,
  },
  deliveries: {
    seed: `insert into deliveries (endpoint_id, message_id, status, next_attempt_at)
      select 'ep_1', j.value ->> 'id', 'pending', j.value ->> 'at' from json_each(?) j`,
    claim: async (now, limit) => (await claimDeliveries(env, now, limit)).leased.map(({ message_id }) => message_id),
    lease: LEASE_MS,
  },
  inbound_messages: {
    seed: `insert into inbound_messages (id, source_id, status, method, size, received_at, next_attempt_at, fingerprint,
        origin, query, headers)
      select j.value ->> 'id', 'src_1', 'new', 'POST', 0, ${NOW - MINUTE}, j.value ->> 'at', '', '', '', '[]'
      from json_each(?) j`,
    claim: async (now, limit) => (await all(CLAIM_DUE(env, { now, limit }))).map(({ id }) => id),
    lease: 5 * MINUTE,
  },
  webmentions: {
    seed: `insert into webmentions (source, target, book, received_at, due_at)
      select j.value ->> 'id', '/', 'main', 0, j.value ->> 'at' from json_each(?) j`,
    claim: (now, limit) => claimMentions(env, now, limit),
    lease: 5 * MINUTE,
  },
}

const DUE = ['a', 'b', 'c', 'd', 'e']

/** Five rows that are due, `a` first, one that is due later, and one that does not wait. */
async function seed({ seed }: Claim): Promise<void> {
  const due = DUE.map((id, i) => ({ id, at: NOW - 5 + i }))
  const rows = [...due.toReversed(), { id: 'later', at: NOW + 1 }, { id: 'never', at: null }]
  await env.DB.prepare(seed).bind(JSON.stringify(rows)).run()
}

describe.each(Object.entries(CLAIMS))('a claim of %s', (_, one) => {
  it('takes what is due, the oldest first, and takes it again only when the lease has ended', async () => {
    await seed(one)
    expect((await one.claim(NOW, 3)).toSorted()).toEqual(['a', 'b', 'c'])
    expect((await one.claim(NOW, 3)).toSorted()).toEqual(['d', 'e'])
    expect(await one.claim(NOW, 3)).toEqual([])
    expect(await one.claim(NOW + one.lease - 1, 9)).toEqual(['later'])
    expect((await one.claim(NOW + one.lease, 9)).toSorted()).toEqual(DUE)
  })

  it('takes nothing that another sweep takes at the same time', async () => {
    await seed(one)
    const claimed = await Promise.all([one.claim(NOW, 3), one.claim(NOW, 3), one.claim(NOW, 3)])
    expect(claimed.flat().toSorted()).toEqual(DUE)
  })
})

it('a lease of a message doubles with each claim, up to an hour', async () => {
  const { claim, seed } = CLAIMS.messages as Claim
  await env.DB.prepare(seed)
    .bind(JSON.stringify([{ id: 'a', at: NOW }]))
    .run()
  const leases: number[] = []
  for (let now = NOW, turn = 0; turn < 9; turn++) {
    expect(await claim(now, 1)).toEqual(['a'])
    const next = (await env.DB.prepare('select wake_at from messages').first<number>('wake_at')) ?? 0
    leases.push(next - now)
    now = next
  }
  expect(leases.slice(0, 4)).toEqual([MINUTE, MINUTE, 2 * MINUTE, 4 * MINUTE])
  expect(leases.at(-1)).toBe(MAX_WAKE_MS)
})
