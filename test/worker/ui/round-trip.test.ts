import { expect, it } from 'vitest'
import { letPass } from '../../support/clock'
import { anEndpoint, mailbox } from '../../support/fixtures'
import { ownerBrowser } from '../../support/session'
import { aSource } from '../../support/sources'
import { World } from '../../support/world'
import { type Form, formsIn } from './page-forms'

/* What was set with the API is the same after the form of the dashboard was opened and saved without a change. */

type Browser = Awaited<ReturnType<typeof ownerBrowser>>

/** @returns the form of a page that has a field */
async function formWith(browser: Browser, page: string, field: string): Promise<Form> {
  const html = await (await browser.get(page)).text()
  const form = formsIn(html, page).find(({ fields }) => fields.some(([name]) => name === field))
  if (!form) throw new Error(`${page} has no form with ${field}.`)
  return form
}

/** Sends a form as it is. */
function send(world: World, browser: Browser, form: Form): Promise<Response> {
  const headers = { ...browser.cookie, Origin: world.base, 'Content-Type': 'application/x-www-form-urlencoded' }
  // Browsers send line breaks of textareas as CRLF.
  const fields = form.fields.map(([name, value]): [string, string] => [name, value.replace(/\r?\n/g, '\r\n')])
  const body = new URLSearchParams(fields).toString()
  return world.request(form.action, { method: 'POST', headers, body })
}

/** Saves the form of a page that has a field, as it is. */
async function saveAsIs(world: World, page: string, field: string): Promise<void> {
  const browser = await ownerBrowser(world)
  const response = await send(world, browser, await formWith(browser, page, field))
  expect([page, response.status, response.status === 303 ? '' : await response.text()]).toEqual([page, 303, ''])
}

it.each([
  ['plain', {}],
  [
    'with everything',
    {
      description: 'My <b>receiver</b> & "more"',
      event_types: ['comment.*', 'order.paid', 'ping'],
      headers: { 'X-Site': 'a: b', 'X-Other': 'two  spaces' },
      rate_limit: 7,
      legacy_signature: 'hub',
      when: 'data.comment.name == "Ada" and\ndata.comment.body contains "x"',
    },
  ],
  [
    'a chat',
    {
      format: 'slack',
      texts: { 'comment.published': 'Line one\n{{data.comment.name}}\n\nline *four*' },
      digest: 'daily',
      digest_hour: 23,
      moderation_links: false,
    },
  ],
  ['a build hook', { format: 'build-hook', min_interval_minutes: 0 }],
])('an endpoint: %s', async (_name, more) => {
  const world = new World()
  const { id } = await anEndpoint(
    world,
    (more as { format?: string }).format === 'slack' ? mailbox().services.slack : mailbox().url(),
    more
  )
  const read = async () => {
    const { body } = await world.api<{ event_types: string[] }>('GET', `/api/endpoints/${id}`)
    return { ...body, event_types: body.event_types.toSorted(), updated_at: null }
  }
  const before = await read()
  await saveAsIs(world, `/admin/endpoints/${id}/edit`, 'description')
  expect(await read()).toEqual(before)
})

it.each([
  [
    'github',
    {
      secret: 'hush',
      strict: true,
      fields: [{ name: 'repository', path: 'repository.full_name' }],
      retention_days: 3,
      body_retention_days: 2,
      daily_quota_mb: 0,
    },
  ],
  [
    'github',
    {
      secret: 'hush',
      act: 'sign',
      template: {
        name: '{{sender.login}}',
        body: 'Line one\n{{action}}\n\nfour',
        website: 'https://example.com/{{sender.login}}',
        when: 'action == "created"',
      },
    },
  ],
  [
    'custom-hmac',
    {
      secret: 'hush',
      options: {
        header: 'X-Sig',
        prefix: 'HMAC',
        signed: '{timestamp}\n{body}',
        timestamp_header: 'X-Time',
        timestamp_unit: 'ms',
        encoding: 'base64',
        algorithm: 'sha512',
        tolerance_seconds: 7,
        event_type: 'body:type',
        delivery_id: 'header:x-id',
      },
    },
  ],
  ['header-token', { secret: 'hush', options: { header: 'X-Shop-Code' } }],
  ['query-token', { secret: 'hush', options: { parameter: 'key' } }],
])('a source: %s', async (provider, more) => {
  const world = new World()
  const { id } = await aSource(world, provider, more)
  const read = async () => ({ ...(await world.api('GET', `/api/sources/${id}`)).body, updated_at: null })
  const before = await read()
  await saveAsIs(world, `/admin/sources/${id}`, 'retention_days')
  expect(await read()).toEqual(before)
})

it('an event type', async () => {
  const world = new World()
  const input = {
    name: 'order.paid',
    description: 'An order & "more"',
    schema: { type: 'object', properties: { a: { enum: ['<b>', '\n'] } } },
    example: { a: '<b>' },
  }
  await world.api('POST', '/api/event-types', input)
  const read = async () => (await world.api('GET', '/api/event-types/order.paid')).body
  const before = await read()
  await saveAsIs(world, '/admin/event-types/order.paid', 'schema')
  expect({ ...(await read()), updated_at: null }).toEqual({ ...before, updated_at: null })
})

it('a form of an endpoint that is older than a change does not undo it', async () => {
  const world = new World()
  const { id } = await anEndpoint(world, mailbox().url())
  const page = `/admin/endpoints/${id}/edit`
  const browser = await ownerBrowser(world)
  const [form] = formsIn(await (await browser.get(page)).text(), page).filter(({ fields }) =>
    fields.some(([name]) => name === 'url')
  )
  const url = mailbox().url()
  letPass(5)
  await world.api('PATCH', `/api/endpoints/${id}`, { url })
  expect((await browser.submit(form?.action ?? '', Object.fromEntries(form?.fields ?? []))).status).toBe(409)
  // Neither the page that says so nor a preview makes the form a newer one.
  for (const action of [form?.action ?? '', `/admin/endpoints/${id}/preview`]) {
    const shown = await (await browser.post(action, Object.fromEntries(form?.fields ?? []))).text()
    const again = formsIn(shown, page).find(({ fields }) => fields.some(([name]) => name === 'url'))
    expect((await browser.submit(page.replace('/edit', ''), Object.fromEntries(again?.fields ?? []))).status).toBe(409)
  }
  expect((await world.api('GET', `/api/endpoints/${id}`)).body).toMatchObject({ url })
})

it('an endpoint whose format has no texts any more', async () => {
  const world = new World()
  const { id } = await anEndpoint(world, mailbox().services.slack, { format: 'slack', texts: { ping: 'Hello' } })
  const { body } = await world.api('PATCH', `/api/endpoints/${id}`, { format: 'cloudevents' })
  expect(body).toMatchObject({ format: 'cloudevents', texts: {} })
  await saveAsIs(world, `/admin/endpoints/${id}/edit`, 'description')
})

const typed = { schema: { type: 'object' }, example: { n: 1 } }

it.each([
  [
    'an endpoint',
    async (world: World) => {
      const path = `/endpoints/${(await anEndpoint(world, mailbox().url())).id}`
      return { path, page: `/admin${path}/edit`, field: 'description', change: { description: 'new' } }
    },
  ],
  [
    'a source',
    async (world: World) => {
      const path = `/sources/${(await aSource(world, 'unsigned', {})).id}`
      return { path, page: `/admin${path}`, field: 'template_body', change: { retention_days: 5 } }
    },
  ],
  [
    'an event type',
    async (world: World) => {
      await world.api('POST', '/api/event-types', { name: 'order.sent', ...typed })
      const path = '/event-types/order.sent'
      return { path, page: `/admin${path}`, field: 'schema', change: { description: 'new' } }
    },
  ],
])('%s: a form that is older than the last change puts nothing back', async (_, make) => {
  const world = new World()
  const browser = await ownerBrowser(world)
  const { path, page, field, change } = await make(world)
  const old = await formWith(browser, page, field)
  await world.api('PATCH', `/api${path}`, change)
  const before = (await world.api('GET', `/api${path}`)).body
  expect((await send(world, browser, old)).status).toBe(409)
  expect((await world.api('GET', `/api${path}`)).body).toEqual(before)
  expect((await send(world, browser, await formWith(browser, page, field))).status).toBe(303)
})

it('the form of an endpoint is not old because its secret is new, or because it was disabled', async () => {
  const world = new World()
  const browser = await ownerBrowser(world)
  const { id } = await anEndpoint(world, mailbox().url())
  const form = await formWith(browser, `/admin/endpoints/${id}/edit`, 'description')
  await world.api('POST', `/api/endpoints/${id}/secret/rotate`)
  await world.api('POST', `/api/endpoints/${id}/disable`)
  expect((await send(world, browser, form)).status).toBe(303)
})
