import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHeld, withModeration } from '../../../../src/guestbook/rules/events/moderation'
import { serializePayload } from '../../../../src/webhooks/rules/events/catalogue'

const NOW = Date.UTC(2026, 10, 28)
const LINKS = { approve_url: 'https://g.example/moderate/mod_approve.x', hide_url: 'h', spam_url: 's', expires_at: 't' }
const comment = fc.record({
  id: fc.string(),
  url: fc.constant('https://g.example/comments/x'),
  body: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constant('","moderation":null}}'),
    fc.constant(',"moderation":{"a":1}}}')
  ),
})
const held = (data: object) => serializePayload('msg_1', 'comment.held', NOW, data)

describe('the links of comment.held', () => {
  it('are added and taken away without a change of any other byte, whatever the guest wrote', () => {
    fc.assert(
      fc.property(comment, (about) => {
        const stored = held({ comment: about, moderation: null })
        const full = withModeration('comment.held', stored, LINKS)
        expect(JSON.parse(full).data).toEqual(JSON.parse(held({ comment: about, moderation: LINKS })).data)
        expect(withModeration('comment.held', full, null)).toBe(stored)
        expect(readHeld('comment.held', stored)).toEqual({ comment_id: about.id, origin: 'https://g.example', at: NOW })
        expect(readHeld('comment.held', full)).toBeNull()
      })
    )
  })

  it('leave every other event as it is, and what only looks like one', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('comment.held', 'comment.published', 'order.paid'), (json, type) => {
        const payload = serializePayload('msg_1', type, NOW, JSON.parse(json))
        const result = withModeration(type, payload, null)
        expect(result === payload || type === 'comment.held').toBe(true)
        expect(() => JSON.parse(result)).not.toThrow()
      })
    )
    const nested = held({ comment: { moderation: { a: { b: 1 } } } })
    expect(withModeration('comment.held', nested, null)).toBe(nested)
    expect(withModeration('comment.held', '', null)).toBe('')
    expect(readHeld('comment.held', '')).toBeNull()
  })
})
