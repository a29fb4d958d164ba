import { describe, expect, it } from 'vitest'
import '../../../src/app'
import { readScopes, scopesFor } from '../../../src/access/scopes'
import { SCOPES } from '../../../src/kit/actor'

describe('the scopes of an API key', () => {
  it.each([
    ['GET', '/api/endpoints', ['read', 'secrets']],
    ['GET', '/api/endpoints/:id', ['read', 'secrets']],
    ['GET', '/api/endpoints/:id/secret', ['secrets']],
    ['GET', '/api/endpoints/:id/deliveries', ['read']],
    ['GET', '/api/sources/:id', ['read', 'secrets']],
    ['GET', '/api/sources/:id/secret', ['secrets']],
    ['GET', '/api/metrics', ['read', 'metrics']],
    ['GET', '/api/audit', ['read']],
    ['GET', '/api/comments', ['read', 'moderate']],
    ['GET', '/api/books/:slug/bans', ['read', 'moderate']],
    ['PATCH', '/api/comments/:id', ['moderate']],
    ['PUT', '/api/comments/:id/reply', ['moderate']],
    ['POST', '/api/books/:slug/bans', ['moderate']],
    ['PATCH', '/api/books/:slug', ['write']],
    ['POST', '/api/endpoints/:id/replay', ['write']],
    ['POST', '/api/sources/:id/preview', ['write']],
  ])('allow %s %s with one of them', (method, route, scopes) => {
    expect(scopesFor(method, route)).toEqual(scopes)
  })

  it.each([
    ['GET', '/api/keys'],
    ['POST', '/api/keys'],
    ['DELETE', '/api/keys/:id'],
    ['GET', '/api/sessions'],
    ['DELETE', '/api/sessions'],
    ['POST', '/api/signing-keys/rotate'],
    ['GET', '/api/export'],
    ['POST', '/api/a-route-that-the-table-of-acts-does-not-list'],
  ])('never allow %s %s', (method, route) => {
    expect(scopesFor(method, route)).toEqual([])
  })

  it('are read from a stored list, without words that are no scopes', () => {
    expect(readScopes('moderate read')).toEqual(['read', 'moderate'])
    expect(readScopes(SCOPES.join(' '))).toEqual(SCOPES)
    expect(readScopes('')).toEqual([])
    expect(readScopes('admin readwrite')).toEqual([])
  })
})
