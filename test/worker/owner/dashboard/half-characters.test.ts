import { describe, expect, it } from 'vitest'
import { mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'

/** An emoji at every place where an error message may cut a text of theirs in two. */
const TEXTS = ['😀', 'x😀', '{"a":"😀', ...[51, 59, 60].map((at) => `${'x'.repeat(at)}😀`), '😀'.repeat(100)]

const schema = '{"type":"object"}'
const endpoint = (more: Record<string, string>) => ({ url: mailbox().url(), event_types: 'ping', ...more })

const FORMS: [path: string, (text: string) => Record<string, string>][] = [
  ['/admin/event-types', (text) => ({ name: 'a.b', description: 'd', schema: text, example: '{}' })],
  ['/admin/event-types', (text) => ({ name: 'a.b', description: 'd', schema, example: text })],
  ['/admin/event-types', (text) => ({ name: text, description: 'd', schema, example: '{}' })],
  ['/admin/messages', (text) => ({ type: 'ping', data: text })],
  ['/admin/messages', (text) => ({ type: text, data: '{}' })],
  ['/admin/endpoints', (text) => endpoint({ when: text })],
  ['/admin/endpoints', (text) => endpoint({ when: `{{ ${text} }} == 1` })],
  ['/admin/endpoints', (text) => endpoint({ text_type: 'ping', text: `{{ ${text} }}` })],
  ['/admin/endpoints', (text) => endpoint({ text_type: text, text: 'Hello' })],
  ['/admin/endpoints', (text) => endpoint({ headers: text })],
  ['/admin/endpoints', (text) => endpoint({ event_types: text })],
  [
    '/admin/endpoints',
    (text) => ({
      ...endpoint({ format: 'telegram' }),
      url: `https://api.telegram.org/bot1:${'x'.repeat(30)}/sendMessage?chat_id=${encodeURIComponent(text)}`,
    }),
  ],
]

describe('a form with an emoji in a field that is wrong', () => {
  it.each(FORMS)('is shown again with the error, by %s', async (path, fieldsOf) => {
    const owner = await ownerBrowser(new World())
    for (const text of TEXTS) {
      const response = await owner.post(path, fieldsOf(text))
      const page = await response.text()
      expect([text, response.status]).toEqual([text, 422])
      expect(page).toMatch(/class="error"|role="alert"/)
      expect(page).not.toContain('\ufffd\ufffd')
    }
  })
})

describe('a call with half an emoji', () => {
  it('is refused with a message', async () => {
    const world = new World()
    for (const body of [
      '"\\ud83d',
      '{"url":"\\ud83d"}',
      '{"url":"https://\\ud83d.example","event_types":["\\ude00"]}',
    ]) {
      const response = await world.request('/api/endpoints', {
        method: 'POST',
        headers: { Authorization: 'Bearer test-admin-token', 'Content-Type': 'application/json' },
        body,
      })
      expect([400, 422]).toContain(response.status)
      expect((await response.text()).isWellFormed()).toBe(true)
    }
  })
})
