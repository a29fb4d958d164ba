import { expect, it } from 'vitest'
import { readDocument, type Schema } from '../../scripts/build/reference/read-document'
import app from '../../src/app'
import { SHEET } from '../../src/guestbook/rules/entries/drawing'
import { EVENT_TYPES } from '../../src/webhooks/rules/events/catalogue'
import { document } from '../support/document'

/** `npm run openapi` updates the file. */
it('public/openapi.json describes the current routes', async () => {
  const text = `${JSON.stringify(document, null, 2)}\n`
  await expect(text).toMatchFileSnapshot('../../public/openapi.json')
})

it('the document lists exactly the routes of the API', () => {
  const documented = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  )
  const mounted = app.routes
    .filter(({ method, path }) => method !== 'ALL' && /^\/(api|healthz|\.well-known)/.test(path))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
  // This route accepts every method. The document lists only POST.
  const receiving = 'POST /in/{token}'
  const mentions = 'POST /webmention'
  for (const path of ['/in/:token', '/webmention']) expect(app.routes.some((route) => route.path === path)).toBe(true)
  expect(documented.sort()).toEqual([...new Set([...mounted, receiving, mentions])].sort())
})

it('the document lists exactly the event types as webhooks', () => {
  const names = EVENT_TYPES.map(({ name }) => name)
  expect(Object.keys(document.webhooks ?? {}).sort()).toEqual(names.toSorted())
})

it('says what each field of an event means, and what the API returns, too, in the same words', () => {
  const api = readDocument(JSON.stringify(document))
  const textsOf = ({ properties = {} }: Schema, path = ''): [string, string][] =>
    Object.entries(properties).flatMap(([name, field]) => [
      [path + name, field.description ?? ''] as [string, string],
      ...textsOf(field, `${path}${name}.`),
      ...textsOf(field.items ?? {}, `${path}${name}.`),
    ])
  for (const [name, { post }] of Object.entries(api.webhooks)) {
    const texts = textsOf(post.requestBody?.content['application/json']?.schema ?? {})
    expect(texts.length).toBeGreaterThan(4)
    expect([name, texts.filter(([, text]) => text === '')]).toEqual([name, []])
  }
  const entry = textsOf(api.components.schemas.Comment ?? {})
  const payload = api.webhooks['comment.published']?.post.requestBody?.content['application/json']?.schema
  const inEvent = textsOf(payload?.properties?.data?.properties?.comment ?? {})
  for (const field of ['body', 'pre', 'drawing', 'mentioned_on', 'status'])
    expect(inEvent.find(([name]) => name === field)).toEqual(entry.find(([name]) => name === field))
  expect(Object.fromEntries(entry).drawing).toContain(SHEET)
  // The schemas that the Worker serves and checks stay as they are.
  for (const { schema } of EVENT_TYPES) expect(JSON.stringify(schema)).not.toContain('description":"')
})

it('lists what is really sent: the refusals of a body, and the version for the owner of what everybody may read', async () => {
  const env = { ADMIN_TOKEN: 'the-token-of-the-owner' } as Env
  const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}`, 'Content-Type': 'text/plain' }
  const refused: string[] = []
  for (const [path, calls] of Object.entries(document.paths ?? {})) {
    for (const [name, { responses, requestBody }] of Object.entries(calls)) {
      if (name === 'get' || (name === 'delete' && !requestBody)) continue
      const answer = await app.request(
        path.replace(/\{\w+\}/g, 'x'),
        { method: name.toUpperCase(), headers, body: 'x' },
        env
      )
      if (answer.status !== 415) continue
      refused.push(`${name} ${path}`)
      expect([path, Object.keys(responses)]).toEqual([path, expect.arrayContaining(['400', '413', '415'])])
    }
  }
  expect(refused).toContain('post /api/jobs/{id}/cancel')
  for (const path of ['/api/comments', '/api/comments/{id}', '/api/books', '/api/books/{slug}', '/api/event-types']) {
    const { security, responses } = document.paths?.[path]?.get ?? {}
    expect([path, security]).toEqual([path, expect.arrayContaining([{}, { owner: [] }])])
    expect([path, Object.keys(responses ?? {})]).toEqual([path, expect.arrayContaining(['401', '403'])])
  }
  expect(document.paths?.['/api/comments']?.post?.security).toEqual([{}, { owner: [] }, { author: [] }])
})

it('says which values a number in a query may have', () => {
  const parameters = Object.values(document.paths ?? {}).flatMap((calls) =>
    Object.values(calls).flatMap(({ parameters = [] }) => parameters as { name: string; schema: Schema }[])
  )
  const numbers = parameters.filter(({ schema }) => schema.type === 'integer')
  expect(numbers.length).toBeGreaterThan(10)
  for (const { schema } of numbers)
    expect(schema).toEqual(
      expect.objectContaining({ minimum: expect.any(Number), maximum: expect.any(Number), default: expect.any(Number) })
    )
})

it('no two schemas have the same name', () => {
  const sources = import.meta.glob('../../src/**/*.ts', { query: '?raw', import: 'default', eager: true })
  const naming = /(?:\bid: |(?:bodyOf|changeOf)\(|(?:pageOf|listOf)\(\w+, )'([A-Z]\w+)'/g
  const names = Object.values(sources).flatMap((text) => [...String(text).matchAll(naming)].map(([, name]) => name))
  expect(names.length).toBeGreaterThan(50)
  expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([])
})

it('no named schema is nullable', () => {
  const nullable = Object.entries(document.components?.schemas ?? {}).filter(
    ([, schema]) => 'type' in schema && Array.isArray(schema.type)
  )
  expect(nullable.map(([name]) => name)).toEqual([])
})

it('people read "entry" and "request": other names of them are paths, fields and types, in code', () => {
  const texts: string[] = []
  JSON.stringify(document, (key, value) => {
    if (typeof value === 'string' && ['summary', 'description'].includes(key)) texts.push(value.replace(/`[^`]*`/g, ''))
    return value
  })
  expect(texts.length).toBeGreaterThan(500)
  const tags = Object.values(document.paths ?? {}).flatMap((calls) => Object.values(calls).flatMap(({ tags }) => tags))
  expect([...texts, ...tags].filter((text) => /\bcomments?\b(?!\.)|inbound message/i.test(text))).toEqual([])
})
