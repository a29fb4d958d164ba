import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { faultsOf } from '../../../../src/webhooks/event-types/validate'
import { findEventType } from '../../../../src/webhooks/rules/events/catalogue'
import { PROVIDERS } from '../../../../src/webhooks/rules/verifying/providers'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { aSource, githubPost, type InboundView, post, theInbound } from '../../../support/sources'
import { World } from '../../../support/world'

const STAR = JSON.stringify({
  action: 'created',
  sender: { login: 'ada', html_url: 'https://github.com/ada' },
  repository: { full_name: 'ada/engine' },
})
const TEMPLATE = {
  name: '{{sender.login}}',
  body: 'starred {{repository.full_name}}',
  website: '{{sender.html_url}}',
  when: '$event_type == "star" and action == "created"',
}

interface Comments {
  data: { id: string; name: string; body: string; website: string | null }[]
}

async function comments(world: World) {
  return (await world.api<Comments>('GET', '/api/comments')).body.data
}

async function received(body: string, type: string, source = 'unsigned') {
  const world = new World()
  const box = mailbox()
  await anEndpoint(world, box.url(), { event_types: ['inbound.received'] })
  const { path } = await aSource(world, source, { act: 'publish', name: 'Somebody' })
  const answer = await post(world, path, body, { 'Content-Type': type })
  await world.drain()
  const [message] = await box.received()
  return { world, id: answer.body.id, payload: JSON.parse(message?.body ?? 'null') }
}

describe('a source that publishes', () => {
  it('sends inbound.received with the parsed body to the endpoints that subscribe to it', async () => {
    const { world, id, payload } = await received(STAR, 'application/json')
    expect(payload).toMatchObject({
      type: 'inbound.received',
      data: {
        inbound_id: id,
        source: { name: 'Somebody' },
        provider: 'unsigned',
        verified: false,
        body: JSON.parse(STAR),
        body_base64: null,
        body_url: expect.stringContaining(`https://guestbook.example.com/api/inbound/${id}/body?key=`),
      },
    })
    const schema = findEventType('inbound.received')?.schema ?? {}
    expect(faultsOf(schema, payload.data, 'data')).toEqual([])
    expect((await theInbound(world, id)).message_id).toBe(payload.id)
  })

  it('sends base64 if the body is not JSON, and only a link if it is larger than 64 KB', async () => {
    const form = await received('a=1&b=%20', 'application/x-www-form-urlencoded')
    expect(form.payload.data).toMatchObject({ body: null, body_base64: btoa('a=1&b=%20') })
    const long = await received(JSON.stringify('x'.repeat(65_536)), 'application/json')
    expect(long.payload.data).toMatchObject({
      body: null,
      body_base64: null,
      body_url: expect.stringContaining(`/api/inbound/${long.id}/body?key=`),
    })
  })

  it('sends numbers exactly as they were written, and null as null', async () => {
    const { payload } = await received('{"id":820982911946154508,"f":1.10}', 'text/json')
    expect(payload.data.body.id).toBe(820982911946154500)
    const row = await env.DB.prepare('select payload from messages where id = ?1')
      .bind(payload.id)
      .first<{ payload: string }>()
    expect(row?.payload).toContain('"body":{"id":820982911946154508,"f":1.10}')
    const nothing = await received('null', 'application/json')
    expect(nothing.payload.data).toMatchObject({ body: null, body_base64: null })
  })

  it('does not publish a message that is not verified', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const { path } = await aSource(world, 'github', { secret: 'hush', act: 'publish' })
    const { body } = await githubPost(world, path, 'wrong', STAR)
    await world.drain()
    expect(await box.received()).toEqual([])
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'failed', message_id: null })
  })

  it('publishes a message only once, however often it is replayed', async () => {
    const { world, id } = await received(STAR, 'application/json')
    for (let i = 0; i < 2; i++) {
      const { body } = await world.api<InboundView>('POST', `/api/inbound/${id}/replay`)
      expect(body).toMatchObject({ status: 'processed' })
      expect(body.log.at(-1)?.detail).toMatch(/already published/)
    }
    const row = await env.DB.prepare('select count(*) as n from messages').first()
    expect(row).toEqual({ n: 1 })
  })

  it('publishes an earlier message on replay, if the source previously only stored messages', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned')
    const { body } = await post(world, source.path, STAR)
    await world.drain()
    await world.api('PATCH', `/api/sources/${source.id}`, { act: 'publish' })
    const { body: again } = await world.api('POST', `/api/inbound/${body.id}/replay`)
    expect(again.message_id).toMatch(/^msg_/)
  })
})

describe('a source that signs the guestbook', () => {
  it('writes an entry from its template, and publishes the entry like any other', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.published'] })
    const { path } = await aSource(world, 'github', { secret: 'hush', act: 'sign', template: TEMPLATE })
    const { body } = await githubPost(world, path, 'hush', STAR)
    await world.drain()
    expect(await comments(world)).toMatchObject([
      { name: 'ada', body: 'starred ada/engine', website: 'https://github.com/ada' },
    ])
    const inbound = await theInbound(world, body.id)
    expect(inbound).toMatchObject({ status: 'processed', comment_id: expect.any(String) })
    expect(await box.received()).toHaveLength(1)
    const page = await (await world.request('/')).text()
    expect(page).toContain('starred ada/engine')
  })

  it('does not write an entry if the condition is false', async () => {
    const world = new World()
    const source = { secret: 'hush', act: 'sign', template: TEMPLATE }
    const { path } = await aSource(world, 'github', source)
    await githubPost(world, path, 'hush', STAR.replace('created', 'deleted'))
    const { body } = await githubPost(world, path, 'hush', STAR, { event: 'push' })
    await world.drain()
    expect(await comments(world)).toEqual([])
    const inbound = await theInbound(world, body.id)
    expect(inbound).toMatchObject({ status: 'processed', comment_id: null })
    expect(inbound.log.at(-1)?.detail).toMatch(/condition.*false/)
  })

  it('reports why there is no entry, and writes one on replay after the template has been fixed', async () => {
    const world = new World()
    const source = await aSource(world, 'github', {
      secret: 'hush',
      act: 'sign',
      template: { name: '{{nobody.here}}', body: 'x' },
    })
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    await world.drain()
    const failed = await theInbound(world, body.id)
    expect(failed).toMatchObject({ status: 'failed', reason: 'template_error', verified: true })
    expect(failed.log.at(-1)?.detail).toMatch(/name.*empty/)
    await world.api('PATCH', `/api/sources/${source.id}`, { template: TEMPLATE })
    await world.api('POST', `/api/inbound/${body.id}/replay`)
    await world.api('POST', `/api/inbound/${body.id}/replay`)
    expect(await comments(world)).toHaveLength(1)
  })

  it("follows the guestbook's rules: escapes HTML, shortens long texts, holds entries with many links", async () => {
    const world = new World()
    const template = { name: '{{name}}', body: '{{text}}' }
    const { path } = await aSource(world, 'unsigned', { act: 'sign', template })
    await post(world, path, JSON.stringify({ name: '<b>Eve</b>\n'.repeat(50), text: '<script>alert(1)</script>' }))
    const links = 'https://a.example '.repeat(5)
    await post(world, path, JSON.stringify({ name: 'Spammer', text: links }))
    await post(world, path, JSON.stringify({ name: 'Long', text: '🎉'.repeat(10_000) }))
    await world.drain()
    const shown = await comments(world)
    expect(shown.map(({ name }) => name)).not.toContain('Spammer')
    expect(shown.map(({ body }) => [...body].length).sort()).toEqual([25, 4_000])
    const page = await (await world.request('/')).text()
    expect(page).not.toContain('<script>alert')
  })
})

describe('the book of a template', () => {
  const inBook = (book: string) => ({ act: 'sign', template: { ...TEMPLATE, when: '', book } })
  const entriesOf = async (world: World, book: string) =>
    (await world.api<Comments>('GET', `/api/comments?book=${book}`)).body.data.length

  it('gets the entry', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const { path } = await aSource(world, 'unsigned', inBook('summer'))
    await post(world, path, STAR)
    await world.drain()
    expect([await entriesOf(world, 'summer'), await entriesOf(world, 'main')]).toEqual([1, 0])
  })

  it('must exist when it is set', async () => {
    const world = new World()
    const source = { name: 'x', provider: 'unsigned' }
    const { status, body } = await world.api('POST', '/api/sources', { ...source, ...inBook('nowhere') })
    expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining('\\"nowhere\\"')])
    const { id } = await aSource(world, 'unsigned', inBook('main'))
    expect((await world.api('PATCH', `/api/sources/${id}`, inBook('nowhere'))).status).toBe(422)
    expect((await world.api('PATCH', `/api/sources/${id}`, { name: 'y' })).status).toBe(200)
  })

  it('that has been deleted makes the message fail, and another one can be chosen', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const { id, path } = await aSource(world, 'unsigned', inBook('summer'))
    await world.api('DELETE', '/api/books/summer')
    const { body } = await post(world, path, STAR)
    await world.drain()
    const failed = await theInbound(world, body.id)
    expect(failed).toMatchObject({ status: 'failed', reason: 'template_error' })
    expect(failed.log.at(-1)?.detail).toContain('book "summer"')
    await world.api('PATCH', `/api/sources/${id}`, inBook('main'))
    await world.api('POST', `/api/inbound/${body.id}/replay`)
    expect(await entriesOf(world, 'main')).toBe(1)
  })

  it('can be set in the dashboard', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const { id } = await aSource(world, 'unsigned', inBook('main'))
    const browser = await ownerBrowser(world)
    const fields = { name: 'x', act: 'sign', template_name: 'a', template_body: 'b', retention_days: '30' }
    await browser.submit(`/admin/sources/${id}`, { ...fields, template_book: ' summer ' })
    const read = async () => (await world.api('GET', `/api/sources/${id}`)).body.template
    expect(await read()).toEqual({ name: 'a', body: 'b', book: 'summer' })
    await browser.submit(`/admin/sources/${id}`, { ...fields, template_book: '' })
    expect(await read()).toEqual({ name: 'a', body: 'b' })
  })
})

it('a template reads JSON that is wrapped in a form field', async () => {
  const world = new World()
  const { path } = await aSource(world, 'unsigned', { act: 'sign', template: { ...TEMPLATE, when: '' } })
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  await post(world, path, new URLSearchParams({ payload: STAR }).toString(), form)
  await world.drain()
  expect(await comments(world)).toMatchObject([{ name: 'ada', body: 'starred ada/engine' }])
})

describe('a preview', () => {
  it('renders a template with the sample, the latest message or any message, without writing an entry', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const preview = (more: object = {}) =>
      world.api('POST', `/api/sources/${source.id}/preview`, { template: TEMPLATE, ...more })
    expect((await preview()).body).toMatchObject({ holds: false, inbound_id: null })
    const first = await githubPost(world, source.path, 'hush', STAR)
    await githubPost(world, source.path, 'hush', STAR, { event: 'push' })
    expect((await preview()).body).toMatchObject({ holds: false })
    expect((await preview({ inbound_id: first.body.id })).body).toEqual({
      holds: true,
      name: 'ada',
      body: 'starred ada/engine',
      website: 'https://github.com/ada',
      errors: [],
      inbound_id: first.body.id,
    })
    expect(await comments(world)).toEqual([])
    const bad = await preview({ template: { name: '{{a | nothing}}', body: '{{#if}}' } })
    expect(bad.status).toBe(422)
  })
})

describe('a sample', () => {
  it.each(PROVIDERS.map(({ slug }) => slug))('from %s is processed like a real message', async (slug) => {
    const world = new World()
    const source = await aSource(world, slug)
    const { status, body } = await world.api<{ id: string }>('POST', `/api/sources/${source.id}/sample`)
    expect(status).toBe(202)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({
      status: 'processed',
      reason: null,
      verified: slug !== 'unsigned',
      sample: true,
    })
  })

  it("is signed with the source's secret if there is one", async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body } = await world.api<{ id: string }>('POST', `/api/sources/${source.id}/sample`)
    const { sample_key: key } =
      (await env.DB.prepare('select sample_key from inbound_messages').first<{ sample_key: string }>()) ?? {}
    expect(key).toBe('')
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ verified: true, sample: true })
  })
})
