import { describe, expect, it } from 'vitest'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { FORM, ownerBrowser, partOf } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { TOKEN, World } from '../../../support/world'
import { formsIn } from '../../ui/page-forms'

/** On the page for logging in, if it keeps what was entered. */
const KEPT = 'name="has_kept"'

/** @returns the fields of the only form that has a certain button, with their values, as a browser reads them */
function hiddenFields(html: string): [string, string][] {
  const decode = (text: string) =>
    text
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
  return [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
    decode(name),
    decode(value),
  ])
}

it('JSON in a form is nested as deeply as in the API at most', async () => {
  const world = new World()
  const browser = await ownerBrowser(world)
  const deep = `{"text":"x","extra":${'['.repeat(1_100)}${']'.repeat(1_100)}}`
  expect((await browser.submit('/admin/messages', { type: 'ping', data: deep })).status).toBe(422)
  const type = { name: 'order.paid', description: 'Paid', schema: '{"type":"object"}', example: deep }
  expect((await browser.submit('/admin/event-types', type)).status).toBe(422)
  expect((await browser.get('/admin/messages')).status).toBe(200)
})

describe('a form that is submitted after the session has ended', () => {
  it('is kept while the owner logs in, also after a wrong token, and is then submitted with one click', async () => {
    const world = new World()
    const typed = {
      url: mailbox().url(),
      event_types: '*',
      description: 'Typed "with" <care> & more',
      format: 'standard',
    }
    const send = (path: string, fields: [string, string][], cookie = '') =>
      world.request(path, {
        method: 'POST',
        headers: { ...FORM, Cookie: cookie },
        body: new URLSearchParams(fields).toString(),
      })
    const ended = await send('/admin/endpoints', Object.entries(typed))
    expect(ended.status).toBe(401)
    const page = await ended.text()
    expect(partOf(page, 'role="alert"')).toContain('still here')
    const wrong = await send('/admin/login', [...hiddenFields(page), ['token', 'wrong']])
    expect(wrong.status).toBe(401)
    const right = await send('/admin/login', [...hiddenFields(await wrong.text()), ['token', TOKEN]])
    const cookie = right.headers.get('Set-Cookie')?.split(';')[0] ?? ''
    const next = await right.text()
    expect(next).toContain('action="/admin/endpoints"')
    expect(next).not.toContain(TOKEN)
    const done = await send('/admin/endpoints', hiddenFields(next), cookie)
    expect(done.status).toBe(303)
    const { body } = await world.api<{ data: { description: string }[] }>('GET', '/api/endpoints')
    expect(body.data.map(({ description }) => description)).toEqual([typed.description])
  })

  it('is not kept if it comes from another site or is not a form', async () => {
    const world = new World()
    const foreign = await world.request('/admin/endpoints', {
      method: 'POST',
      headers: { ...FORM, Origin: 'https://evil.example' },
      body: 'url=x',
    })
    expect(foreign.status).toBe(403)
    const file = await world.request('/admin/endpoints', {
      method: 'POST',
      headers: { Origin: FORM.Origin },
      body: 'x',
    })
    expect(file.status).toBe(401)
    const lost = await file.text()
    expect(partOf(lost, 'role="alert"')).toContain('fill in')
    expect(lost).not.toContain(KEPT)
  })

  it.each([
    ['/admin/endpoints/ep_x/replay?status=failed', 'value="/admin/endpoints/ep_x/replay?status=failed"', true],
    ['/admin/endpoints?q=(a)', 'value="/admin/endpoints?q=(a)"', true],
    ['/admin/endpoints?q=[a]', 'value="/admin"', false],
  ])('keeps the whole address %s, or nothing', async (path, next, isKept) => {
    const response = await new World().request(path, { method: 'POST', headers: FORM, body: 'a=b' })
    const page = await response.text()
    expect(page).toContain(next)
    expect(page.includes(KEPT)).toBe(isKept)
  })

  it('can only be submitted to a page of the dashboard', async () => {
    const world = new World()
    const fields = { token: TOKEN, next: 'https://evil.example/', has_kept: 'true', 'kept:a': 'b' }
    const body = new URLSearchParams(fields).toString()
    const response = await world.request('/admin/login', { method: 'POST', headers: FORM, body })
    expect(await response.text()).toContain('action="/admin"')
  })
})

describe('an error', () => {
  it('stands beside its field, which has the focus and everything that was typed', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const url = 'https://10.1.1.1/x'
    const fields = { url, event_types: '*', description: 'typed', headers: 'nonsense', rate_limit: '300' }
    const html = await (await browser.post('/admin/endpoints', { ...fields, headers: '' })).text()
    const input = /<input id="url"[^>]*>/.exec(html)?.[0]
    for (const part of [`value="${url}"`, 'aria-invalid="true"', 'aria-describedby="url-error ', 'autofocus'])
      expect(input).toContain(part)
    expect(html).toMatch(/<div class="error" id="url-error">/)
    expect(html.match(/autofocus/g)).toHaveLength(1)
    expect(html).toContain('value="typed"')
    const again = await (
      await browser.post('/admin/endpoints', { ...fields, url: mailbox().url(), event_types: '*' })
    ).text()
    expect(again).toMatch(/<details open(="")?>/)
    expect(again).toMatch(/<textarea[^>]*name="headers"[^>]*aria-invalid="true"/)
  })

  it('of a nested field stands beside the input that has its name', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { id } = await aSource(world, 'github', { secret: 'hush' })
    const fields = {
      name: 'x',
      act: 'sign',
      template_name: '{{a',
      template_body: 'b',
      retention_days: '30',
      daily_quota_mb: '1',
    }
    const html = await (await browser.post(`/admin/sources/${id}`, fields)).text()
    expect(html).toMatch(/<input[^>]*name="template_name"[^>]*aria-invalid="true"/)
    expect(html).not.toMatch(/<input[^>]*name="name"[^>]*aria-invalid/)
    const preview = await (await browser.post(`/admin/sources/${id}/preview`, fields)).text()
    expect(preview).toMatch(/<input[^>]*name="template_name"[^>]*aria-invalid="true"/)
  })

  it('stands in the form that was sent, and not in the filter of the list above it', async () => {
    const browser = await ownerBrowser(new World())
    const html = await (await browser.post('/admin/messages', { type: 'not a type', data: '{}' })).text()
    const inputs = html.match(/<input[^>]*name="type"[^>]*>/g) ?? []
    expect(inputs.map((input) => input.includes('aria-invalid="true"'))).toEqual([false, true])
  })

  it.each([
    ['a text without an event type', { text_type: '', text: 'Hello' }, /name="text_type"/],
    ['a text for a type that cannot be one', { text_type: 'comment held', text: 'Hello' }, /name="text_type"/],
    ['a template that is not closed', { text_type: 'comment.held', text: '{{oops' }, /name="text"/],
    [
      'a text in a format that has none',
      { text_type: 'comment.held', text: 'x', format: 'cloudevents' },
      /name="text"/,
    ],
  ])('of %s stands beside its field', async (_, typed, name) => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { id } = await anEndpoint(world, mailbox().url())
    const fields = { url: mailbox().url(), event_types: '*', format: 'slack', rate_limit: '300', ...typed }
    for (const path of ['/admin/endpoints', `/admin/endpoints/${id}`]) {
      const html = await (await browser.post(path, fields)).text()
      const faulty = html.match(/<(?:input|textarea)[^>]*aria-invalid="true"[^>]*>/g) ?? []
      expect([path, faulty.length]).toEqual([path, 1])
      expect(faulty[0]).toMatch(name)
      expect(faulty[0]).toContain('autofocus')
    }
  })

  it('about what exists already stands beside its field, too', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const schema = '{"type":"object"}'
    const type = { name: 'order.paid', description: 'Paid', schema, example: '{}' }
    await browser.submit('/admin/event-types', type)
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    await world.api('POST', '/api/comments', { book: 'summer', name: 'Ada', body: 'Hello' })
    for (const [path, fields, name] of [
      ['/admin/books', { slug: 'main', title: 'Mine' }, 'slug'],
      ['/admin/books/summer/delete', { confirm: 'winter' }, 'confirm'],
      ['/admin/event-types', type, 'name'],
    ] as const) {
      const refused = await browser.post(path, fields)
      expect([path, refused.status]).toEqual([path, 409])
      expect(await refused.text()).toMatch(new RegExp(`<input[^>]*name="${name}"[^>]*aria-invalid="true"`))
    }
  })

  it('of one of several texts stands beside that one', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const texts = { 'comment.held': 'a', 'comment.removed': 'b' }
    const { id } = await anEndpoint(world, mailbox().url(), { texts })
    const [form] = formsIn(await (await browser.get(`/admin/endpoints/${id}/edit`)).text(), '').filter(({ fields }) =>
      fields.some(([name]) => name === 'text')
    )
    const body = new URLSearchParams(form?.fields)
    body.append('text_type', 'comment.removed')
    body.append('text', 'c')
    const headers = { ...FORM, ...browser.cookie }
    const response = await world.request(`/admin/endpoints/${id}`, { method: 'POST', headers, body: String(body) })
    const inputs = (await response.text()).match(/<input[^>]*name="text_type"[^>]*>/g) ?? []
    expect(inputs.map((input) => input.includes('aria-invalid="true"'))).toEqual([false, false, true, false])
  })

  it('of checkboxes stands after the label of the first one, which has the focus', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const html = await (await browser.post('/admin/access/keys', { name: 'x', expires: '90' })).text()
    const first = /<input[^>]*name="scopes"[^>]*>/.exec(html)?.[0]
    for (const part of ['aria-invalid="true"', 'aria-describedby="scopes-error"', 'autofocus'])
      expect(first).toContain(part)
    expect(html).toMatch(/<\/label><div class="error" id="scopes-error">/)
    expect(html.match(/autofocus/g)).toHaveLength(1)
  })

  it('of a text that is too long stands beside it, and emoji count as one character each', async () => {
    const world = new World()
    await world.api('PATCH', '/api/settings', { registration: 'open' })
    const browser = await ownerBrowser(world)
    const url = mailbox().url('verify')
    const type = { name: 'order.paid', schema: '{"type":"object"}', example: '{}' }
    const forms = [
      { page: '/admin/access', at: '/admin/access/keys', field: 'name', max: 100, rest: { scopes: 'read' } },
      { page: '/admin/sources/new?provider=unsigned', at: '/admin/sources/new', field: 'name', max: 100 },
      { page: '/admin/event-types', at: '/admin/event-types', field: 'description', max: 500, rest: type },
      {
        page: '/webhooks',
        at: '/webhooks',
        field: 'description',
        max: 200,
        rest: { url, event_types: 'comment.published' },
      },
      { page: '/admin/books/main/pictures', at: '/admin/books/main/pictures', field: 'alt', max: 200 },
    ]
    for (const { page, at, field, max, rest = {} } of forms) {
      const html = await (await browser.get(page)).text()
      const input = new RegExp(`<input[^>]*name="${field}"[^>]*>`).exec(html)?.[0]
      expect([page, input]).toEqual([page, expect.any(String)])
      expect(input).toContain(`data-counted="${max}"`)
      expect(input).not.toContain('maxlength')
      const isFaulty = async (length: number) => {
        const fields = { provider: 'unsigned', act: 'keep', expires: '90', ...rest }
        const answer = await browser.post(at, { ...fields, [field]: '🎉'.repeat(length) })
        return new RegExp(`id="${field}-error"`).test(await answer.text())
      }
      expect([at, await isFaulty(max), await isFaulty(max + 1)]).toEqual([at, false, true])
    }
  })

  it('is shown as text, whatever was typed', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const html = await (
      await browser.post('/admin/endpoints', { url: mailbox().url(), event_types: '<script>alert(1)</script>' })
    ).text()
    expect(html).not.toContain('<script>alert')
  })
})

describe('a secret or a URL that is pasted', () => {
  it('is not cut by any form, because nobody would see that', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { id } = await anEndpoint(world, mailbox().url())
    const [source, github] = [await aSource(world, 'unsigned'), await aSource(world, 'github', { secret: 'hush' })]
    const { body } = await post(world, source.path, '{"n":1}')
    const fields: string[] = []
    for (const path of [
      ...['/admin/endpoints/new', `/admin/endpoints/${id}?tab=secret`, `/admin/endpoints/${id}/edit`],
      ...['/admin/sources/new?provider=github', `/admin/sources/${github.id}`, `/admin/inbound/${body.id}`],
    ]) {
      const html = await (await browser.get(path)).text()
      fields.push(...(html.match(/<(?:input|textarea)\b[^>]* name="(?:url|secret|to)"[^>]*>/g) ?? []))
    }
    expect(fields.length).toBeGreaterThan(4)
    expect(fields.filter((field) => field.includes('maxlength'))).toEqual([])
  })
})

describe('every action', () => {
  it('redirects, so that a reload repeats nothing', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { id } = await anEndpoint(world, mailbox().url())
    const source = await aSource(world, 'unsigned')
    const { body } = await post(world, source.path, '{"n":1}')
    await world.drain()
    const actions: [string, Record<string, string>][] = [
      [`/admin/endpoints/${id}/test`, { type: 'ping' }],
      [`/admin/endpoints/${id}/pull-token`, {}],
      [`/admin/endpoints/${id}/replay`, { only: 'all', span: '1' }],
      [`/admin/endpoints/${id}/secret/rotate`, { grace_seconds: '0' }],
      [`/admin/inbound/${body.id}/send`, { to: mailbox().url() }],
      [`/admin/inbound/${body.id}/process`, {}],
      [`/admin/sources/${source.id}/sample`, {}],
      [`/admin/keys/rotate`, { grace_seconds: '0' }],
    ]
    for (const [path, fields] of actions) {
      const response = await browser.post(path, fields)
      expect([path, response.status]).toEqual([path, 303])
      const to = response.headers.get('Location') ?? ''
      const [first, second] = [await browser.get(to), await browser.get(to)]
      expect([to, first.status, second.status]).toEqual([to, 200, 200])
    }
  })

  it('shows the result of a forwarded request after the redirect, and what was typed', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const source = await aSource(world, 'unsigned')
    const { body } = await post(world, source.path, '{"n":1}')
    const to = mailbox().url('status/418')
    const sent = await browser.post(`/admin/inbound/${body.id}/send`, {
      to,
      edited: 'on',
      method: 'PUT',
      headers: 'X-A: 1',
      body: '{"n":2}',
    })
    const html = await (await browser.get(sent.headers.get('Location') ?? '')).text()
    expect(html).toContain('418')
    expect(html).toContain(`value="${to}"`)
    expect(html).toContain('X-A: 1')
    const long = await browser.post(`/admin/inbound/${body.id}/send`, {
      to,
      edited: 'on',
      method: 'POST',
      headers: '',
      body: 'x'.repeat(9_000),
    })
    expect(long.status).toBe(200)
    expect(await long.text()).toContain('x'.repeat(9_000))
  })

  it('of a replay can be previewed at an address that can be reloaded', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { id } = await anEndpoint(world, mailbox().url())
    const tab = `/admin/endpoints/${id}?tab=replay`
    const preview = (fields: string) => browser.get(`${tab}&preview=true&${fields}`)
    const html = await (await preview('only=all&span=7&event_types=ping')).text()
    expect(partOf(html, 'class="notice"')).toMatch(/^Nothing/)
    expect(html).toMatch(/<option value="7" selected/)
    expect((await preview('only=x&span=1&event_types=')).status).toBe(422)
    const wrong = await (await preview('only=all&span=1&event_types=a..b')).text()
    expect(wrong).toMatch(/id="replay_types" name="event_types" value="a\.\.b"[^>]* aria-invalid/)
  })

  it('of a replay suggests event types, and says which ones do not exist', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { id } = await anEndpoint(world, mailbox().url())
    await world.api('POST', '/api/event-types', { name: 'order.paid', schema: {}, example: {} })
    const tab = `/admin/endpoints/${id}?tab=replay`
    const page = await (await browser.get(tab)).text()
    for (const type of ['comment.published', 'order.paid']) expect(page).toContain(`<option value="${type}">`)
    const notice = async (types: string) =>
      partOf(
        await (await browser.get(`${tab}&preview=true&only=all&span=7&event_types=${types}`)).text(),
        'class="notice'
      )
    expect(await notice('nonsense.type')).toMatch(/^nonsense\.type matches no event type/)
    expect(await notice('coment.published')).toContain('comment.published')
    for (const type of ['order.paid', 'comment.*', '*']) expect(await notice(type)).toMatch(/^Nothing to replay/)
  })
})
