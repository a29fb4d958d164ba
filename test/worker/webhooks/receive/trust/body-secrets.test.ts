import { describe, expect, it } from 'vitest'
import { anEndpoint, mailbox } from '../../../../support/fixtures'
import { ownerBrowser } from '../../../../support/session'
import { aSource, post, theBody, theInbound } from '../../../../support/sources'
import { World } from '../../../../support/world'
import { aKey, withKey } from '../../../access/a-key'

/* Ko-fi and Microsoft Graph send the secret of the source in the body. */

const TOKEN = 'TOPSECRET-token-0123456789'

const donation = (id: string, more: object = {}) =>
  `data=${encodeURIComponent(JSON.stringify({ verification_token: TOKEN, message_id: id, type: 'Donation', from_name: 'Ada', ...more }))}`
const notice = (id: string) =>
  JSON.stringify(
    { value: [{ clientState: TOKEN, changeType: 'created', resource: `me/${id}`, id: 12345678901234567890n }] },
    big
  )
const big = (_: string, value: unknown) => (typeof value === 'bigint' ? `#${value}#` : value)

const SENDERS = {
  'ko-fi': { type: 'application/x-www-form-urlencoded', body: donation },
  'microsoft-graph': { type: 'application/json', body: (id: string) => notice(id).replace(/"#(\d+)#"/, '$1') },
} as const
type Slug = keyof typeof SENDERS

async function arrive(world: World, slug: Slug, more: object = {}) {
  const source = await aSource(world, slug, { secret: TOKEN, ...more })
  const send = async (id: string) => {
    const { type, body } = SENDERS[slug]
    const { body: accepted } = await post(world, source.path, body(id), { 'Content-Type': type })
    await world.drain()
    return accepted.id
  }
  return { source, send, sent: SENDERS[slug].body }
}

describe.each(Object.keys(SENDERS) as Slug[])('the secret in the body of a request from %s', (slug) => {
  it('is not published: neither in the event, nor at its `body_url`', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['inbound.received'] })
    const { send } = await arrive(world, slug, { act: 'publish' })
    await send('a')
    const [request] = await box.received()
    const { data } = JSON.parse(request?.body ?? '')
    const published = data.body ? JSON.stringify(data.body) : atob(data.body_base64)
    const download = await (await world.request(new URL(data.body_url).pathname + new URL(data.body_url).search)).text()
    for (const text of [request?.body ?? '', published, download]) expect(text).not.toContain(TOKEN)
    for (const text of [published, download]) expect(decodeURIComponent(text)).toContain('<secret>')
    expect(data.verified).toBe(true)
    if (slug === 'microsoft-graph') {
      expect(request?.body).toContain('12345678901234567890')
      expect(download).toContain('12345678901234567890')
    } else {
      expect(decodeURIComponent(published)).toContain('"from_name":"Ada"')
    }
  })

  it('is in no HAR, command and comparison, and only the owner and a key with `secrets` can download it', async () => {
    const world = new World()
    const { send, sent } = await arrive(world, slug)
    const [first, second] = [await send('a'), await send('b')]
    const read = withKey(await aKey(world, ['read']))
    const both = withKey(await aKey(world, ['read', 'secrets']))
    const text = async (path: string, headers: Record<string, string>) =>
      (await world.request(`/api/inbound/${path}`, { headers })).text()
    const owner = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}` }
    for (const headers of [read, both, owner])
      for (const path of [`${first}/har`, `${first}/compare?with=${second}`, first])
        expect(await text(path, headers)).not.toContain(TOKEN)
    expect(await text(`${first}/har`, owner)).toMatch(/<secret>|%3Csecret%3E/)
    expect(await text(`${first}/body`, read)).not.toContain(TOKEN)
    expect(await text(`${first}/body`, both)).toBe(sent('a'))
    expect(new TextDecoder().decode(await theBody(world, first))).toBe(sent('a'))
    const { get, see } = await ownerBrowser(world)
    const page = await (await get(`/admin/inbound/${first}`)).text()
    expect(page).not.toContain(TOKEN)
    expect(await see(`/admin/inbound/${first}`)).toContain('(hidden: contains a secret)')
    expect(await (await get(`/admin/inbound/${first}/body`)).text()).toBe(sent('a'))
  })

  it('is forwarded only with `credentials`', async () => {
    const world = new World()
    const { send, sent } = await arrive(world, slug)
    const id = await send('a')
    const box = mailbox()
    const to = box.url()
    await world.api('POST', `/api/inbound/${id}/replay`, { to })
    await world.api('POST', `/api/inbound/${id}/replay`, { to, credentials: true })
    const [without, whole] = await box.received()
    expect(without?.body).not.toContain(TOKEN)
    expect(whole?.body).toBe(sent('a'))
    const writer = withKey(await aKey(world, ['read', 'write']))
    const { status } = await world.api('POST', `/api/inbound/${id}/replay`, { to, credentials: true }, writer)
    expect(status).toBe(403)
    const { post: submit } = await ownerBrowser(world)
    await submit(`/admin/inbound/${id}/send`, { to, credentials: 'on' })
    expect((await box.received()).at(-1)?.body).toBe(sent('a'))
  })

  it('is in no entry, search field, event type and delivery ID', async () => {
    const world = new World()
    const [path, at] =
      slug === 'ko-fi'
        ? ['data.verification_token', 'data.verification_token']
        : ['value.0.clientState', 'value.*.clientState']
    const { send } = await arrive(world, slug, {
      act: 'sign',
      template: { name: 'Ada', body: `Hello {{${path}}} {{value}} {{data}}` },
      fields: [{ name: 'leak', path }],
      options: { event_type: `body:${at}`, delivery_id: `body:${at}` },
    })
    const request = await theInbound(world, await send('a'))
    expect(request).toMatchObject({ status: 'processed', verified: true })
    expect(JSON.stringify(request)).not.toContain(TOKEN)
    const { body } = await world.api('GET', `/api/comments/${request.comment_id}`)
    expect(body.body).toMatch(/^Hello/)
    expect(JSON.stringify(body)).not.toContain(TOKEN)
  })
})

it('the secret hides a whole body that cannot be parsed, except from those who may see secrets', async () => {
  const world = new World()
  const { source } = await arrive(world, 'microsoft-graph')
  const text = `{"value":[{"clientState":"${TOKEN}"}`
  const { body } = await post(world, source.path, text)
  await world.drain()
  const read = withKey(await aKey(world, ['read']))
  const { status, reason } = await theInbound(world, body.id)
  expect([status, reason]).toEqual(['failed', expect.any(String)])
  const response = await world.request(`/api/inbound/${body.id}/body`, { headers: read })
  expect([response.status, await response.text()]).toEqual([200, '<secret>'])
  expect(new TextDecoder().decode(await theBody(world, body.id))).toBe(text)
})
