import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { allActs } from '../../../../src/access/acts'
import { TOKEN_FIELD } from '../../../../src/kit/http/act-once'
import { PICTURES } from '../../../fixtures/pictures'
import { later, mailbox } from '../../../support/fixtures'
import { FORM, session } from '../../../support/session'
import { World } from '../../../support/world'
import { addresses, type Seeds, writeEverything } from '../../ui/every-page'
import { type Form, formsIn } from '../../ui/page-forms'

/* Each form of the dashboard and of the pages of integrators, found on its page, and submitted twice at once. */

/** What a person types into the fields with these names. */
const TYPED: Record<string, () => string> = {
  // Settings that are saved as they were are no act.
  registration: () => 'approve',
  settled_days: () => '12',
  url: () => mailbox().url('verify'),
  to: () => mailbox().url(),
  title: () => 'Autumn',
  slug: () => 'autumn',
  name: () => 'order.sent',
  description: () => 'x',
  welcome: () => '',
  reply: () => 'Thank you!',
  value: () => 'casino',
  content: () => PICTURES.png,
  alt: () => 'A moth',
  prefix: () => 'sha256=',
  template_name: () => '{{who}}',
  template_body: () => '{{text}}',
  only: () => 'all',
  type: () => 'order.paid',
}

/** These come last, because the other forms are about what they remove, or need what they close. */
const LAST = [
  /disable|pause|forget|hide$|\/url$/,
  /revoke|remove|renew|settings\/registration/,
  /delete|erase/,
  /others|books\/.*delete|manage\/.*delete/,
]

/** Only a state that passes quickly has these forms, or a preview, or the state of another service, or a script sends it. */
const RARE = [
  'POST /admin/books/:slug/theme',
  'POST /admin/endpoints/:id/handshake',
  'POST /admin/endpoints/:id/jobs/:job/cancel',
  'POST /admin/endpoints/:id/try',
  'POST /admin/moving/import',
  'POST /admin/moving/imports/:id/cancel',
]

/** Earlier forms have made the delivery due, so this one changes nothing. */
const UNNEEDED = ['POST /admin/messages/:message_id/deliveries/:endpoint_id/retry']

/** They can be submitted without a session, or end it. */
const OUTSIDE = ['POST /admin/login', 'POST /admin/logout']

/** @returns the route of a form, such as `POST /admin/books/:slug` */
function routeOf(action: string): string {
  const path = action.replace(/[#?].*/, '')
  const known = Object.keys(allActs()).toSorted((a, b) => a.split(':').length - b.split(':').length)
  const fits = (route: string) => new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`).test(`POST ${path}`)
  return known.find(fits) ?? `POST ${path.replace(/(link|renew|msg)_[\w.-]+/g, '$1_')}`
}

const rankOf = ({ action }: Form) => LAST.findLastIndex((pattern) => pattern.test(action))

function fill({ fields, action }: Form): [string, string][] {
  const typed = fields.map(([name, value]): [string, string] => [name, TYPED[name]?.() ?? value])
  const sent = typed.filter(([name]) => !['dry_run', 'event_types', 'confirm'].includes(name))
  if (/endpoints$|webhooks$|\/edit$/.test(action)) sent.push(['event_types', 'comment.published'])
  return sent
}

describe('a form that is submitted twice', () => {
  const world = new World()
  let seeds: Seeds
  let cookie: { Cookie: string }

  beforeEach(async () => {
    seeds = await writeEverything(world)
    await world.api('PATCH', '/api/settings', { registration: 'open' })
    await world.api('POST', '/api/books/summer/bans', { by: 'name', value: 'Mallory' })
    await world.api('POST', '/api/books', { slug: 'winter', title: 'Winter' })
    await world.api('DELETE', '/api/books/winter')
    // A name with invisible characters cannot be banned.
    await env.DB.prepare(`update comments set name = 'Mallory'`).run()
    for (let i = 0; i < 2; i++) await session(world)
    cookie = await session(world)
  }, 60_000)

  async function formsOf(...paths: string[]): Promise<Form[]> {
    const found: Form[] = []
    for (const path of paths)
      found.push(...formsIn(await (await world.request(path, { headers: cookie })).text(), path))
    return found.filter(({ action }) => !OUTSIDE.includes(routeOf(action)))
  }

  const everyForm = () => {
    const pages = Object.values(addresses(seeds)).flat()
    return formsOf(...pages.filter((path) => /^\/(admin|webhooks)(?!.*(login|preview$))/.test(path)))
  }

  async function theForm(page: string, action: string): Promise<Form> {
    const form = (await formsOf(page)).find((one) => one.action.replace(/#.*/, '') === action)
    if (!form) throw new Error(`${page} has no form for ${action}.`)
    return form
  }

  async function send({ action, page }: Form, fields: [string, string][]) {
    const path = action.replace(/#.*/, '')
    const body = new URLSearchParams(fields).toString()
    const response = await world.request(path, { method: 'POST', headers: { ...FORM, ...cookie }, body })
    return { page, status: response.status, location: response.headers.get('Location'), text: await response.text() }
  }

  async function count(table: 'audit_log' | 'idempotency_keys'): Promise<number> {
    return (await env.DB.prepare(`select count(*) as n from ${table}`).first<{ n: number }>())?.n ?? 0
  }

  /** @returns the fields that make a form do what it is for */
  function complete(form: Form): [string, string][] {
    const fields = fill(form)
    // Another form of the same turn has changed the status that the page shows.
    const others = fields.filter(([name]) => name !== 'was' && name !== 'action')
    if (/^\/admin\/comments\/\w+(#.*)?$/.test(form.action)) return [...others, ['action', 'spam']]
    if (form.action.startsWith('/admin/comments/')) return fields.filter(([name]) => name !== 'was')
    // The entry is on the page. Only entries with the status of their list are changed.
    if (form.action === '/admin/comments') {
      return [...others, ['action', 'hide'], ['was', 'published'], ['ids', seeds.comment]]
    }
    if (/\/books\/.*delete$/.test(form.action)) fields.push(['confirm', form.action.split('/').at(-2) ?? ''])
    if (/\/secret$/.test(form.action))
      return fields.map(([name, value]) => [name, name === 'secret' ? 'a secret' : value])
    return fields
  }

  it('at once acts once, and gets the same answer twice, for every form of every page', async () => {
    const done = new Set<string>()
    const faults: unknown[] = []
    for (;;) {
      const forms = (await everyForm()).filter(({ action }) => !done.has(routeOf(action)))
      if (forms.length === 0) break
      const rank = Math.min(...forms.map(rankOf))
      const turn = new Map(
        forms
          .filter((form) => rankOf(form) === rank)
          .toReversed()
          .map((form) => [routeOf(form.action), form])
      )
      for (const [route, form] of turn) {
        done.add(route)
        const fields = complete(form)
        const before = await count('audit_log')
        const [first, second] = await Promise.all([send(form, fields), send(form, fields)])
        const acts = (await count('audit_log')) - before
        // The first button of the form for bans also marks the entry as spam, which is another act.
        const each = route.endsWith('/ban') ? 2 : 1
        const expected = allActs()[route] == null || UNNEEDED.includes(route) ? 0 : each
        const isSame = first.status === second.status && first.location === second.location
        const isRight = first.status === (route.endsWith('/preview') ? 200 : 303)
        if (!isSame || !isRight || acts !== expected || !fields.some(([name]) => name === TOKEN_FIELD))
          faults.push({ route, acts, answers: [first, second].map(({ status, location }) => [status, location]) })
      }
    }
    expect(faults).toEqual([])
    const routes = Object.entries(allActs()).flatMap(([route, act]) =>
      route.startsWith('POST /admin') && act ? [route] : []
    )
    expect(routes.filter((route) => !done.has(route) && !OUTSIDE.includes(route)).toSorted()).toEqual(RARE.toSorted())
  }, 120_000)

  it('makes one API key, and shows it again, without storing it in plain text', async () => {
    const form = await theForm('/admin/access', '/admin/access/keys')
    expect(await count('idempotency_keys')).toBe(0)
    const [first, second] = [await send(form, fill(form)), await send(form, fill(form))]
    const page = await (await world.request(second.location ?? '', { headers: cookie })).text()
    expect(second.location).toBe(first.location)
    const [key = ''] = /apikey_[\w-]+/.exec(page) ?? []
    expect(key.length).toBeGreaterThan(20)
    const { results } = await env.DB.prepare('select * from idempotency_keys').all()
    expect(results).toHaveLength(1)
    expect(JSON.stringify(results)).not.toMatch(/apikey_|\/admin/)
    const { body } = await world.api<{ data: { name: string; id: string }[] }>('GET', '/api/keys')
    expect(body.data.filter(({ name }) => name === 'order.sent')).toHaveLength(1)
  })

  it('acts again from a page that was loaded again, or with other content', async () => {
    const page = `/admin/endpoints/${seeds.endpoint}`
    const theTest = (path: string) => theForm(`${path}?tab=test`, `${path}/test`)
    const [first, second] = [await theTest(page), await theTest(page)]
    // The form of the ping comes first. It names no type.
    const other: [string, string][] = [...first.fields, ['type', 'order.paid']]
    const sent = [await send(first, first.fields), await send(second, second.fields), await send(first, other)]
    expect(sent.map(({ status }) => status)).toEqual([303, 303, 303])
    expect(new Set(sent.map(({ location }) => location)).size).toBe(3)
  })

  it('can be submitted again after an error', async () => {
    const form = await theForm('/admin/books', '/admin/books')
    const wrong: [string, string][] = [
      ...form.fields.filter(([name]) => name === TOKEN_FIELD),
      ['title', ''],
      ['slug', 'x'],
    ]
    expect([(await send(form, wrong)).status, (await send(form, wrong)).status]).toEqual([422, 422])
    expect(await count('idempotency_keys')).toBe(0)
  })

  it('acts once, although the response to any call to D1 is lost', async () => {
    const keys = async () => (await world.api<{ data: unknown[] }>('GET', '/api/keys')).body.data.length
    let isFaulty = true
    for (let callsLeft = 1; isFaulty; callsLeft++) {
      const form = await theForm('/admin/access', '/admin/access/keys')
      const before = await keys()
      world.recorder.fault = { callsLeft, isCommitted: true }
      const { status } = await send(form, fill(form))
      isFaulty = world.recorder.fault === undefined
      world.recorder.fault = undefined
      expect(status).toBe(isFaulty && status !== 303 ? 500 : 303)
      // The second request does not wait for what was ended.
      await env.DB.prepare('update idempotency_keys set created_at = created_at - 120000').run()
      await send(form, fill(form))
      expect(await keys()).toBe(before + ((await keys()) > before ? 1 : 0))
    }
  })

  it('says that nobody knows, if the first request was ended', async () => {
    const form = await theForm('/admin/books', '/admin/books')
    await send(form, fill(form))
    await env.DB.prepare("update idempotency_keys set answer = 'pending x', created_at = created_at - 120000").run()
    const again = await send(form, fill(form))
    expect(again.status).toBe(409)
    expect(await count('idempotency_keys')).toBe(1)
  })

  it('gets no answer about what has been deleted', async () => {
    const page = `/admin/endpoints/${seeds.endpoint}`
    const form = await theForm(`${page}?tab=pull`, `${page}/pull-token`)
    expect((await send(form, form.fields)).status).toBe(303)
    await world.api('DELETE', `/api/endpoints/${seeds.endpoint}`)
    expect((await send(form, form.fields)).status).toBe(410)
  })

  it('by an integrator stores one answer for each form, however often it is submitted', async () => {
    const path = `/webhooks/manage/${seeds.token}`
    for (let i = 0; i < 4; i++) {
      const form = await theForm(`${path}?tab=secret`, `${path}/rotate`)
      const [first, second] = [await send(form, form.fields), await send(form, form.fields)]
      expect([first.status, second.location]).toEqual([303, first.location])
    }
    expect(await count('idempotency_keys')).toBe(1)
    const form = await theForm(`${path}?tab=settings`, `${path}/delete`)
    const gone = [await send(form, form.fields), await send(form, form.fields)]
    expect(gone.map(({ location }) => location)).toEqual(['/webhooks/deleted', '/webhooks/deleted'])
  })

  it('with a link that is not valid stores nothing', async () => {
    const path = `/webhooks/manage/${seeds.token}`
    const form = await theForm(`${path}?tab=settings`, `${path}/pause`)
    const forged = { ...form, action: form.action.replace(/.\/pause$/, '_/pause') }
    const other = { ...form, action: '/webhooks/manage/link_x/pause' }
    for (const one of [forged, other]) expect((await send(one, form.fields)).status).toBe(404)
    expect(await count('idempotency_keys')).toBe(0)
  })

  it('is forgotten after a day', async () => {
    const form = await theForm('/admin/books', '/admin/books')
    await send(form, fill(form))
    await world.sweep(later(86_400_000 * 2), 'old_keys')
    expect(await count('idempotency_keys')).toBe(0)
  })
})
