import { describe, expect, it } from 'vitest'
import { letPass } from '../../../support/clock'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { TOKEN, World } from '../../../support/world'
import { exportAll, headers, wipe } from '../../owner/moving/backups'

/* A number that somebody sends keeps its digits, or is refused. A double would round those with 16 digits or more. */

type Refused = { code: string; errors: { path: string; message: string }[] }

const DATA = '{"n":12345678901234567890123,"e":1e400,"small":-1e-400,"price":19.990000000000000213,"list":[1.50]}'

/** Sends JSON as it is: `JSON.stringify` would round its numbers. */
async function send(world: World, method: string, path: string, body: string) {
  const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' }
  const response = await world.request(path, { method, headers, body })
  return { status: response.status, body: (await response.json()) as Refused & Record<string, unknown> }
}

const publish = (world: World, data: string, more = '') =>
  send(world, 'POST', '/api/messages', `{"type":"order.paid","data":${data}${more}}`)

const dataOf = (body: string) => body.slice(body.indexOf(',"data":') + 8, -1)

describe('the numbers of a published event', () => {
  it('arrive with all their digits, from the API and from the form, in each format for programs', async () => {
    const world = new World()
    const [standard, cloud] = [mailbox(), mailbox()]
    await anEndpoint(world, standard.url())
    await anEndpoint(world, cloud.url(), { format: 'cloudevents' })
    expect((await publish(world, DATA)).status).toBe(201)
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/messages', { type: 'order.paid', data: DATA })
    await world.drain()
    expect((await standard.received()).map(({ body }) => dataOf(body))).toEqual([DATA, DATA])
    expect((await cloud.received()).map(({ body }) => dataOf(body))).toEqual([DATA, DATA])
  })

  it('are shown, pulled, and written by people’s formats with all their digits', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url(), { format: 'slack' })
    const { body } = await publish(world, DATA)
    await world.drain()
    const [sent] = await box.received()
    for (const digits of ['12345678901234567890123', '1e400', '-1e-400', '19.990000000000000213', '1.50'])
      expect(JSON.parse(sent?.body ?? '').text).toMatch(new RegExp(`[ \\n]${digits.replace('.', '\\.')}`))
    letPass(1_100)
    const pulled = await world.api<{ data: { body: string }[] }>('GET', `/api/endpoints/${id}/messages`)
    expect(pulled.body.data[0]?.body).toBe(sent?.body)
    const headers = { Authorization: `Bearer ${TOKEN}` }
    const shown = await (await world.request(`/api/messages/${body.id}`, { headers })).text()
    expect(shown).toContain(DATA)
    expect(await (await ownerBrowser(world)).see(`/admin/messages/${body.id}`)).toContain('19.990000000000000213')
  })

  it('decide whether a repeat with the same ID is the same message', async () => {
    const world = new World()
    const id = ',"id":"msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0C"'
    const statuses = []
    for (const number of ['9007199254740993', '9007199254740993', '9007199254740992', '"9007199254740993"'])
      statuses.push((await publish(world, `{"n":${number}}`, id)).status)
    expect(statuses).toEqual([201, 200, 409, 409])
    const other = ',"id":"msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0D"'
    expect((await publish(world, '{"n":1}', other)).status).toBe(201)
    expect((await publish(world, '{"n":1.0}', other)).status).toBe(200)
  })

  it('are compared exactly by the conditions of endpoints', async () => {
    const world = new World()
    const conditions = {
      same: 'data.id == 1234567890123456789',
      different: 'data.id != 1234567890123456789',
      above: 'data.id > 1234567890123456788',
      below: 'data.id < 1234567890123456789',
    }
    const boxes = Object.values(conditions).map(async (when) => {
      const box = mailbox()
      await anEndpoint(world, box.url(), { when })
      return box
    })
    const made = await Promise.all(boxes)
    for (const id of ['1234567890123456788', '1234567890123456789', '1234567890123456790'])
      await publish(world, `{"id":${id}}`)
    await world.drain()
    const last = made.map(async (box) => (await box.received()).map(({ body }) => /(\d\d)}}$/.exec(body)?.[1]).sort())
    const [same, different, above, below] = await Promise.all(last)
    expect({ same, different, above, below }).toEqual({
      same: ['89'],
      different: ['88', '90'],
      above: ['89', '90'],
      below: ['88'],
    })
  })
})

describe('the numbers of a webhook', () => {
  it('are compared exactly by the condition of its source, and by its template', async () => {
    const world = new World()
    const when = 'guild_id == 1234567890123456789 and guild_id < 1234567890123456790'
    const body = '{{#if guild_id > 1234567890123456788}}more{{/if}} {{guild_id}}'
    const source = await aSource(world, 'unsigned', { act: 'sign', template: { name: 'Bot', body, when } })
    for (const id of ['1234567890123456788', '1234567890123456789'])
      await post(world, source.path, `{"guild_id":${id}}`)
    await world.drain()
    const { body: list } = await world.api<{ data: { body: string }[] }>('GET', '/api/comments')
    expect(list.data.map((entry) => entry.body)).toEqual(['more 1234567890123456789'])
  })

  it('are compared with those of another one as they were sent', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const texts = ['{"e":1e400,"id":820982911946154508}', '{"e":1e401,"id":"820982911946154508"}']
    const ids: string[] = []
    for (const text of texts) ids.push((await post(world, path, text)).body.id)
    const { body } = await world.api('GET', `/api/inbound/${ids[1]}/compare?with=${ids[0]}`)
    expect(body).toMatchObject({
      body: [
        { name: 'e', before: '1e400', after: '1e401' },
        { name: 'id', before: '820982911946154508', after: '"820982911946154508"' },
      ],
    })
  })
})

describe('a number that cannot be kept', () => {
  const LOST = '{"a":{"b":[1,9007199254740993]}}'

  it('is refused with its path in an event type, by the API and by the form, and in a preview', async () => {
    const world = new World()
    const type = (schema: string, example: string) => `{"name":"order.paid","schema":${schema},"example":${example}}`
    const schema = '{"properties":{"n":{"maximum":1e400}}}'
    const refusals = [
      await send(world, 'POST', '/api/event-types', type('{}', LOST)),
      await send(world, 'POST', '/api/event-types', type(schema, '{}')),
      await send(world, 'POST', '/api/endpoints/preview', `{"type":"order.paid","data":${LOST}}`),
    ]
    expect(refusals.map(({ status, body }) => [status, body.code, body.errors.map(({ path }) => path)])).toEqual([
      [422, 'invalid_input', ['example.a.b.1']],
      [422, 'invalid_input', ['schema.properties.n.maximum']],
      [422, 'invalid_input', ['data.a.b.1']],
    ])
    const browser = await ownerBrowser(world)
    const fields = { name: 'order.paid', description: '', schema: '{}', example: LOST }
    const { status } = await browser.submit('/admin/event-types', fields)
    expect(status).toBe(422)
    expect((await world.api('GET', '/api/event-types/order.paid')).status).toBe(404)
    expect((await send(world, 'POST', '/api/event-types', type('{}', '{"a":1.50}'))).status).toBe(201)
    expect((await send(world, 'PATCH', '/api/event-types/order.paid', `{"example":${LOST}}`)).status).toBe(422)
  })

  it('is refused in a backup that somebody has changed', async () => {
    const world = new World()
    expect(
      (await send(world, 'POST', '/api/event-types', `{"name":"a.b","schema":{},"example":{"n":77}}`)).status
    ).toBe(201)
    const text = (await exportAll(world)).map((line) => `${JSON.stringify(line)}\n`).join('')
    await wipe()
    const changed = text.replace('"n":77', '"n":9007199254740993')
    expect(changed).not.toBe(text)
    const restore = async (body: string) =>
      (await world.request('/api/restore?id=restore-1', { method: 'POST', headers: headers(null), body })).status
    expect([await restore(changed), await restore(text)]).toEqual([422, 200])
  })
})
