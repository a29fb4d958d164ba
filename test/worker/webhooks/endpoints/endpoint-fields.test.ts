import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { ENDPOINT_FIELDS } from '../../../../src/webhooks/endpoints/fields'
import { formOfEndpoint, readEndpointForm } from '../../../../src/webhooks/endpoints/form'
import type { EndpointRow } from '../../../../src/webhooks/endpoints/store'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'
import { formsIn } from '../../ui/page-forms'
import { aWorld, registered } from '../registration/integrator'

/** A value of each field that is not its first one, with what it needs. */
const OTHERS: Record<keyof typeof ENDPOINT_FIELDS.rows, { value: unknown; with?: object }> = {
  url: { value: 'https://other.example/hooks' },
  format: { value: 'cloudevents' },
  event_types: { value: ['comment.held', 'order.*'] },
  description: { value: 'Billing' },
  books: { value: ['main'] },
  headers: { value: { 'X-Site': 'blog' } },
  legacy_signature: { value: 'hub' },
  moderation_links: { value: false },
  rate_limit: { value: 7 },
  min_interval_minutes: { value: 9, with: { format: 'build-hook' } },
  when: { value: 'type == "comment.held"' },
  texts: { value: { 'comment.published': 'New:\n{{$title}}' } },
  digest_hour: { value: 5, with: { format: 'slack', digest: 'daily' } },
  note: { value: 'Ask Ada.\nShe has the key.' },
}

const rowOf = (id: string) => env.DB.prepare('select * from endpoints where id = ?').bind(id).first<EndpointRow>()

describe('a field of an endpoint', () => {
  it.each(Object.keys(ENDPOINT_FIELDS.rows))(
    '%s is stored, shown, changed and copied by the API, and comes back from the form',
    async (name) => {
      const { value, with: more = {} } = OTHERS[name as keyof typeof ENDPOINT_FIELDS.rows]
      const world = new World()
      const base = { url: mailbox().url('ok'), ...more }
      const { body: made } = await world.api<{ id: string }>('POST', '/api/endpoints', { ...base, [name]: value })
      expect(made).toMatchObject({ [name]: value })
      const { body: other } = await world.api<{ id: string }>('POST', '/api/endpoints', base)
      expect(other).not.toMatchObject({ [name]: value })
      const changed = await world.api('PATCH', `/api/endpoints/${other.id}`, { [name]: value })
      expect([changed.status, changed.body]).toMatchObject([200, { [name]: value }])
      const copied = await world.api('POST', `/api/endpoints/${made.id}/duplicate`)
      expect([copied.status, copied.body]).toMatchObject([201, { [name]: value }])
      const row = await rowOf(made.id)
      if (!row) throw new Error('no row')
      expect(readEndpointForm(formOfEndpoint(row))[name]).toEqual(value)
    }
  )
})

describe('the note of an endpoint', () => {
  it('is in the form and on the page of the owner, and nowhere else', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('ok'), { note: 'Ask Ada.' })
    const browser = await ownerBrowser(world)
    const path = `/admin/endpoints/${id}`
    expect(await (await browser.get(`${path}?tab=settings`)).text()).toContain('Ask Ada.')
    const form = formsIn(await (await browser.get(`${path}/edit`)).text(), `${path}/edit`).find(
      ({ action, fields }) => action === path && fields.length > 5
    )
    const { seen: _, ...last } = Object.fromEntries(form?.fields ?? [])
    const fields = { ...last, event_types: 'comment.*' }
    expect(last.note).toBe('Ask Ada.')
    expect((await browser.submit(path, { ...fields, note: 'x'.repeat(501) })).status).toBe(422)
    await aComment(world, { name: 'Bob', body: 'Hello' })
    await world.drain()
    expect(JSON.stringify(await box.received())).not.toContain('Ask Ada')
    expect((await browser.submit(path, { ...fields, note: '' })).status).toBe(303)
    expect((await world.api('GET', `/api/endpoints/${id}`)).body).toMatchObject({ note: '' })
  })

  it('is not on the page of the integrator', async () => {
    const world = await aWorld('open')
    const { id, see } = await registered(world)
    await world.api('PATCH', `/api/endpoints/${id}`, { note: 'Slow payer.' })
    for (const page of ['?tab=settings', '?tab=test', '/edit']) expect(await see(page)).not.toContain('Slow payer')
  })
})
