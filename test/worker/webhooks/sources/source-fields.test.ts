import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { SOURCE_FIELDS } from '../../../../src/webhooks/sources/fields'
import { formOfSource, readSourceForm } from '../../../../src/webhooks/sources/form'
import type { SourceRow } from '../../../../src/webhooks/sources/store'
import { ownerBrowser } from '../../../support/session'
import { aSource } from '../../../support/sources'
import { World } from '../../../support/world'
import { formsIn } from '../../ui/page-forms'

/** A value of each field that is not its first one. */
const OTHERS = {
  name: 'Other',
  act: 'sign',
  template: { name: '{{a}}', body: '{{b}}', website: '{{c}}', when: 'a == "b"', book: 'main' },
  options: {
    header: 'X-Sig',
    algorithm: 'sha512',
    prefix: ' v1=',
    signed: '{timestamp}\n{body}',
    tolerance_seconds: 60,
    timestamp_header: 'X-Time',
  },
  strict: true,
  fields: [{ name: 'repo', path: 'repository.full_name' }],
  retention_days: 7,
  body_retention_days: 3,
  daily_quota_mb: 9,
  note: 'The key is in the drawer.\nAsk Ada.',
}

const rowOf = (id: string) => env.DB.prepare('select * from sources where id = ?').bind(id).first<SourceRow>()

describe('a field of a source', () => {
  it.each(Object.keys(SOURCE_FIELDS.rows))(
    '%s is stored, shown and changed by the API, and comes back from the form',
    async (name) => {
      const value = OTHERS[name as keyof typeof OTHERS]
      const world = new World()
      const base = { act: name === 'act' || name === 'template' ? 'sign' : 'keep', template: OTHERS.template }
      const made = await aSource(world, 'custom-hmac', { ...base, [name]: value })
      expect(made).toMatchObject({ [name]: value })
      const other = await aSource(world, 'custom-hmac', { act: 'keep', template: OTHERS.template })
      expect(other).not.toMatchObject({ [name]: name === 'template' ? null : value })
      const changed = await world.api('PATCH', `/api/sources/${other.id}`, { [name]: value })
      expect([changed.status, changed.body]).toMatchObject([200, { [name]: value }])
      const row = await rowOf(made.id)
      if (!row) throw new Error('no row')
      const read = readSourceForm(formOfSource(row))
      const trimmed = name === 'options' ? { ...OTHERS.options, prefix: 'v1=' } : value
      expect(read[name]).toEqual(trimmed)
    }
  )

  it('is in the form of the page', async () => {
    const world = new World()
    const { id } = await aSource(world, 'custom-hmac', { note: OTHERS.note })
    const browser = await ownerBrowser(world)
    const path = `/admin/sources/${id}`
    const html = await (await browser.get(path)).text()
    const form = formsIn(html, path).find(({ action, fields }) => action === path && fields.length > 5)
    const fields = Object.fromEntries(form?.fields ?? [])
    expect(fields.note).toBe(OTHERS.note)
    expect((await browser.submit(path, { ...fields, note: '' })).status).toBe(303)
    expect((await world.api('GET', `/api/sources/${id}`)).body).toMatchObject({ note: '' })
    const { seen: _, ...unseen } = fields
    const long = await browser.submit(path, { ...unseen, note: 'x'.repeat(501) })
    expect(long.status).toBe(422)
  })
})
