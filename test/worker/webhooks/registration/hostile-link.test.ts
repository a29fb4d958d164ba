import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { OPERATIONS } from '../../../../src/owner/operations'
import { letPass } from '../../../support/clock'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { FORM } from '../../../support/session'
import { latestMessageId } from '../../../support/views'
import { TOKEN, type World } from '../../../support/world'
import { aWorld, endpoints, registered, submit } from './integrator'

/* What a private link must not do. The forms are those of the operations, so a new one is tested, too. */

/** They come last, because the others need an endpoint that is enabled. */
const LAST = ['/pause', '/delete']
const FORMS = OPERATIONS.flatMap(({ managed }) => (managed ? [managed.at] : [])).toSorted(
  (a, b) => LAST.indexOf(a) - LAST.indexOf(b)
)

/** Two endpoints of integrators, with a delivery and a replay each. The link is that of the first one. */
async function twoEndpoints() {
  const world = await aWorld('open')
  const own = await registered(world)
  const other = await registered(world)
  await aComment(world)
  await world.drain()
  const message = await latestMessageId(world)
  await world.api('POST', `/api/endpoints/${other.id}/replay`, { only: 'failed', since: '2020-01-01T00:00:00Z' })
  await env.DB.prepare(`update jobs set state = 'running', run_at = ?`)
    .bind(Date.now() + 3_600_000)
    .run()
  const job = String(await env.DB.prepare('select id from jobs').first('id'))
  const pathOf = (at: string) => at.replace(':message_id', message).replace(':job', job)
  return { world, own, other, job, paths: FORMS.map(pathOf) }
}

/** Everything that a form could change, except what the program notes for itself. */
async function everything(): Promise<unknown[]> {
  const tables = ['endpoints', 'deliveries', 'jobs', 'messages', 'attempts', 'idempotency_keys', 'audit_log']
  const read = tables.map((table) => env.DB.prepare(`select * from ${table}`).all())
  return (await Promise.all(read)).map(({ results }) => results)
}

const post = (world: World, path: string, headers: Record<string, string> = {}, body = 'grace_seconds=0&once=x') =>
  world.request(path, { method: 'POST', headers: { ...FORM, ...headers }, body })

async function rowOf(id: string) {
  return env.DB.prepare('select * from endpoints where id = ?').bind(id).first()
}

describe('a form of a private link', () => {
  it('that only counts what a replay would send starts none', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    const fields: [string, string][] = [
      ['only', 'missing'],
      ['span', '7'],
      ['dry_run', 'true'],
      ['once', 'x'],
    ]
    const { status, location } = await submit(world, `${path}/replay`, fields)
    expect([status, location]).toEqual([303, `${path}?tab=replay&preview=true&only=missing&span=7&event_types=`])
    expect(await env.DB.prepare('select count(*) as n from jobs').first('n')).toBe(0)
  })

  it('changes nothing with a link that is forged, or was replaced', async () => {
    const { world, own, paths } = await twoEndpoints()
    const { path } = own
    const before = await everything()
    const links = [`${path.slice(0, -1)}_`, path.toLowerCase(), '/webhooks/manage/link_x', '/webhooks/manage/%00']
    for (const link of links)
      for (const at of paths) expect([link, at, (await post(world, link + at)).status]).toEqual([link, at, 404])
    expect(await everything()).toEqual(before)
    await env.DB.prepare(`update endpoints set manage_token_hash = 'x' where id = ?`).bind(own.id).run()
    for (const at of paths) expect((await post(world, path + at)).status).toBe(404)
  })

  it('changes nothing if another site sends it, or if it is only opened', async () => {
    const { world, own, paths } = await twoEndpoints()
    const before = await everything()
    for (const at of paths) {
      expect((await post(world, own.path + at, { Origin: 'https://evil.example' })).status).toBe(403)
      const opened = await world.request(own.path + at)
      expect(opened.status).toBe(at === '/edit' ? 200 : 405)
    }
    expect(await everything()).toEqual(before)
  })

  it('never acts on another endpoint, whatever it contains', async () => {
    const { world, own, other, job, paths } = await twoEndpoints()
    const [before, jobs] = [await rowOf(other.id), await env.DB.prepare('select * from jobs').all()]
    const wrong: [string, string][] = ['id', 'endpoint_id', 'manages', 'job', 'token'].map((name) => [name, other.id])
    const query = new URLSearchParams(wrong).toString()
    for (const at of paths) {
      const { status } = await submit(world, `${own.path}${at}?${query}`, [...wrong, ['grace_seconds', '0']])
      // Nothing waits for the own endpoint.
      const expected = at === '/edit' ? 422 : at === '/try' ? 409 : 303
      expect([at, status]).toEqual([at, at.includes(job) ? 404 : expected])
    }
    expect(await rowOf(other.id)).toEqual(before)
    expect((await env.DB.prepare('select * from jobs where endpoint_id = ?').bind(other.id).all()).results).toEqual(
      jobs.results
    )
    expect((await endpoints(world)).map(({ id }) => id)).toEqual([other.id])
  })

  it('gets no rights from the token of the owner, and is no act of the owner', async () => {
    const { world, own } = await twoEndpoints()
    const headers = { Authorization: `Bearer ${TOKEN}` }
    const count = () => env.DB.prepare('select count(*) as n from audit_log').first('n')
    await world.api('POST', `/api/endpoints/${own.id}/disable`)
    const before = await count()
    for (const at of ['/resume', '/test', '/replay', '/pull-token'])
      expect((await post(world, own.path + at, headers)).status).toBe(409)
    expect((await post(world, `${own.path}/rotate`, headers)).status).toBe(303)
    expect(await rowOf(own.id)).toMatchObject({ status: 'disabled', disabled_reason: 'manual' })
    expect(await count()).toBe(before)
  })

  it('sets nothing but the URL, the description and public event types', async () => {
    const world = await aWorld('open')
    const { id, path, box } = await registered(world)
    const before = await rowOf(id)
    const set: [string, string][] = [
      ['url', box.url('verify')],
      ['description', 'Mine'],
      ['event_types', 'comment.removed'],
    ]
    const more = Object.entries({
      format: 'slack',
      books: 'main',
      headers: 'X-Site: mine',
      when: 'data.comment.name == "Ada"',
      rate_limit: '600',
      digest: 'daily',
      digest_hour: '5',
      min_interval_minutes: '0',
      moderation_links: 'true',
      legacy_signature: 'hub',
      enabled: 'false',
      'texts.comment.published': 'x',
      secret: `whsec_${btoa('a'.repeat(32))}`,
      pull_token: 'x',
      manage_token_hash: 'x',
    })
    expect((await submit(world, `${path}/edit`, [...set, ...more])).status).toBe(303)
    expect(await rowOf(id)).toEqual({
      ...before,
      description: 'Mine',
      event_types: '["comment.removed"]',
      updated_at: expect.any(Number),
    })
  })

  it('removes the moderation links that the owner gave, when it changes what the endpoint gets', async () => {
    const world = await aWorld('open')
    const { id, path, box } = await registered(world)
    const given = { event_types: ['comment.published', 'comment.held'], moderation_links: true }
    expect((await world.api('PATCH', `/api/endpoints/${id}`, given)).status).toBe(200)
    const edit = (...types: string[]) =>
      submit(world, `${path}/edit`, [
        ['url', box.url('verify')],
        ...types.map((type): [string, string] => ['event_types', type]),
      ])
    expect((await edit('comment.published')).status).toBe(303)
    expect(await rowOf(id)).toMatchObject({ moderation_links: 1 })
    expect((await edit('comment.removed')).status).toBe(303)
    expect(await rowOf(id)).toMatchObject({ moderation_links: 0, event_types: '["comment.removed","comment.held"]' })
  })

  it('sends examples as tests, without links that moderate, and makes the new secret itself', async () => {
    const world = await aWorld('open')
    const { path, box } = await registered(world)
    await submit(world, `${path}/test`, [['type', 'comment.held']])
    const held = JSON.parse((await box.received())[1]?.body ?? '')
    expect(held).toMatchObject({ type: 'comment.held', data: { moderation: null } })
    await submit(world, `${path}/test`)
    expect(JSON.parse((await box.received())[2]?.body ?? '').type).toBe('ping')
    expect((await submit(world, `${path}/test`, [['type', 'not.a.type']])).status).toBe(422)
    expect(await box.received()).toHaveLength(3)
    const chosen = `whsec_${btoa('a'.repeat(32))}`
    const fields: [string, string][] = [
      ['grace_seconds', '0'],
      ['secret', chosen],
    ]
    const { html } = await submit(world, `${path}/rotate`, fields)
    const [secret = ''] = /whsec_[A-Za-z0-9+/=]+/.exec(html) ?? []
    expect(secret).not.toBe(chosen)
    await submit(world, `${path}/test`)
    const last = (await box.received()).at(-1)
    new Webhook(secret).verify(last?.body ?? '', (last?.headers ?? {}) as Record<string, string>)
  })

  it('replays nothing from before the registration, and nothing that was delivered', async () => {
    const world = await aWorld('open')
    await aComment(world, { body: 'before' })
    await world.drain()
    letPass(5_000)
    const { path, box, id } = await registered(world)
    const fields: [string, string][] = [
      ['only', 'missing'],
      ['since', '2020-01-01T00:00:00Z'],
      ['span', '36500'],
      ['event_types', '*'],
    ]
    expect((await submit(world, `${path}/replay`, fields)).status).toBe(303)
    await world.drainDelayed()
    expect(await box.received()).toHaveLength(1)
    expect((await submit(world, `${path}/replay`, [['only', 'all'], ...fields.slice(1)])).status).toBe(303)
    const { results } = await env.DB.prepare('select only, since, endpoint_id from jobs order by id').all()
    const created_at = (await rowOf(id))?.created_at
    expect(results).toEqual(['missing', 'failed'].map((only) => ({ only, since: created_at, endpoint_id: id })))
  })
})

describe('the page of a private link', () => {
  it('shows no secret, no preview and no page of the owner, whatever its address contains', async () => {
    const world = await aWorld('open')
    const { see, id } = await registered(world)
    await anEndpoint(world, mailbox().url('ok'))
    await env.DB.prepare(`update endpoints set description = 'DESCRIPTION', headers = '{"X-Site":"HEADER"}'`).run()
    const tabs = ['?tab=secret&secret=show', '?tab=replay&preview=true&only=all&span=1', '?tab=pull', '?tab=settings']
    for (const query of [...tabs, '?status=failed&type=ping', `?id=${id}`]) {
      const page = await see(query)
      expect(page).toContain('id="health"')
      expect(page).not.toMatch(/whsec_[\w+/]{20}|whpk_|\/admin|HEADER|DESCRIPTION|name="dry_run"/)
      expect(page).not.toMatch(/<input[^>]*name="type"/)
    }
  })
})
