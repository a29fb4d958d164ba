import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, inject, it, vi } from 'vitest'
import { PICTURES } from '../../fixtures/pictures'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { ownerBrowser, session } from '../../support/session'
import { aSource, githubPost, STAR } from '../../support/sources'
import { latestMessageId, theDelivery } from '../../support/views'
import { World } from '../../support/world'
import { aKey, withKey } from './a-key'

/* What changes nothing is no change: no line in the audit log, and nothing becomes newer. */

type Method = 'POST' | 'PATCH' | 'PUT' | 'DELETE'
type Call = [method: Method, path: string, body?: unknown]

/** Each thing, with what the calls leave as it is. @returns the calls, and statuses other than 200 */
const THINGS: Record<string, (world: World) => Promise<{ calls: Call[]; path?: string }>> = {
  'an endpoint': async (world) => {
    const { id } = await anEndpoint(world, mailbox().url(), {
      description: 'The shop',
      event_types: ['order.*', 'comment.published'],
      headers: { 'X-Site': 'blog', Authorization: 'Bearer a-token-of-the-receiver' },
      when: 'data.total > 5',
    })
    const path = `/api/endpoints/${id}`
    const { body } = await world.api('GET', path)
    const { url, description, event_types, books, format, legacy_signature, headers, ...rest } = body
    const { rate_limit, digest, when, texts, moderation_links } = rest
    const settings = {
      url,
      description,
      event_types,
      books,
      format,
      legacy_signature,
      headers,
      rate_limit,
      digest,
      when,
    }
    const all = { ...settings, texts, moderation_links }
    const each = Object.entries(all).map(([name, value]): Call => ['PATCH', path, { [name]: value }])
    const real = { headers: { 'X-Site': 'blog', Authorization: 'Bearer a-token-of-the-receiver' } }
    const { body: secret } = await world.api('GET', `${path}/secret`)
    return {
      path,
      calls: [
        ['PATCH', path, {}],
        ['PATCH', path, all],
        ...each,
        ['PATCH', path, real],
        ['POST', `${path}/enable`],
        ['POST', `${path}/enable`, { replay_missing: true }],
        ['POST', `${path}/secret/rotate`, { secret: secret.secret }],
        ['POST', `${path}/secret/rotate`, { secret: secret.secret, grace_seconds: 0 }],
        ['DELETE', `${path}/pull-token`],
      ],
    }
  },
  'an endpoint without headers': async (world) => {
    const { id } = await anEndpoint(world, mailbox().url())
    return { path: `/api/endpoints/${id}`, calls: [['PATCH', `/api/endpoints/${id}`, { headers: {}, texts: {} }]] }
  },
  'a daily digest with texts': async (world) => {
    const texts = { 'comment.published': 'Hello {{name}}' }
    const more = { format: 'slack', digest: 'daily', digest_hour: 7, texts }
    const { id } = await anEndpoint(world, mailbox().services.slack, more)
    const path = `/api/endpoints/${id}`
    return { path, calls: [['PATCH', path, more] as Call, ['PATCH', path, { digest: 'daily' }], ['PATCH', path, {}]] }
  },
  'a build hook': async (world) => {
    const more = { format: 'build-hook', min_interval_minutes: 30 }
    const { id } = await anEndpoint(world, mailbox().url(), more)
    const path = `/api/endpoints/${id}`
    return { path, calls: [['PATCH', path, more] as Call, ['PATCH', path, {}]] }
  },
  'an endpoint that the owner has disabled': async (world) => {
    const { id } = await anEndpoint(world, mailbox().url())
    await world.api('POST', `/api/endpoints/${id}/disable`)
    return { path: `/api/endpoints/${id}`, calls: [['POST', `/api/endpoints/${id}/disable`]] }
  },
  'a source': async (world) => {
    const more = {
      secret: 'hush',
      act: 'sign',
      template: { name: '{{who}}', body: '{{text}}' },
      fields: [{ name: 'who', path: 'who' }],
      options: { event_type: 'body:type', delivery_id: 'body:id' },
      body_retention_days: 2,
    }
    const { id } = await aSource(world, 'github', more)
    const path = `/api/sources/${id}`
    const { body } = await world.api('GET', path)
    const { name, strict, status, retention_days, daily_quota_mb } = body
    const all = { ...more, name, strict, status, retention_days, daily_quota_mb }
    const each = Object.entries(all).map(([field, value]): Call => ['PATCH', path, { [field]: value }])
    return {
      path,
      calls: [
        ['PATCH', path, {}],
        ['PATCH', path, all],
        ['PATCH', path, { options: { delivery_id: 'body:id', event_type: 'body:type' } }],
        ...each,
        ['POST', `${path}/secret/rotate`, { secret: 'hush', grace_seconds: 60 }],
        ['POST', `${path}/replay`],
      ],
    }
  },
  'an event type': async (world) => {
    const type = { description: 'Paid', schema: { type: 'object' }, example: { n: 1 } }
    await world.api('POST', '/api/event-types', { name: 'order.paid', ...type })
    const path = '/api/event-types/order.paid'
    return { path, calls: [['PATCH', path, {}] as Call, ['PATCH', path, type]] }
  },
  'a message': async (world) => {
    await anEndpoint(world, mailbox().url('status/500'))
    const event = { id: `msg_${'0'.repeat(26)}`, type: 'order.paid', data: { n: 1 } }
    await world.api('POST', '/api/messages', event)
    await world.drain()
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/endpoints')
    const retry = `/api/messages/${event.id}/deliveries/${body.data[0]?.id}/retry`
    return { path: `/api/messages/${event.id}`, calls: [['POST', '/api/messages', event] as Call, ['POST', retry]] }
  },
  'an entry': async (world) => {
    const { id } = await aComment(world, { name: 'Ada', body: 'Hello', website: 'https://ada.example' })
    const path = `/api/comments/${id}`
    await world.api('PUT', `${path}/reply`, { body: 'Thank you' })
    const values = { name: 'Ada', body: 'Hello', website: 'https://ada.example/' }
    return {
      path,
      calls: [
        ['PATCH', path, {}],
        ['PATCH', path, values],
        ['PATCH', path, { status: 'published' }],
        ['PATCH', path, { ...values, status: 'published' }],
        ['PUT', `${path}/reply`, { body: 'Thank you' }],
      ],
    }
  },
  'an entry without a reply': async (world) => {
    const { id } = await aComment(world)
    return { path: `/api/comments/${id}`, calls: [['DELETE', `/api/comments/${id}/reply`]] }
  },
  'a book': async (world) => {
    await world.api('PATCH', '/api/books/main', { theme: 'zine', has_wall: true })
    const { body: picture } = await world.api('POST', '/api/books/main/pictures', {
      content: PICTURES.gif,
      use: 'header',
      alt: 'A moth',
    })
    const ban = { by: 'name', value: 'Mallory', days: null }
    await world.api('POST', '/api/books/main/bans', ban)
    await world.api('DELETE', '/api/books/main/buttons/a.example')
    return {
      path: '/api/books/main',
      calls: [
        ['PATCH', '/api/books/main', { theme: 'zine' }],
        ['PATCH', `/api/books/main/pictures/${picture.id}`, { use: 'header', alt: 'A moth' }],
        ['PATCH', `/api/books/main/pictures/${picture.id}`, {}],
        ['POST', '/api/books/main/bans', ban],
        ['DELETE', '/api/books/main/buttons/a.example'],
      ],
    }
  },
  'the deployment': async (world) => {
    const { body } = await world.api('GET', '/api/settings')
    return {
      path: '/api/settings',
      calls: [
        ['PATCH', '/api/settings', {}],
        ['PATCH', '/api/settings', body],
        ['DELETE', '/api/sessions'],
        ['POST', '/api/erase', { ids: ['cmt_gone'] }],
      ],
    }
  },
}

interface Detail {
  request: { is_exact: boolean }
  attempts: { response_excerpt: string }[]
}

async function countActs(): Promise<number> {
  return (await env.DB.prepare('select count(*) as n from audit_log').first<number>('n')) ?? 0
}

afterEach(() => void vi.useRealTimers())

describe('a request that changes nothing', () => {
  it.each(Object.keys(THINGS))('has no line in the audit log, and leaves %s as it was', async (name) => {
    const world = new World()
    const { calls, path = '' } = (await THINGS[name]?.(world)) ?? { calls: [] }
    const before = (await world.api('GET', path)).body
    const acts = await countActs()
    expect(calls.length).toBeGreaterThan(0)
    for (const [method, to, body] of calls) {
      const { status } = await world.api(method, to, body)
      expect([method, to, body, status < 300, await countActs()]).toEqual([method, to, body, true, acts])
    }
    await world.drain()
    expect((await world.api('GET', path)).body).toEqual(before)
  })

  it('has no line in the audit log if it comes from a form', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const { id: comment } = await aComment(world)
    const { id: source } = await aSource(world, 'unsigned')
    const browser = await ownerBrowser(world)
    const acts = await countActs()
    const forms: [path: string, fields: Record<string, string>][] = [
      [`/admin/endpoints/${id}/enable`, {}],
      [`/admin/endpoints/${id}/pull-token/revoke`, {}],
      [`/admin/sources/${source}/resume`, {}],
      [`/admin/sources/${source}/replay`, {}],
      [`/admin/comments/${comment}`, { action: 'publish' }],
      [`/admin/comments/${comment}/reply`, { reply: '' }],
      ['/admin/comments', { action: 'publish', ids: comment }],
      ['/admin/moving/people/erase', { ids: 'cmt_gone' }],
      ['/admin/first-steps/show', {}],
      ['/admin/access/sessions/revoke-others', {}],
    ]
    for (const [path, fields] of forms) {
      const { status } = await browser.submit(path, fields)
      expect([path, status, await countActs()]).toEqual([path, 303, acts])
    }
    await browser.submit('/admin/first-steps/hide', {})
    await browser.submit('/admin/first-steps/hide', {})
    expect(await countActs()).toBe(acts + 1)
  })

  it('hides no response from assistants, and leaves the stored request exact', async () => {
    const world = new World()
    // A long name in the path would look like a credential.
    const { id, url } = await anEndpoint(world, `${inject('receiver')}/shop/status/500`)
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    const reader = withKey(await aKey(world, ['read']))
    const path = `/api/messages/${message}/deliveries/${id}`
    const seen = async () => {
      const { body } = await world.api<Detail>('GET', path, undefined, reader)
      return [body.request.is_exact, body.attempts[0]?.response_excerpt]
    }
    const before = await seen()
    expect(before[0]).toBe(true)
    for (const change of [{}, { url }, { headers: {} }, { description: '' }])
      expect((await world.api('PATCH', `/api/endpoints/${id}`, change)).status).toBe(200)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    expect(await seen()).toEqual(before)
    await world.api('PATCH', `/api/endpoints/${id}`, { description: 'x' })
    expect(await seen()).not.toEqual(before)
  })

  it('does not take the moderation links of an endpoint', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const path = `/api/endpoints/${id}`
    const writer = withKey(await aKey(world, ['read', 'write', 'secrets']))
    const { body } = await world.api('GET', path)
    expect(body.moderation_links).toBe(true)
    const { url, event_types, books, format, headers, when, texts } = body
    const links = async (change: object) => (await world.api('PATCH', path, change, writer)).body.moderation_links
    for (const change of [{ headers }, { texts }, { url, event_types, books, format, headers, when, texts }])
      expect([change, await links(change)]).toEqual([change, true])
    await world.api('PATCH', path, { headers: { Authorization: 'Bearer one-token-of-mine' }, moderation_links: true })
    expect(await links({ headers: { Authorization: 'Bearer one-token-of-mine' } })).toBe(true)
    // It looks the same when it is shown, but it is another value.
    expect(await links({ headers: { Authorization: 'Bearer two-tokens-of-mine' } })).toBe(false)
  })

  it('leaves the copies of a page in caches valid', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { title: 'My book', theme: 'zine' })
    const etag = async () => (await world.request('/')).headers.get('ETag')
    const before = await etag()
    await world.api('PATCH', '/api/books/main', { title: 'My book', theme: 'zine' })
    expect([before, await etag()]).toEqual([expect.any(String), before])
    await world.api('PATCH', '/api/books/main', { theme: 'plain' })
    expect(await etag()).not.toBe(before)
  })

  it('is no change if it was sent twice, and a change has one line', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'wrong' })
    await githubPost(world, source.path, 'hush', STAR)
    await world.drain()
    await session(world)
    const acts = await countActs()
    const path = `/api/sources/${source.id}`
    for (let i = 0; i < 2; i++) await world.api('POST', `${path}/replay`)
    for (let i = 0; i < 2; i++) await world.api('PATCH', path, { secret: null })
    for (let i = 0; i < 2; i++) await world.api('DELETE', '/api/sessions')
    expect(await countActs()).toBe(acts + 3)
  })

  it('has no effect on a delivery that waits', async () => {
    // The request that a delivery shows is signed for the time at which it is read.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/500'))
    await aComment(world)
    await world.drain()
    const before = await theDelivery(world, id)
    await world.api('PATCH', `/api/endpoints/${id}`, { format: 'standard', rate_limit: 300, digest: 'off' })
    expect(await theDelivery(world, id)).toEqual(before)
  })
})
