import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EVENT_FILTER,
  EVENT_TYPE,
  filtersFor,
  MAX_EVENT_TYPE_LENGTH,
} from '../../../src/core/events/filter'

const part = fc.constantFrom('a', 'b', 'comment', 'published', 'A', '_', '0')
const eventType = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'))
const filter = fc.oneof(
  fc.constant('*'),
  eventType,
  fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('.')}.*`)
)

/** As the database compares them. */
const matches = (filters: string[], type: string) =>
  filtersFor(type).some((one) => filters.includes(one))

describe('the filters that match a type', () => {
  it.each([
    ['ping', ['*', 'ping']],
    ['comment.published', ['*', 'comment.*', 'comment.published']],
    ['a.b.c', ['*', 'a.*', 'a.b.*', 'a.b.c']],
    ['a.b.c.d.e', ['*', 'a.*', 'a.b.*', 'a.b.c.*', 'a.b.c.d.*', 'a.b.c.d.e']],
    ['a.a', ['*', 'a.*', 'a.a']],
  ])('%s are %j', (type, filters) => {
    expect(filtersFor(type)).toEqual(filters)
  })

  it('are all filters that may be asked for, none of them twice', () => {
    fc.assert(
      fc.property(eventType, (type) => {
        const filters = filtersFor(type)
        for (const one of filters) expect(one).toMatch(EVENT_FILTER)
        expect(new Set(filters).size).toBe(filters.length)
      })
    )
  })
})

describe('matching', () => {
  it.each([
    [['*'], 'comment.published', true],
    [['*'], 'ping', true],
    [['comment.published'], 'comment.published', true],
    [['comment.*'], 'comment.published', true],
    [['comment.*'], 'comment.reply.published', true],
    [['comment.reply.*'], 'comment.reply.published', true],
    [['ping', 'comment.*'], 'comment.held', true],
    [[], 'comment.published', false],
    [['comment'], 'comment.published', false],
    [['comment.published'], 'comment', false],
    [['comment.*'], 'comment', false],
    [['comment.*'], 'commentary.published', false],
    [['comment.*'], 'a.comment.published', false],
    [['comment.reply.*'], 'comment.published', false],
    [['comment.published'], 'comment.published.late', false],
    [['comment.publish'], 'comment.published', false],
    [['Comment.published'], 'comment.published', false],
    [['comment.held', 'ping'], 'comment.published', false],
  ])('of %j and %s is %s', (filters, type, expected) => {
    expect(matches(filters, type)).toBe(expected)
  })

  it('is what the words say: everything, this one, or what begins so', () => {
    let matched = 0
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 3 }), eventType, (filters, type) => {
        const expected = filters.some(
          (one) =>
            one === '*' || one === type || (one.endsWith('.*') && type.startsWith(one.slice(0, -1)))
        )
        if (expected) matched += 1
        expect(matches(filters, type)).toBe(expected)
      }),
      { numRuns: 2_000 }
    )
    expect(matched).toBeGreaterThan(100)
  })
})

const LONGEST_PART = 'a'.repeat(64)
const BOTH: [text: string, type: boolean, filter: boolean][] = [
  ['ping', true, true],
  ['comment.published', true, true],
  ['a.b.c.d.e', true, true],
  ['A_1.b_2', true, true],
  ['1', true, true],
  ['_', true, true],
  [LONGEST_PART, true, true],
  [`${LONGEST_PART}.${LONGEST_PART}`, true, true],
  ['*', false, true],
  ['comment.*', false, true],
  ['a.b.c.d.*', false, true],
  ['', false, false],
  ['.', false, false],
  ['.a', false, false],
  ['a.', false, false],
  ['a..b', false, false],
  ['a.b.c.d.e.f', false, false],
  [`${LONGEST_PART}a`, false, false],
  [`a.${LONGEST_PART}a`, false, false],
  ['a-b', false, false],
  ['a b', false, false],
  [' a', false, false],
  ['a\n', false, false],
  ['a\nb', false, false],
  ['comment/published', false, false],
  ['kommentär', false, false],
  ['ａ', false, false],
  ['a%', false, false],
  ['**', false, false],
  ['*.published', false, false],
  ['comment.*.late', false, false],
  ['comment*', false, false],
  ['comment.**', false, false],
  ['comment.*.*', false, false],
  ['.*', false, false],
  ['*\n', false, false],
  ["a'--", false, false],
]

describe('the spelling', () => {
  it.each(BOTH)('of %j: a type %s, a filter %s', (text, type, filter) => {
    expect(EVENT_TYPE.test(text)).toBe(type)
    expect(EVENT_FILTER.test(text)).toBe(filter)
  })

  it('may be as long as two of the longest parts without a dot', () => {
    expect(MAX_EVENT_TYPE_LENGTH).toBe(2 * LONGEST_PART.length)
  })
})
