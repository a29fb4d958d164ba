import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import app from '../../../src/app'
import { OPERATIONS } from '../../../src/owner/operations'

const byCall = OPERATIONS.map((operation) => ({ ...operation, name: operation.call }))
const routes = new Set(app.routes.map(({ method, path }) => `${method} ${path}`))
const routeOf = (call: string) => call.replace(/\{(\w+)\}/g, ':$1')
const reading = byCall.filter(({ call }) => call.startsWith('GET '))
const changing = byCall.filter(({ call }) => !call.startsWith('GET '))

describe('each operation', () => {
  it('is in a list of operations, wherever it is defined', () => {
    const folder = join(import.meta.dirname, '../../../src')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /operations\.ts$/.test(file)
    )
    const count = (file: string) =>
      readFileSync(join(folder, file), 'utf8').match(/ = (action|creation)\(/g)?.length ?? 0
    expect(files.reduce((sum, file) => sum + count(file), 0)).toBe(OPERATIONS.length)
  })

  it('has a call of its own', () => {
    expect(OPERATIONS.length).toBeGreaterThan(60)
    expect(new Set(OPERATIONS.map(({ call }) => call)).size).toBe(OPERATIONS.length)
    expect(byCall.filter(({ call }) => !routes.has(routeOf(call))).map(({ call }) => call)).toEqual([])
  })

  it.each(changing)('$name has a name in the audit log, and a form or a reason why not', ({ act, form, noForm }) => {
    expect(act).not.toBe(undefined)
    expect(form === undefined).toBe(noForm !== undefined)
    for (const { at } of [form ?? []].flat()) expect(routes).toContain(`POST /admin${at}`)
  })

  it.each(reading)('$name has no name in the audit log, and a page instead of a form', ({ act, form, noForm }) => {
    expect([act, form, noForm]).toEqual([undefined, undefined, undefined])
  })

  it.each(byCall)('$name has a response, and `status` chooses among several', ({ gives, status, show, ...more }) => {
    const statuses = Object.keys(gives)
    expect(statuses.length).toBeGreaterThan(0)
    if ('send' in more) return
    expect(statuses.length > 1).toBe(status !== undefined)
    expect(statuses.includes('204')).toBe(show === undefined)
  })

  it.each(byCall)('$name is refused without a token, unless everybody may call it', async ({ call, security }) => {
    const [method = '', path = ''] = call.split(' ')
    const isOpen = security?.some((scheme) => Object.keys(scheme).length === 0)
    if (isOpen) return
    expect((await app.request(path.replace(/\{\w+\}/g, 'x'), { method }, {} as Env)).status).toBe(401)
  })

  it('has a form for integrators only if this list says so, and they have no other form', () => {
    const forms = byCall.flatMap(({ name, managed }) => (managed ? [`${name} ${managed.at}`] : []))
    expect(forms.toSorted()).toEqual([
      'DELETE /api/endpoints/{id} /delete',
      'DELETE /api/endpoints/{id}/pull-token /pull-token/revoke',
      'PATCH /api/endpoints/{id} /edit',
      'POST /api/endpoints/{id}/disable /pause',
      'POST /api/endpoints/{id}/enable /resume',
      'POST /api/endpoints/{id}/pull-token /pull-token',
      'POST /api/endpoints/{id}/replay /replay',
      'POST /api/endpoints/{id}/secret/rotate /rotate',
      'POST /api/endpoints/{id}/test /test',
      'POST /api/endpoints/{id}/try /try',
      'POST /api/jobs/{id}/cancel /jobs/:job/cancel',
      'POST /api/messages/{id}/deliveries/{endpoint_id}/retry /messages/:message_id/retry',
    ])
    const below = 'POST /webhooks/manage/:token'
    const mounted = [...routes].flatMap((route) => (route.startsWith(below) ? [route.slice(below.length)] : []))
    expect(mounted.toSorted()).toEqual(forms.map((form) => form.split(' ').at(-1)).toSorted())
  })

  it.each(byCall)('$name has its parameters in the path of its form', ({ call, form }) => {
    const names = [...call.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    for (const { at, params } of [form ?? []].flat())
      if (!params) for (const name of names) expect(at.split('/')).toContain(`:${name}`)
  })
})
