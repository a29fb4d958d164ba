import { describe, expect, it } from 'vitest'
import { EVENT_TYPES } from '../../../../src/webhooks/rules/events/catalogue'
import { aComment, mailbox } from '../../../support/fixtures'
import { ownerBrowser, partOf } from '../../../support/session'
import { BASE, World } from '../../../support/world'
import { aWorld, register, registered, submit } from './integrator'

const HOST = new URL(BASE).host

describe('the guide for integrators', () => {
  it('leads the page of registration, with the address of this guestbook and the name of the secret', async () => {
    const world = await aWorld('open')
    const html = await (await world.request('/webhooks')).text()
    const steps = ['receive', 'challenge', 'verify', 'retry', 'pull']
    const places = [...steps, 'register'].map((id) => html.indexOf(`id="${id}"`))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(html).toContain(`${BASE}/api/endpoints/$ENDPOINT/messages`)
    expect(html).toContain(`WEBHOOK_SECRET_${HOST.toUpperCase().replace(/\W/g, '_')}`)
    expect(html).not.toContain('%{')
    for (const language of ['JavaScript', 'Python', 'PHP', 'Go', 'Ruby', 'Java'])
      expect(html).toContain(`aria-label="Copy the code for ${language}"`)
  })

  it('is there without registration, and knows the endpoint of a private link', async () => {
    const off = new World()
    expect((await off.request('/webhooks/guide')).status).toBe(200)
    const world = await aWorld('open')
    const { id, path } = await registered(world)
    const html = await (await world.request(`${path}/guide`)).text()
    expect(html).toContain(`/api/endpoints/${id}/messages`)
    expect(html).toContain(`href="${path}"`)
  })
})

describe('a challenge', () => {
  it('that fails is shown with the response, and stores nothing', async () => {
    const world = await aWorld('open')
    const box = mailbox()
    const { status, html } = await register(world, box.url('echo'))
    expect(status).toBe(422)
    const [asked] = await box.received()
    const { challenge } = JSON.parse(asked?.body ?? '').data
    const report = partOf(html, 'id="challenge-report"')
    expect(report).toContain(challenge)
    expect(report).toContain(box.url('echo'))
    // The form needs no change: its heading says what does.
    expect(partOf(html, 'role="alert"')).toContain('did not answer')
    expect(html).not.toContain('needs a change')
    const nothing = (await register(world, box.url('verify'), [])).html
    expect(partOf(nothing, 'role="alert"')).toContain('needs a change')
    expect(partOf(nothing, 'id="event_types-error"')).not.toContain('*')
    expect(html).toContain(asked?.headers['webhook-signature'])
    // The form comes first, with what was entered.
    expect(html.indexOf('name="url"')).toBeLessThan(html.indexOf('id="receive"'))
    // The reason stands at the field, and the top says only that there is one.
    expect(html.split('data.challenge, as text')).toHaveLength(2)
    expect(partOf(html, 'id="url-error"')).toContain('data.challenge, as text')
  })

  it('that succeeds is shown once on the page of the endpoint', async () => {
    const world = await aWorld('open')
    const box = mailbox()
    const { html } = await register(world, box.url('verify'))
    const [asked] = await box.received()
    const { challenge } = JSON.parse(asked?.body ?? '').data
    expect(html.split(challenge)).toHaveLength(3)
  })

  it('of a new URL is shown on the form, too', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    const url = mailbox().url('status/418')
    const { status, html } = await submit(world, `${path}/edit`, [
      ['url', url],
      ['event_types', 'comment.published'],
    ])
    expect(status).toBe(422)
    expect(partOf(html, 'id="challenge-report"')).toContain(url)
    expect(html).toContain('418')
  })
})

describe('the page of a private link', () => {
  it('tests with every event type, and shows the example that it sends', async () => {
    const world = await aWorld('open')
    const { box, path, see } = await registered(world, 'verify', ['comment.published', 'comment.removed'])
    const html = await see('?tab=test')
    const offered = [...html.matchAll(/name="type" value="([^"]+)"/g)].map(([, type]) => type)
    expect(offered.slice(0, 2)).toEqual(['comment.published', 'comment.removed'])
    // What the endpoint does not get is folded.
    const [shown = '', folded = ''] = html.split('<details><summary>Types')
    expect(shown).not.toContain('value="storage.warning"')
    expect(folded).toContain('value="storage.warning"')
    // A ping is sent by the button above.
    expect(['ping', ...offered].toSorted()).toEqual(EVENT_TYPES.map(({ name }) => name).toSorted())
    const { status, location } = await submit(world, `${path}/test`, [['type', 'comment.removed']])
    expect([status, location]).toEqual([303, expect.stringContaining('tested=')])
    const sent = JSON.parse((await box.received()).at(-1)?.body ?? '')
    expect(sent.type).toBe('comment.removed')
    expect(sent.data).toEqual(EVENT_TYPES.find(({ name }) => name === 'comment.removed')?.example)
  })

  it('tests with no type of the owner that the endpoint does not get', async () => {
    const world = await aWorld('open')
    const { box, id, path } = await registered(world)
    const type = { name: 'order.paid', description: 'x', schema: {}, example: { secret: 1 } }
    await world.api('POST', '/api/event-types', type)
    expect((await submit(world, `${path}/test`, [['type', 'order.paid']])).status).toBe(422)
    expect(await box.received()).toHaveLength(1)
    await world.api('PATCH', `/api/endpoints/${id}`, { event_types: ['comment.published', 'order.paid'] })
    expect((await submit(world, `${path}/test`, [['type', 'order.paid']])).status).toBe(303)
    expect(JSON.parse((await box.received())[1]?.body ?? '').data).toEqual({ secret: 1 })
  })

  it('says what a refused test most often means: once in full, and nothing that only the owner can do', async () => {
    const world = await aWorld('open')
    const { id, path, see } = await registered(world)
    await world.api('PATCH', `/api/endpoints/${id}`, { url: mailbox().url('status/400') })
    const { location, html } = await submit(world, `${path}/test`)
    expect(html.match(/\(400\)/g)).toHaveLength(1)
    expect(partOf(html, 'id="test"')).toContain('(400)')
    expect([html.includes('href="#signature"'), html.includes('id="signature"')]).toEqual([true, true])
    expect(html).not.toContain('format of the endpoint')
    const page = await see()
    expect(partOf(page, 'id="health"')).toMatch(/^✓ enabled .*test: ✕ failed 400 /)
    expect(page).toContain(`href="${location?.replace('&', '&amp;')}`)
    const owner = await (await ownerBrowser(world)).see(`/admin/endpoints/${id}?${location?.split('?')[1]}`)
    expect(owner).toContain('format of the endpoint')
  })

  it('has a signature check on one tab, to which the tab of the secret and the guide lead', async () => {
    const world = await aWorld('open')
    const { see, path } = await registered(world)
    expect(await see('?tab=test')).toContain('id="check"')
    expect(await see()).toContain(`<h1>Your endpoint at ${HOST}</h1>`)
    for (const other of ['', '?tab=secret', '?tab=settings']) expect(await see(other)).not.toContain('id="check"')
    for (const page of ['?tab=secret', '/guide']) expect(await see(page)).toContain(`href="${path}?tab=test#signature"`)
    const html = await (await world.request('/webhooks')).text()
    expect(html).toContain('href="/docs/receivers#when-a-signature-does-not-match"')
  })

  it('has a signature check before the owner approves the endpoint, but sends nothing', async () => {
    const world = await aWorld('approve')
    const { box, path, see } = await registered(world)
    const html = await see('?tab=test')
    expect(partOf(html, 'id="signature"')).toContain('Check')
    expect(html).toContain('as soon as the owner lets this endpoint receive events')
    expect(html).not.toContain(`action="${path}/test`)
    expect(html).not.toContain('Send a')
    expect(await see('?tab=pull')).toContain('as soon as the owner lets this endpoint receive events')
    expect((await submit(world, `${path}/test`)).status).toBe(409)
    expect(await box.received()).toHaveLength(1)
  })

  it('has a signature check with the last request, exactly as it was sent, to compare with', async () => {
    const world = await aWorld('open')
    const { box, see } = await registered(world)
    await aComment(world, { body: 'Hello <there> & "you"' })
    await world.drain()
    const html = await see('?tab=test')
    const last = (await box.received()).at(-1)
    const escaped = (text: string) =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    expect(html).toContain(`\n${escaped(last?.body ?? '')}</textarea>`)
    expect(html).toContain(escaped(`webhook-signature: ${last?.headers['webhook-signature']}`))
    // A form with names would send the secret.
    expect(partOf(html, 'id="check"')).not.toContain('name="secret"')
  })
})
