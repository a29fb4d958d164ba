import { describe, expect, it } from 'vitest'
import '../../../src/app'
import { actNames, allActs } from '../../../src/access/acts'
import { subjectIn } from '../../../src/kit/acts'

describe('the acts of the audit log', () => {
  it('have stable names: a subject and what happened to it', () => {
    for (const name of actNames()) expect(name).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/)
    expect(Object.keys(allActs()).length).toBeGreaterThan(80)
  })

  it.each([
    ['/api/endpoints/:id', '/api/endpoints/ep_1', 'ep_1'],
    ['/api/messages/:id/deliveries/:endpoint_id/retry', '/api/messages/msg_1/deliveries/ep_1/retry', 'msg_1'],
    ['/api/books/:slug', '/api/books/summer', 'summer'],
    ['/api/books/:slug/bans/:id', '/api/books/summer/bans/ban_1', 'summer'],
    ['/api/event-types/:name', '/api/event-types/a.b', 'a.b'],
    ['/moderate/:token', '/moderate/mod_secret', null],
    ['/api/settings', '/api/settings', null],
  ])('name what is in the path of %s, but never a token', (route, path, subject) => {
    expect(subjectIn(route, path)).toBe(subject)
  })
})
