import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENT_TYPES, findEventType, serialisePayload } from '../../../src/core/events/catalogue'
import { EVENT_TYPE, MAX_EVENT_TYPE_LENGTH } from '../../../src/core/events/filter'
import { decodeUtf8, utf8 } from '../../../src/core/lib/bytes'
import { faultsOf } from '../../../src/event-types/validate'
import { anyText } from '../../support/arbitraries'

type Schema = {
  required?: string[]
  properties?: Record<string, Schema>
}

describe('the catalogue', () => {
  it('has these types, each once', () => {
    expect(EVENT_TYPES.map(({ name }) => name)).toEqual([
      'comment.published',
      'comment.held',
      'comment.updated',
      'comment.removed',
      'endpoint.failing',
      'endpoint.disabled',
      'endpoint.recovered',
      'delivery.failed',
      'inbound.received',
      'endpoint.verify',
      'ping',
    ])
  })

  it.each(EVENT_TYPES)('spells $name as a type may be spelled', ({ name, description }) => {
    expect(name).toMatch(EVENT_TYPE)
    expect(name.length).toBeLessThanOrEqual(MAX_EVENT_TYPE_LENGTH)
    expect(description).toMatch(/^[A-Z].+\.$/)
  })

  it.each(EVENT_TYPES)('has an example of $name that is as its schema says', (type) => {
    expect(faultsOf(type.schema, type.example, 'data')).toEqual([])
  })

  it.each(EVENT_TYPES)('has a schema of $name that names every field of the example', (type) => {
    const named = (schema: Schema, value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      // What came in may be anything.
      Object.keys(schema).length === 0 ||
      Array.isArray(value) ||
      Object.entries(value).every(([name, part]) => {
        const inner = schema.properties?.[name]
        return inner !== undefined && schema.required?.includes(name) && named(inner, part)
      })
    expect(named(type.schema, type.example)).toBe(true)
  })

  it.each([
    ['comment.published', 'published'],
    ['comment.held', 'held'],
    ['comment.updated', 'published'],
    ['comment.removed', 'hidden'],
  ])('shows %s with a comment that is %s', (name, status) => {
    expect(findEventType(name)?.example).toMatchObject({ comment: { status } })
  })
})

describe('findEventType', () => {
  it('finds each type by its name', () => {
    for (const type of EVENT_TYPES) expect(findEventType(type.name)).toBe(type)
  })

  it.each(['', 'comment', 'comment.*', 'COMMENT.PUBLISHED', 'constructor', '__proto__'])(
    'finds nothing for %j',
    (name) => {
      expect(findEventType(name)).toBeUndefined()
    }
  )
})

describe('a payload', () => {
  const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)
  const json = fc.object({
    key: anyText,
    values: [anyText, fc.boolean(), fc.constant(null), fc.integer(), fc.double({ noNaN: true })],
    maxDepth: 3,
  })

  it('is written in this order, with the time as RFC 3339 in UTC', () => {
    expect(serialisePayload('msg_1', 'ping', NOW, { text: 'Hello' })).toBe(
      '{"id":"msg_1","type":"ping","timestamp":"2026-11-24T10:00:00.000Z","data":{"text":"Hello"}}'
    )
  })

  it('is well-formed JSON that holds the data, whatever the data', () => {
    fc.assert(
      fc.property(json, (data) => {
        const payload = serialisePayload('msg_1', 'ping', NOW, data)
        const read = JSON.parse(payload)
        expect(Object.keys(read)).toEqual(['id', 'type', 'timestamp', 'data'])
        expect(JSON.stringify(read.data)).toBe(JSON.stringify(data))
      })
    )
  })

  it('is the same text after UTF-8, so that what is signed is what is sent', () => {
    fc.assert(
      fc.property(json, (data) => {
        const payload = serialisePayload('msg_1', 'ping', NOW, data)
        expect(payload.isWellFormed()).toBe(true)
        expect(decodeUtf8(utf8(payload))).toBe(payload)
      })
    )
  })

  it.each([
    ['a lone surrogate', 'a\ud800b'],
    ['a low surrogate as a key would have it', '\udfff'],
    ['line and paragraph separators', '\u2028\u2029'],
    ['NUL and other controls', '\u0000\u001f\u007f'],
    ['quotes and backslashes', '"\\"'],
    ['markup', '</script><!--'],
    ['an emoji', '🎉'],
    ['a byte order mark', '\ufeff'],
  ])('gives %s back as it was', (_, text) => {
    const payload = serialisePayload('msg_1', 'ping', NOW, { text, [text]: 1 })
    const bytes = utf8(payload)
    expect(JSON.parse(decodeUtf8(bytes) ?? '').data).toEqual({ text, [text]: 1 })
  })

  it('tells the time to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (now) => {
        const { timestamp } = JSON.parse(serialisePayload('msg_1', 'ping', now, null))
        expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
        expect(Date.parse(timestamp)).toBe(now)
      })
    )
  })
})
