import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import { aComment, laterOffTurn, mailbox } from '../../support/fixtures'
import { ownerBrowser } from '../../support/session'
import { DAY, githubPost, STAR, theInbound } from '../../support/sources'
import { theDelivery } from '../../support/views'
import { World } from '../../support/world'
import {
  migrate,
  OLD_DATABASES,
  type OldDatabase,
  readRows,
  readSchema,
  readTables,
  restore,
  restoreMigrated,
  writeRows,
} from './old-databases'

/** Columns whose values a migration changes on purpose. Other tests check the new values. */
const CHANGED: Record<string, string[]> = {
  books: ['settings'],
  comments: ['author_key'],
  endpoints: ['url', 'headers'],
  messages: ['payload', 'dispatched_at'],
  deliveries: ['status', 'reason', 'next_attempt_at', 'settled_at'],
  attempts: ['response_excerpt'],
  inbound_messages: ['dedupe_key'],
}

const WITH_SOURCES = OLD_DATABASES.flatMap((old) => (old.facts.inbound ? [{ ...old, inbound: old.facts.inbound }] : []))

/** @returns a guestbook with an old database that was migrated, and the receiver of its endpoints */
async function upgrade(old: OldDatabase) {
  const box = mailbox()
  await restoreMigrated(old, box.url('').replace(/\/$/, ''))
  return { world: new World(), box }
}

/** Runs the sweep a day later, and all that it wakes. @returns the faults that were logged */
async function sweep(world: World): Promise<string[]> {
  const errors = vi.spyOn(console, 'error')
  await world.sweep(laterOffTurn(DAY))
  await world.drainDelayed()
  const faults = errors.mock.calls.map(([line]) => String(line))
  errors.mockRestore()
  return faults
}

describe.each(OLD_DATABASES)('the database $name', (old) => {
  const { facts } = old

  it('gets the schema of a new database', async () => {
    const fresh = await readSchema()
    await restore(old, old.facts.receiver)
    await migrate()
    expect(await readSchema()).toEqual(fresh)
  })

  it('keeps every row and every value', async () => {
    const box = mailbox()
    await restore(old, box.url('').replace(/\/$/, ''))
    const before = await readTables(Object.keys(facts.rows))
    await migrate()
    const after = await readTables(Object.keys(facts.rows))
    for (const [table, rows] of Object.entries(before)) {
      expect(rows, table).toHaveLength(facts.rows[table] ?? 0)
      const kept = rows.map((row) => {
        const values = Object.entries(row).filter(([column]) => !CHANGED[table]?.includes(column))
        const renamed = values.map(([column, value]) => [column === 'body_hash' ? 'fingerprint' : column, value])
        return expect.objectContaining(Object.fromEntries(renamed))
      })
      expect(after[table], table).toEqual(kept)
    }
    // The other tests get the same rows in this way, without migrating again.
    await writeRows(await readRows())
    expect(await readTables(Object.keys(facts.rows))).toEqual(after)
  })

  it('sends a new entry, signed with the secret that the receiver has', async () => {
    const { world, box } = await upgrade(old)
    const comment = await aComment(world, { body: 'After the upgrade' })
    await world.drain()
    const [request] = (await box.received()).filter(({ path }) => path.endsWith('/ok'))
    const payload = new Webhook(facts.endpoint.secret).verify(request?.body ?? '', request?.headers ?? {})
    expect(payload).toMatchObject({ type: 'comment.published', data: { comment } })
    const secret = await world.api('GET', `/api/endpoints/${facts.endpoint.id}/secret`)
    expect(secret.body).toMatchObject({ secret: facts.endpoint.secret })
  })

  it('is swept: what was waiting is sent', async () => {
    const { world, box } = await upgrade(old)
    expect(await sweep(world)).toEqual([])
    expect(await theDelivery(world, facts.endpoint.id, facts.lost)).toMatchObject({ status: 'delivered' })
    // The next sweep sends what was parked behind the receiver that works again.
    expect(await sweep(world)).toEqual([])
    const { body } = await world.api<{ data: { status: string }[] }>(
      'GET',
      `/api/endpoints/${facts.recovering}/deliveries?limit=100`
    )
    expect(body.data.filter(({ status }) => status === 'pending')).toEqual([])
    expect((await box.received()).filter(({ path }) => path.endsWith('/scripted')).length).toBeGreaterThan(0)
  })

  it('is shown on every page', async () => {
    const { world } = await upgrade(old)
    const browser = await ownerBrowser(world)
    const lists = ['comments', 'endpoints', 'messages', 'sources', 'inbound', 'event-types', 'keys', 'settings']
    const seen = new Set(['/admin', '/', ...lists.map((name) => `/admin/${name}`)])
    const { sources = [] } = await readTables(['sources'])
    const deleted = sources.flatMap(({ id, status }) => (status === 'deleted' ? [`/admin/sources/${id}`] : []))
    for (const path of seen) {
      if (deleted.includes(path)) continue
      const response = await browser.get(path)
      expect(response.status, path).toBe(200)
      const links = (await response.text()).matchAll(
        /href="(\/admin\/(?:endpoints|messages|sources|inbound)\/[^"?#/]+)"/g
      )
      for (const [, link] of links) seen.add(link ?? '')
    }
    expect(await browser.see('/')).toContain('Hello again; it was edited')
    expect(seen.size).toBeGreaterThan(15)
  })

  it('numbers new entries after the old ones, and edits the old ones', async () => {
    const { world } = await upgrade(old)
    const before = (await readTables(['comments'])).comments ?? []
    const { id } = await aComment(world)
    const added = (await readTables(['comments'])).comments?.find((row) => row.id === id)
    expect(Number(added?.number)).toBeGreaterThan(Math.max(...before.map(({ number }) => Number(number))))
    const path = `/api/comments/${facts.comment}`
    expect(await world.api('PATCH', path, { body: 'Edited' })).toMatchObject({ status: 200 })
    expect(await world.api('DELETE', path)).toMatchObject({ status: 204 })
  })
})

describe.each(OLD_DATABASES.filter(({ facts }) => facts.job))('the replay in $name', (old) => {
  it('continues until it is done', async () => {
    const { world } = await upgrade(old)
    for (let minute = 0; minute < 3; minute++) await sweep(world)
    const job = await world.api('GET', `/api/jobs/${old.facts.job}`)
    expect(job.body).toMatchObject({ state: 'done' })
  })
})

describe.each(OLD_DATABASES.filter(({ facts }) => facts.link))('the tokens in $name', (old) => {
  it('are still valid, and the public keys are the same', async () => {
    const { world } = await upgrade(old)
    const { link, pull, endpoint, kids = [] } = old.facts
    expect((await world.request(`/webhooks/manage/${link}`)).status).toBe(200)
    const pulled = await world.api('GET', `/api/endpoints/${endpoint.id}/messages`, undefined, {
      Authorization: `Bearer ${pull}`,
    })
    expect(pulled.status).toBe(200)
    const keys = await world.api<{ keys: { kid: string }[] }>('GET', '/.well-known/webhook-keys')
    expect(keys.body.keys[0]?.kid).toBe(kids[0])
  })
})

describe.each(WITH_SOURCES)('the sources in $name', (old) => {
  const { kept, refused, strict, signing, paused, deleted } = old.inbound

  it('receive webhooks at the addresses that senders have', async () => {
    const { world } = await upgrade(old)
    const { status, body } = await githubPost(world, kept.path, kept.secret, STAR)
    expect(status).toBe(202)
    await githubPost(world, signing.path, kept.secret, STAR)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed', verified: true, path: kept.path })
    expect((await world.api('GET', '/api/comments?limit=1')).body).toMatchObject({
      data: [{ name: 'ada', body: 'starred ada/engine' }],
    })
    expect((await githubPost(world, deleted.path, kept.secret, STAR)).status).toBe(404)
  })

  it('recognize a repeat of what they received before', async () => {
    const { world } = await upgrade(old)
    const repeat = await githubPost(world, kept.path, kept.secret, STAR, { delivery: kept.delivery })
    expect(repeat).toMatchObject({ status: 200, body: { id: kept.id, repeat: true } })
  })

  it('accept the real webhook after a forged one', async () => {
    const { world } = await upgrade(old)
    const real = await githubPost(world, kept.path, kept.secret, STAR, { delivery: refused.delivery })
    expect(real.status).toBe(202)
    await world.drain()
    expect(await theInbound(world, real.body.id)).toMatchObject({ status: 'processed', verified: true })
    expect(await theInbound(world, refused.id)).toMatchObject({ status: 'failed', reason: 'signature_mismatch' })
  })

  it('can reprocess what was refused on arrival', async () => {
    const { world } = await upgrade(old)
    const again = await world.api('POST', `/api/inbound/${strict.id}/replay`, {})
    expect(again).toMatchObject({ status: 202, body: { status: 'failed', reason: 'signature_mismatch' } })
  })

  it('process what waited while they were paused', async () => {
    const { world } = await upgrade(old)
    const late = await githubPost(world, paused.path, kept.secret, STAR)
    await world.api('PATCH', `/api/sources/${paused.source_id}`, { status: 'active' })
    await world.drain()
    expect(await sweep(world)).toEqual([])
    for (const id of [paused.id, late.body.id]) {
      expect(await theInbound(world, id)).toMatchObject({ status: 'processed', verified: true })
    }
  })
})
