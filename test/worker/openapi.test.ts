import { expect, it } from 'vitest'
import app from '../../src/app'
import { EVENT_TYPES } from '../../src/core/event-types'
import { World } from '../support/world'

interface Document {
  paths: Record<string, Record<string, unknown>>
  webhooks: Record<string, { post: { requestBody: unknown } }>
}

async function document(): Promise<Document> {
  return (await new World().request('/openapi.json')).json()
}

it('every route of the API is in it, and nothing that is not there', async () => {
  const { paths } = await document()
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  )
  const mounted = app.routes
    .filter(({ method, path }) => method !== 'ALL' && /^\/(api|healthz|\.well-known)/.test(path))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
  // Any method will do there; the document speaks of the usual one.
  const receiving = 'POST /in/{token}'
  expect(app.routes.some(({ path }) => path === '/in/:token')).toBe(true)
  expect(documented.sort()).toEqual([...new Set([...mounted, receiving])].sort())
})

it('every event type is among its webhooks, and in the catalogue', async () => {
  const { webhooks } = await document()
  const names = EVENT_TYPES.map(({ name }) => name)
  expect(Object.keys(webhooks).sort()).toEqual(names.toSorted())
  const catalogue = await (await new World().request('/api/event-types')).json<{
    data: { name: string }[]
  }>()
  expect(catalogue.data.map(({ name }) => name)).toEqual(names)
})

it('the reference page loads nothing from elsewhere', async () => {
  const response = await new World().request('/docs')
  expect(response.status).toBe(200)
  expect(response.headers.get('Content-Security-Policy')).toContain("script-src 'self'")
  expect(await response.text()).not.toMatch(/(src|href)="(https?:)?\/\//)
})

it('a schema by name is what its name says, never that or nothing', async () => {
  const response = await new World().request('/openapi.json')
  const { components } = await response.json<{
    components: { schemas: Record<string, { type?: unknown }> }
  }>()
  const nullable = Object.entries(components.schemas).filter(([, { type }]) => Array.isArray(type))
  expect(nullable.map(([name]) => name)).toEqual([])
})
