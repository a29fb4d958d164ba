import { describe, expect, it } from 'vitest'
import app from '../../../src/app'
import { routesOf } from '../../../src/kit/http/router'
import { aComment } from '../../support/fixtures'
import { TOKEN, World } from '../../support/world'
import { aKey, withKey } from './a-key'

const SCOPES = ['read', 'write', 'moderate', 'secrets', 'metrics']

/** Everybody may make these calls, and some also show the owner more. The second test is about them. */
const FOR_EVERYBODY = ['GET /api/comments', 'POST /api/comments', 'GET /api/comments/{id}']

/** Every other call of the OpenAPI document that the owner may make. */
const ROUTES = routesOf(app)
  .filter(({ security }) => security?.some((scheme) => 'owner' in scheme))
  .map(({ method, path }): [method: string, path: string] => [method.toUpperCase(), path])
  .filter(([method, path]) => !FOR_EVERYBODY.includes(`${method} ${path}`))

/** What the documentation says about scopes, written down a second time. */
function expectedScopes(method: string, path: string): string[] {
  if (/^\/api\/(keys|sessions|signing-keys\/rotate|export|people\/export|restore|erase)/.test(path)) return []
  if (method !== 'GET' && /^\/api\/import/.test(path)) return []
  if (method === 'GET' && /^\/api\/(endpoints|sources)\/\{id\}\/secret$/.test(path)) return ['secrets']
  if (method === 'GET' && /^\/api\/(endpoints|sources)(\/\{id\})?$/.test(path)) return ['read', 'secrets']
  if (method === 'GET' && path === '/api/metrics') return ['read', 'metrics']
  const isModeration = /^\/api\/(comments|books\/\{slug\}\/bans)/.test(path)
  if (method === 'GET') return isModeration || /^\/api\/books/.test(path) ? ['read', 'moderate'] : ['read']
  return [isModeration ? 'moderate' : 'write']
}

describe('an API key', () => {
  it('is refused by every route of the owner for which it does not have the scope, and by no other', async () => {
    expect(ROUTES.length).toBeGreaterThan(65)
    const world = new World()
    const keys = await Promise.all(SCOPES.map(async (scope) => [scope, await aKey(world, [scope])] as const))
    const wrong: unknown[] = []
    for (const [method, path] of ROUTES) {
      for (const [scope, key] of keys) {
        const needed = expectedScopes(method, path)
        const before = world.recorder.executed.length
        const body = method === 'GET' ? undefined : {}
        const target = path.replace(/\{\w+\}/g, 'unknown_1')
        const answer = await world.api(method, target, body, withKey(key))
        const isRefused = answer.status === 403
        const code = needed.length > 0 ? 'missing_scope' : 'admin_token_needed'
        const isNamed = needed.every((one) => String(answer.body.detail).includes(`"${one}"`))
        // A refused key costs its own row, and the time of its last use once an hour.
        const others = world.recorder.executed.slice(before).filter(({ sql }) => !sql.includes('api_keys'))
        const isAsExpected = needed.includes(scope)
          ? !isRefused && answer.status !== 401
          : isRefused && answer.body.code === code && isNamed && others.length === 0
        if (!isAsExpected) wrong.push([method, path, scope, answer.status, answer.body])
      }
    }
    expect(wrong).toEqual([])
  })

  it('needs a scope for what is not public on routes that everybody may use', async () => {
    const world = new World()
    const comment = await aComment(world)
    const [read, write, moderate] = await Promise.all(SCOPES.map((scope) => aKey(world, [scope])))
    const status = async (key: typeof read, method: string, path: string, body?: object) =>
      (await world.api(method, path, body, withKey(key ?? { key: '' }))).status
    const entry = { name: 'Host', body: 'Welcome' }
    expect(await status(read, 'POST', '/api/comments', entry)).toBe(403)
    expect(await status(write, 'POST', '/api/comments', entry)).toBe(403)
    expect(await status(moderate, 'POST', '/api/comments', entry)).toBe(201)
    for (const path of ['/api/comments?status=held', '/api/comments?q=x', '/api/books?deleted=true']) {
      const found = [
        await status(read, 'GET', path),
        await status(write, 'GET', path),
        await status(moderate, 'GET', path),
      ]
      expect([path, ...found]).toEqual([path, 200, 403, 200])
    }
    await world.api('PATCH', `/api/comments/${comment.id}`, { status: 'hidden' })
    expect(await status(write, 'GET', `/api/comments/${comment.id}`)).toBe(403)
    expect(await status(moderate, 'GET', `/api/comments/${comment.id}`)).toBe(200)
    expect(await status(moderate, 'GET', '/api/event-types')).toBe(403)
  })

  it('with several scopes may do what each of them allows, and pulls messages with "read"', async () => {
    const world = new World()
    const both = await aKey(world, ['moderate', 'read'])
    const { id } = await aComment(world)
    expect((await world.api('PATCH', `/api/comments/${id}`, { status: 'hidden' }, withKey(both))).status).toBe(200)
    expect((await world.api('GET', '/api/storage', undefined, withKey(both))).status).toBe(200)
    expect((await world.api('PATCH', '/api/settings', {}, withKey(both))).status).toBe(403)
    const path = '/api/endpoints/ep_01JD9Z6Y3T8W5Q7R2K4M6N8P0A/messages'
    expect((await world.api('GET', path, undefined, withKey(both))).status).toBe(404)
    expect((await world.api('GET', path, undefined, withKey(await aKey(world, ['write'])))).status).toBe(403)
  })

  it('cannot shorten the audit log, although it may change other settings', async () => {
    const world = new World()
    const key = withKey(await aKey(world, ['write']))
    const refused = await world.api('PATCH', '/api/settings', { retention: { audit_days: 1 } }, key)
    expect(refused).toMatchObject({ status: 403, body: { code: 'admin_token_needed' } })
    expect((await world.api('PATCH', '/api/settings', { retention: { jobs_days: 9 } }, key)).status).toBe(200)
    expect((await world.api('GET', '/api/settings')).body).toMatchObject({
      retention: { jobs_days: 9, audit_days: 90 },
    })
    expect((await world.api('PATCH', '/api/settings', { retention: { audit_days: 30 } })).body).toMatchObject({
      retention: { jobs_days: 9, audit_days: 30 },
    })
  })

  it('gets a 404 or a 405, not a 403, where there is no such route', async () => {
    const world = new World()
    const key = withKey(await aKey(world, ['read']))
    expect((await world.api('GET', '/api/endpoints/a/b/c', undefined, key)).status).toBe(404)
    expect((await world.api('PUT', '/api/endpoints/ep_x', {}, key)).status).toBe(405)
  })
})

it('what others may read, too, is in no cache if the owner reads it', async () => {
  const world = new World()
  const { id } = await aComment(world, { is_private: true })
  for (const path of [`/api/comments/${id}`, '/api/books', '/api/books/main', '/api/event-types', '/api/endpoints']) {
    const { status, headers } = await world.request(path, { headers: { Authorization: `Bearer ${TOKEN}` } })
    expect([path, status, headers.get('Cache-Control')]).toEqual([path, 200, 'no-store'])
  }
})
