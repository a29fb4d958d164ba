import { describe, expect, it } from 'vitest'
import { SCOPES, scopesFor } from '../../../src/access/scopes'
import app from '../../../src/app'
import { OPERATIONS } from '../../../src/owner/operations'

const byCall = OPERATIONS.map((operation) => ({ ...operation, name: operation.call }))
const routes = new Set(app.routes.map(({ method, path }) => `${method} ${path}`))
const routeOf = (call: string) => call.replace(/\{(\w+)\}/g, ':$1')
const reading = byCall.filter(({ call }) => call.startsWith('GET '))
const changing = byCall.filter(({ call }) => !call.startsWith('GET '))

describe('each operation', () => {
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

  it.each(byCall)('$name is a tool, or says why not', ({ tool, noTool }) => {
    expect(tool === undefined).toBe(noTool !== undefined)
  })

  it.each(byCall)('$name has a response, and `status` chooses among several', ({ gives, status, show, send }) => {
    const statuses = Object.keys(gives)
    expect(statuses.length).toBeGreaterThan(0)
    if (!send) expect(statuses.length > 1).toBe(status !== undefined)
    if (!send) expect(statuses.includes('204')).toBe(show === undefined)
  })

  it.each(byCall)('$name is in the API document, with the scopes that it needs', ({ call, summary, guard }) => {
    const [method = '', path = ''] = routeOf(call).split(' ')
    expect(summary).not.toBe('')
    expect(scopesFor(method, path).every((scope) => SCOPES.includes(scope))).toBe(true)
    // Either the router that it is mounted in says who may call it, or the operation itself.
    const isGuarded = app.routes.some(({ method, path: pattern }) => method === 'ALL' && covers(pattern, path))
    expect(isGuarded || guard !== undefined).toBe(true)
  })
})

/** Whether a pattern such as `/api/endpoints/*` fits a path. Patterns of a single segment, such as `/*`, do not count. */
function covers(pattern: string, path: string): boolean {
  const start = pattern.replace(/\/\*$/, '')
  return start.startsWith('/api/') && (path === start || path.startsWith(`${start}/`))
}
