import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENT_TYPES } from '../../../../src/webhooks/rules/events/catalogue'
import { unknownFilters } from '../../../../src/webhooks/rules/events/suggest'

const TYPES = [...EVENT_TYPES.map(({ name }) => name), 'order.paid']

describe('a filter that matches no event type', () => {
  it.each([
    ['coment.published', 'comment.published'],
    ['comment.publish', 'comment.published'],
    ['Comment.Published', 'comment.published'],
    ['comments.*', 'comment.*'],
    ['order.payed', 'order.paid'],
    ['orders.paid', 'order.paid'],
    ['something.else.entirely', null],
  ])('%s suggests %s', (filter, suggestion) => {
    expect(unknownFilters([filter], TYPES)).toEqual([{ filter, suggestion }])
  })

  it('is reported, and no other one', () => {
    expect(unknownFilters(['*', 'comment.*', 'order.*', 'order.paid', 'ping'], TYPES)).toEqual([])
  })

  it('never suggests one that matches nothing, whatever was typed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 128 }), (typed) => {
        const [unknown] = unknownFilters([typed], TYPES)
        if (unknown?.suggestion) expect(unknownFilters([unknown.suggestion], TYPES)).toEqual([])
      })
    )
  })
})
