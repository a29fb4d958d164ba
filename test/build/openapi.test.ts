import { expect, it } from 'vitest'
import app from '../../src/app'
import { EVENT_TYPES } from '../../src/core/events/catalogue'
import { describeApi } from '../../src/reference/document'

const document = describeApi(app)

/** `npm run openapi` writes it. */
it('the file that is served is the document of these routes', async () => {
  const text = `${JSON.stringify(document, null, 2)}\n`
  await expect(text).toMatchFileSnapshot('../../public/openapi.json')
})

it('every route of the API is in it, and nothing that is not there', () => {
  const documented = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
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

it('every event type is among its webhooks', () => {
  const names = EVENT_TYPES.map(({ name }) => name)
  expect(Object.keys(document.webhooks ?? {}).sort()).toEqual(names.toSorted())
})

it('a schema by name is what its name says, never that or nothing', () => {
  const nullable = Object.entries(document.components?.schemas ?? {}).filter(
    ([, schema]) => 'type' in schema && Array.isArray(schema.type)
  )
  expect(nullable.map(([name]) => name)).toEqual([])
})
