import { expect, it } from 'vitest'
import { TOKEN, World } from '../../support/world'

const ENTITIES: Record<string, string> = { '&quot;': '"', '&#39;': "'", '&lt;': '<', '&gt;': '>', '&amp;': '&' }

const PAGES = import.meta.glob<string>('../../../public/docs/api/*.html', {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** The commands of the API reference, as a browser shows them. */
const COMMANDS = [
  ...Object.values(PAGES)
    .join('')
    .matchAll(/<pre>(curl [\s\S]*?)<\/pre>/g),
].map(([, html = '']) =>
  html.replace(/&(quot|#39|lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? '').replace(/ \\\n\s*/g, ' ')
)

it('every example of the API reference is a valid call, except for the IDs', async () => {
  expect(COMMANDS.length).toBeGreaterThan(90)
  const wrong: unknown[] = []
  for (const command of COMMANDS) {
    if (command.includes('@file')) continue
    const world = new World()
    const [, path = ''] = /"https:\/\/guestbook\.example\.com([^"]*)"/.exec(command) ?? []
    const fields = [...command.matchAll(/--data-urlencode '(\w+)=([^']*)'/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ])
    const form = fields.length > 0 ? new URLSearchParams(fields).toString() : null
    const body = /-d '([\s\S]*)'$/.exec(command)?.[1] ?? form
    const method = /-X (\w+)/.exec(command)?.[1] ?? (body === null ? 'GET' : 'POST')
    const type = form === null ? 'application/json' : 'application/x-www-form-urlencoded'
    const headers = { Authorization: `Bearer ${TOKEN}`, ...(body !== null && { 'Content-Type': type }) }
    const response = await world.request(path, { method, headers, ...(body !== null && { body }) })
    if ([400, 401, 405, 415, 422, 500].includes(response.status))
      wrong.push([command, response.status, await response.text()])
  }
  expect(wrong).toEqual([])
})
