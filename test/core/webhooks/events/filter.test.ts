import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EVENT_FILTER,
  EVENT_TYPE,
  filtersFor,
  MAX_EVENT_TYPE_LENGTH,
  wantsType,
} from '../../../../src/webhooks/rules/events/filter'

const part = fc.constantFrom('a', 'b', 'comment', 'published', 'A', '_', '0')
const eventType = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'))
const filter = fc.oneof(
  fc.constant('*'),
  eventType,
  fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('.')}.*`)
)

describe('the filters that match an event type', () => {
  it.each([
    [['*', 'ping'], 'ping'],
    [['*', 'comment.*', 'comment.published'], 'comment.published'],
    [['*', 'a.*', 'a.b.*', 'a.b.c'], 'a.b.c'],
    [['*', 'a.*', 'a.b.*', 'a.b.c.*', 'a.b.c.d.*', 'a.b.c.d.e'], 'a.b.c.d.e'],
    [['*', 'a.*', 'a.a'], 'a.a'],
  ])('are %j for %s', (filters, type) => {
    expect(filtersFor(type)).toEqual(filters)
  })

  it('are valid and unique', () => {
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
  ])('the filters %j with the event type %s gives %s', (filters, type, expected) => {
    expect(wantsType(filters, type)).toBe(expected)
  })

  it('accepts everything, the exact type, or everything in a family', () => {
    let matched = 0
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 3 }), eventType, (filters, type) => {
        const expected = filters.some(
          (one) => one === '*' || one === type || (one.endsWith('.*') && type.startsWith(one.slice(0, -1)))
        )
        if (expected) matched += 1
        expect(wantsType(filters, type)).toBe(expected)
      }),
      { numRuns: 2_000 }
    )
    expect(matched).toBeGreaterThan(100)
  })
})

const LONGEST_PART = 'a'.repeat(64)

describe('the syntax of event types and filters', () => {
  it.each([
    'ping',
    'comment.published',
    'a.b.c.d.e',
    'A_1.b_2',
    '1',
    '_',
    LONGEST_PART,
    `${LONGEST_PART}.${LONGEST_PART}`,
  ])('accepts %j as an event type and as a filter', (text) => {
    expect(EVENT_TYPE.test(text)).toBe(true)
    expect(EVENT_FILTER.test(text)).toBe(true)
  })

  it.each(['*', 'comment.*', 'a.b.c.d.*'])('accepts %j only as a filter', (text) => {
    expect(EVENT_TYPE.test(text)).toBe(false)
    expect(EVENT_FILTER.test(text)).toBe(true)
  })

  it.each([
    '',
    '.',
    '.a',
    'a.',
    'a..b',
    'a.b.c.d.e.f',
    `${LONGEST_PART}a`,
    `a.${LONGEST_PART}a`,
    'a-b',
    'a b',
    ' a',
    'a\n',
    'a\nb',
    'comment/published',
    'kommentär',
    'ａ',
    'a%',
    '**',
    '*.published',
    'comment.*.late',
    'comment*',
    'comment.**',
    'comment.*.*',
    '.*',
    '*\n',
    "a'--",
  ])('rejects %j', (text) => {
    expect(EVENT_TYPE.test(text)).toBe(false)
    expect(EVENT_FILTER.test(text)).toBe(false)
  })

  it('limits a name to twice the length of the longest part', () => {
    expect(MAX_EVENT_TYPE_LENGTH).toBe(2 * LONGEST_PART.length)
  })
})
