import { env } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { sealSource } from '../../../src/inbound/sources/secrets'
import { wakeInboundSoon } from '../../../src/queue/send'
import {
  aSource,
  githubPost,
  listInbound as list,
  post,
  type SourceView,
  theBody,
  theInbound,
} from '../../support/sources'
import { later, World } from '../../support/world'

const STAR = '{"action":"created","sender":{"login":"ada"},"repository":{"full_name":"ada/engine"}}'
const DAY = 86_400_000

describe('what failed and is sent again after it was mended', () => {
  it.each([true, false])('is processed, as the first one (strict: %s)', async (strict) => {
    const world = new World()
    const template = { name: '{{sender.login}}', body: 'starred' }
    const more = { secret: 'wrong', strict, act: 'sign', template }
    const source = await aSource(world, 'github', more)
    const send = () => githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect((await send()).status).toBe(strict ? 401 : 202)
    await world.drain()
    const [first] = await list(world)
    expect(first).toMatchObject({ status: 'failed', reason: 'signature_mismatch' })
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
    const again = await send()
    expect(again).toMatchObject({ status: 200, body: { id: first?.id, repeat: true } })
    await world.drain()
    const now = await theInbound(world, first?.id ?? '')
    expect(now).toMatchObject({ status: 'processed', reason: null, verified: true, repeats: 1 })
    expect(now.log.map(({ event }) => event)).toEqual([
      'received',
      'failed',
      'replayed',
      'processed',
    ])
    expect(now.comment_id).toMatch(/^cmt_/)
    expect((await send()).body).toEqual({ id: first?.id, repeat: true })
    expect(world.queued).toEqual([])
  })

  it('is processed also when the first one has lost its body', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'wrong', body_retention_days: 1 })
    const send = () => githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    await send()
    await world.drain()
    await world.sweep(later(3 * DAY))
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
    const again = await send()
    expect(again.status).toBe(202)
    await world.drain()
    expect(await theInbound(world, again.body.id)).toMatchObject({ status: 'processed' })
    expect((await send()).body).toEqual({ id: again.body.id, repeat: true })
  })

  it('and still does not verify, fails again, and wakes nobody where the door refuses it', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'wrong', strict: true })
    for (let i = 0; i < 3; i++)
      expect((await githubPost(world, source.path, 'hush', STAR, { delivery: 'd' })).status).toBe(
        401
      )
    expect(world.queued).toEqual([])
    expect(await list(world)).toMatchObject([{ status: 'failed', repeats: 2 }])
  })
})

describe('processing again', () => {
  it('takes nothing from what is known, where there is nothing left to look at', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush', body_retention_days: 1 })
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    await world.drain()
    const before = await theInbound(world, body.id)
    await world.sweep(later(2 * DAY))
    const again = await world.api('POST', `/api/inbound/${body.id}/replay`)
    expect(again).toMatchObject({ status: 409, body: { code: 'body_removed' } })
    expect(await theInbound(world, body.id)).toEqual(before)
    const session = await world.api('GET', `/api/inbound/${body.id}/verification`)
    expect(session.body).toMatchObject({ reason: 'body_removed' })
  })

  it('nor of a source that was deleted', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    await world.drain()
    await world.api('DELETE', `/api/sources/${source.id}`)
    const again = await world.api('POST', `/api/inbound/${body.id}/replay`)
    expect(again).toMatchObject({ status: 409, body: { code: 'source_deleted' } })
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed', verified: true })
  })

  it('what waits of a source when it is deleted keeps what is known of it', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body } = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-9' })
    await world.api('DELETE', `/api/sources/${source.id}`)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({
      status: 'failed',
      reason: 'source_deleted',
      verified: null,
      external_id: 'd-9',
    })
  })
})

describe('another address', () => {
  const options = { header: 'x-sig', signed: '{url}{body}' }

  it('is none to what came to the one before, which was signed', async () => {
    const world = new World()
    const source = await aSource(world, 'custom-hmac', { secret: 'hush', options })
    const mac = createHmac('sha256', 'hush').update(`${source.url}{}`).digest('hex')
    const { body } = await post(world, source.path, '{}', { 'X-Sig': mac })
    for (let i = 0; i < 3; i++) await world.api('POST', `/api/sources/${source.id}/url/rotate`)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({
      status: 'processed',
      verified: true,
      path: source.path,
    })
  })
})

describe('a source whose secrets do not open any more', () => {
  async function broken(world: World): Promise<SourceView> {
    const source = await aSource(world, 'github', { secret: 'hush' })
    const sealed = await sealSource(world.env, 'src_another', { token: 'hook_x', current: 'x' })
    await env.DB.prepare('update sources set secrets = ?1 where id = ?2')
      .bind(sealed, source.id)
      .run()
    return source
  }

  it('says so, and is mended by another address and the secret', async () => {
    const world = new World()
    const { id } = await broken(world)
    const shown = await world.api('GET', `/api/sources/${id}`)
    expect(shown).toMatchObject({ status: 503, body: { code: 'secrets_unreadable' } })
    const mended = await world.api<SourceView>('POST', `/api/sources/${id}/url/rotate`)
    expect(mended.status).toBe(200)
    await world.api('PATCH', `/api/sources/${id}`, { secret: 'hush' })
    await githubPost(world, new URL(mended.body.url).pathname, 'hush', STAR)
    await world.drain()
    expect((await list(world))[0]).toMatchObject({ status: 'processed', verified: true })
  })

  it('can be deleted', async () => {
    const world = new World()
    const { id } = await broken(world)
    expect((await world.api('DELETE', `/api/sources/${id}`)).status).toBe(204)
  })
})

describe('two deliveries', () => {
  it('are two where the event is in the query, or in the method', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const sent: [string, string][] = [
      ['', 'POST'],
      ['?event=a', 'POST'],
      ['?event=b', 'POST'],
      ['?event=b', 'PUT'],
    ]
    const post1 = async ([query, method]: [string, string]) =>
      (await post(world, path + query, '{}', {}, method)).status
    for (const one of sent) expect(await post1(one)).toBe(202)
    for (const one of sent) expect(await post1(one)).toBe(200)
  })

  it('are two, however long their ids', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const long = 'd'.repeat(300)
    const send = (delivery: string) => githubPost(world, source.path, 'hush', STAR, { delivery })
    expect((await send(`${long}A`)).status).toBe(202)
    expect((await send(`${long}B`)).status).toBe(202)
    expect((await send(`${long}A`)).body.repeat).toBe(true)
  })

  it('are two, where their ids have more digits than a number holds', async () => {
    const world = new World()
    const more = { options: { delivery_id: 'body:id' }, fields: [{ name: 'n', path: 'n' }] }
    const { path } = await aSource(world, 'unsigned', more)
    const ids = ['820982911946154508', '820982911946154509']
    for (const id of ids) {
      const answer = await post(world, path, `{"id":${id},"n":-${id}.25}`)
      expect(answer.status).toBe(202)
      await world.drain()
      expect(await theInbound(world, answer.body.id)).toMatchObject({
        external_id: id,
        fields: { n: `-${id}.25` },
      })
    }
  })

  it('are one by the id in a body of up to a megabyte', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned', { options: { delivery_id: 'body:id' } })
    const send = (n: number) =>
      post(world, path, JSON.stringify({ id: 'evt_1', n, pad: 'x'.repeat(900_000) }))
    const first = await send(1)
    expect((await send(2)).body).toEqual({ id: first.body.id, repeat: true })
  })
})

describe('a message that is removed', () => {
  it('is gone with its body, and is new when it is sent again', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const { body } = await post(world, path, 'private')
    await world.drain()
    expect((await world.api('DELETE', `/api/inbound/${body.id}`)).status).toBe(204)
    expect((await world.api('DELETE', `/api/inbound/${body.id}`)).status).toBe(404)
    expect((await world.api('GET', `/api/inbound/${body.id}`)).status).toBe(404)
    const left = await env.DB.prepare('select count(*) as n from inbound_chunks').first()
    expect(left).toEqual({ n: 0 })
    const again = await post(world, path, 'private')
    expect(again.status).toBe(202)
    await world.api('DELETE', `/api/inbound/${again.body.id}`)
    await world.drain()
    expect(await list(world)).toEqual([])
  })
})

describe('headers', () => {
  it('that read like our own words are what was sent', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const words = '(sealed under a SECRETS_KEY that is gone)'
    const { body } = await post(world, path, '{}', { 'X-A': words })
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
  })

  it('with a secret leave no hash of it behind that could be guessed from', async () => {
    const world = new World()
    const { path } = await aSource(world, 'gitlab-token', { secret: 'hush' })
    await post(world, path, '{}', { 'X-Gitlab-Token': 'hush' })
    const row = await env.DB.prepare('select fingerprint from inbound_messages').first()
    const sha = (text: string) => createHmac('sha256', '').update(text).digest('hex')
    const { createHash } = await import('node:crypto')
    const body = createHash('sha256').update('{}').digest('hex')
    const guess = createHash('sha256').update(`${body}\nhush`).digest('hex')
    expect(row?.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect([guess, sha(`${body}\nhush`)]).not.toContain(row?.fingerprint)
  })
})

describe('a handshake that would replace the secret', () => {
  it('is refused, and its owner sees that somebody tried', async () => {
    const world = new World()
    const source = await aSource(world, 'asana', { secret: 'mine' })
    await post(world, source.path, '{}', { 'X-Hook-Secret': 'theirs' })
    expect(await list(world)).toMatchObject([{ status: 'failed', reason: 'has_secret' }])
  })
})

describe('a body that retention has passed by while it waited', () => {
  it('goes when it was processed, and stays when it failed', async () => {
    const world = new World()
    const more = { secret: 'hush', body_retention_days: 1 }
    const source = await aSource(world, 'github', more)
    const good = await githubPost(world, source.path, 'hush', STAR)
    const bad = await githubPost(world, source.path, 'wrong', STAR)
    world.loseQueue()
    await world.api('PATCH', `/api/sources/${source.id}`, { status: 'paused' })
    await world.sweep(later(60 * 60_000))
    await world.drain()
    await env.DB.prepare('update sources set bodies_removed_to = ?1').bind('in_~').run()
    await world.api('PATCH', `/api/sources/${source.id}`, { status: 'active' })
    await world.drain()
    expect(await theInbound(world, good.body.id)).toMatchObject({ status: 'processed' })
    const gone = await world.api('GET', `/api/inbound/${good.body.id}/body`)
    expect(gone.body.code).toBe('body_removed')
    expect(await theInbound(world, bad.body.id)).toMatchObject({ status: 'failed' })
    expect(new TextDecoder().decode(await theBody(world, bad.body.id))).toBe(STAR)
  })
})

describe('the link to a body', () => {
  it('opens that body, and nothing else', async () => {
    const world = new World()
    const { bodyUrl } = await import('../../../src/inbound/messages/download')
    const { path } = await aSource(world, 'unsigned')
    const [a, b] = [await post(world, path, 'one'), await post(world, path, 'two')]
    const link = new URL(
      await bodyUrl(world.env, { id: a.body.id, origin: 'https://guestbook.example.com' })
    )
    const response = await world.request(link.pathname + link.search)
    expect(await response.text()).toBe('one')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    const others = [
      `/api/inbound/${b.body.id}/body${link.search}`,
      `/api/inbound/${a.body.id}${link.search}`,
      `/api/inbound/${a.body.id}/verification${link.search}`,
      `/api/inbound/${a.body.id}/body?key=`,
      `/api/inbound/${a.body.id}/body?key=${'0'.repeat(64)}`,
    ]
    for (const other of others) expect((await world.request(other)).status, other).toBe(401)
    const keys = { SECRETS_KEY: btoa('k'.repeat(32)), SECRETS_KEY_PREVIOUS: world.env.SECRETS_KEY }
    const rotated = await new World(keys).request(link.pathname + link.search)
    expect(await rotated.text()).toBe('one')
  })
})

describe('a wake-up', () => {
  it('is sent by the next request when the one that gathered them has died', async () => {
    const world = new World()
    const never = new Promise<void>(() => undefined)
    const wait = vi.spyOn(scheduler, 'wait').mockReturnValueOnce(never)
    const clock = vi.spyOn(Date, 'now')
    try {
      const at = Date.now()
      void wakeInboundSoon(world.env, 'in_1')
      clock.mockReturnValue(at + 500)
      await wakeInboundSoon(world.env, 'in_2')
      expect(world.queued).toEqual([])
      clock.mockReturnValue(at + 1_500)
      await wakeInboundSoon(world.env, 'in_3')
      expect(world.queued.map(({ body }) => body)).toEqual([
        { kind: 'process', inbound_ids: ['in_3'] },
      ])
    } finally {
      wait.mockRestore()
      clock.mockRestore()
    }
  })
})

describe('bad input', () => {
  it.each(['since=1969-12-31T00:00:00Z', 'until=1960-01-01T00:00:00Z'])('%s', async (query) => {
    expect((await new World().api('GET', `/api/inbound?${query}`)).status).toBe(200)
  })

  it('a sample under a secret that is no key', async () => {
    const world = new World()
    const { id } = await aSource(world, 'standard-webhooks', { secret: 'not base64!' })
    const answer = await world.api('POST', `/api/sources/${id}/sample`)
    expect(answer).toMatchObject({ status: 422, body: { code: 'bad_secret' } })
  })

  it.each<[object, string]>([
    [{ body_base64: 'QR==' }, 'body_base64'],
    [{ body_base64: 'QQ==', body: 'A' }, 'body_base64'],
  ])('a replay with %j', async (more, path) => {
    const world = new World()
    const { path: address } = await aSource(world, 'unsigned')
    const { body } = await post(world, address, '{}')
    const to = 'http://127.0.0.1:1/'
    const answer = await world.api<{ errors: { path: string }[] }>(
      'POST',
      `/api/inbound/${body.id}/replay`,
      { to, ...more }
    )
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((error) => error.path)).toContain(path)
  })

  it('a custom scheme that signs a time stamp which it does not name', async () => {
    const answer = await new World().api<{ errors: { path: string }[] }>('POST', '/api/sources', {
      name: 'Custom',
      provider: 'custom-hmac',
      secret: 'hush',
      options: { header: 'x-sig', signed: '{timestamp}.{body}' },
    })
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map(({ path }) => path)).toEqual(['options'])
  })
})
