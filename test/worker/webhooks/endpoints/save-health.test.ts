import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { all, batch, first } from '../../../../src/kit/db/statements'
import {
  HEALTH,
  type HealthChange,
  healthOf,
  replaceHealth,
  type StoredHealth,
  saveHealth,
} from '../../../../src/webhooks/endpoints/health'
import { BREAKER_STATES } from '../../../../src/webhooks/rules/delivering/breaker'
import {
  type EndpointHealth,
  HEALTHY,
  type Learned,
  merge,
  NO_OUTAGE,
  SLOW_FOR_MS,
} from '../../../../src/webhooks/rules/delivering/endpoint-health'
import { DIGEST_INTERVAL, type PaceColumns, paceOf } from '../../../../src/webhooks/rules/delivering/pace'
import { insertAttempts } from '../../../../src/webhooks/send/deliver/store'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { World } from '../../../support/world'

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)

const time = fc.integer({ min: NOW - 2 * SLOW_FOR_MS, max: NOW + 2 * SLOW_FOR_MS })
const maybe = fc.option(time)
const count = fc.nat(6)

const health: fc.Arbitrary<EndpointHealth> = fc
  .record({
    breaker: fc.constantFrom(...BREAKER_STATES),
    resume_at: time,
    probes: count,
    consecutive_failures: count,
    failing_since: maybe,
    last_failure_at: maybe,
    slow_until: maybe,
    warnings: fc.nat(2),
    outage_since: maybe,
    outage_failures: count,
    stable_at: maybe,
  })
  .map((row) => ({ ...row, ...(row.outage_since === null && NO_OUTAGE) }))
  .map((row) => ({ ...row, resume_at: row.breaker === 'closed' ? row.stable_at : row.resume_at }))

const pace: fc.Arbitrary<PaceColumns> = fc.constantFrom(
  { min_interval_minutes: null, digest_hour: null },
  { min_interval_minutes: 5, digest_hour: null },
  { min_interval_minutes: DIGEST_INTERVAL, digest_hour: 11 }
)

const learned: fc.Arbitrary<Learned> = fc
  .record({
    health,
    disable: fc.constantFrom(null, null, null, 'gone' as const),
    was_open: fc.boolean(),
    succeeded: fc.boolean(),
    failures: count,
    since: time,
    latest: time,
    hold_until: maybe,
  })
  .map((own) => (own.failures > 0 ? own : { ...own, since: null, latest: null }))

const ATTEMPT = { message_id: 'msg_a', number: 1 }

function changeOf(id: string, { health: columns, ...added }: Learned, more: Partial<HealthChange> = {}): HealthChange {
  const none = { message_id: null, number: null, is_changed: true }
  return { id, ...columns, ...added, ...none, before: 'start:read', health_rev: 'start:written', ...more }
}

async function put(id: string, row: EndpointHealth & Partial<PaceColumns>, health_rev: string): Promise<void> {
  const names = Object.keys(row)
  await env.DB.prepare(
    `update endpoints set status = 'enabled', health_rev = ?1, ${names.map((name, i) => `${name} = ?${i + 2}`).join()} where id = ?${names.length + 2}`
  )
    .bind(health_rev, ...Object.values(row), id)
    .run()
}

async function read(id: string): Promise<StoredHealth> {
  const row = await env.DB.prepare(`select ${HEALTH.of()} from endpoints where id = ?`).bind(id).first<StoredHealth>()
  if (!row) throw new Error('There is no such row.')
  return row
}

describe('the statement that writes health', () => {
  it('adds what was learned to any other state, as the rule says', async () => {
    const { id } = await anEndpoint(new World(), mailbox().url())
    const agree = async (row: EndpointHealth, own: Learned, columns: PaceColumns) => {
      await put(id, { ...row, ...columns }, 'start:another')
      await batch(env, [saveHealth(env, [changeOf(id, own)], NOW)])
      expect(healthOf(await read(id))).toEqual(merge(row, own, NOW, paceOf(columns)))
    }
    await fc.assert(fc.asyncProperty(health, learned, pace, agree), { numRuns: 600 })
  })

  it('clears what a success clears, even if nothing else shows the failure', async () => {
    const { id } = await anEndpoint(new World(), mailbox().url())
    await put(id, { ...HEALTHY, last_failure_at: NOW - 1 }, 'start:another')
    const nothing = { disable: null, was_open: false, failures: 0, since: null, latest: null, hold_until: null }
    const success = changeOf(id, { ...nothing, health: HEALTHY, succeeded: true }, { is_changed: false })
    await batch(env, [saveHealth(env, [success], NOW)])
    expect(healthOf(await read(id))).toEqual(HEALTHY)
  })

  it('replaces the columns if the row has the revision that was read', async () => {
    const { id } = await anEndpoint(new World(), mailbox().url())
    const agree = async (row: EndpointHealth, own: Learned) => {
      const slow_until = row.slow_until
      await put(id, row, 'start:read')
      const columns = { ...own.health, slow_until }
      await batch(env, [saveHealth(env, [changeOf(id, { ...own, health: columns })], NOW)])
      expect(await read(id)).toEqual({ ...columns, health_rev: 'start:written' })
    }
    await fc.assert(fc.asyncProperty(health, learned, agree), { numRuns: 50 })
  })

  it('writes nothing if there is nothing to add', async () => {
    const { id } = await anEndpoint(new World(), mailbox().url())
    const nothing = { disable: null, was_open: false, failures: 0, since: null, latest: null, hold_until: null }
    const success = { ...nothing, health: HEALTHY, succeeded: true }
    for (const health_rev of ['start:read', 'start:another']) {
      await put(id, HEALTHY, health_rev)
      expect(await all(saveHealth(env, [changeOf(id, success, { is_changed: false })], NOW))).toEqual([])
    }
    const open = { ...HEALTHY, breaker: 'open' as const, resume_at: NOW + 60_000, slow_until: NOW + SLOW_FOR_MS }
    await put(id, open, 'start:another')
    const failure = { ...nothing, succeeded: false, failures: 1, since: NOW, latest: NOW }
    const late = { ...failure, health: { ...HEALTHY, consecutive_failures: 1, slow_until: NOW + SLOW_FOR_MS + 1 } }
    expect(await all(saveHealth(env, [changeOf(id, late)], NOW))).toEqual([])
  })

  it('counts an attempt once, although its write is repeated', async () => {
    const { id } = await anEndpoint(new World(), mailbox().url())
    await put(id, HEALTHY, 'start:another')
    const none = { disable: null, was_open: false, succeeded: false, hold_until: null }
    const failure = { ...none, failures: 1, since: NOW, latest: NOW, health: { ...HEALTHY, consecutive_failures: 1 } }
    const facts = { trigger: 'auto', started_at: NOW, duration_ms: 1, outcome: 'refused', status_code: 500 } as const
    const texts = {
      error_class: 'http_5xx',
      response_excerpt: null,
      response_headers: null,
      late_at: null,
      job_id: null,
    } as const
    for (const _ of [1, 2]) {
      const attempt = { endpoint_id: id, ...ATTEMPT, ...facts, ...texts }
      await batch(env, [saveHealth(env, [changeOf(id, failure, ATTEMPT)], NOW), insertAttempts(env, [attempt])])
    }
    expect((await read(id)).consecutive_failures).toBe(1)
  })

  it('adds nothing to a fresh start', async () => {
    const { id } = await anEndpoint(new World(), mailbox().url())
    await put(id, HEALTHY, 'another')
    const facts = { disable: 'gone' as const, was_open: true, succeeded: true, failures: 9, since: NOW, latest: NOW }
    const own = { ...facts, health: { ...HEALTHY, slow_until: NOW + SLOW_FOR_MS }, hold_until: NOW }
    expect(await all(saveHealth(env, [changeOf(id, own)], NOW))).toEqual([])
  })

  it('releases nothing for an order whose revision is gone', async () => {
    const { id } = await anEndpoint(new World(), mailbox().url())
    await put(id, HEALTHY, 'start:another')
    const after = { ...HEALTHY, breaker: 'draining' as const, resume_at: NOW, health_rev: 'start:written' }
    expect(await first(replaceHealth(env, { id, before: 'start:read', after }, NOW))).toBeNull()
    expect((await read(id)).breaker).toBe('closed')
  })
})
