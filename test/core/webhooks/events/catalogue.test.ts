import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, utf8 } from '../../../../src/kit/lib/bytes'
import { faultsOf } from '../../../../src/webhooks/event-types/validate'
import { EVENT_TYPES, findEventType, serializePayload } from '../../../../src/webhooks/rules/events/catalogue'
import { EVENT_TYPE, MAX_EVENT_TYPE_LENGTH } from '../../../../src/webhooks/rules/events/filter'
import { anyText } from '../../../support/arbitraries'

type Schema = {
  required?: string[]
  properties?: Record<string, Schema>
}

describe('the catalogue', () => {
  it('lists each event type once', () => {
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
      'storage.warning',
      'endpoint.verify',
      'endpoint.link_requested',
      'ping',
    ])
  })

  it.each(EVENT_TYPES)('has a valid name and a description for $name', ({ name, description }) => {
    expect(name).toMatch(EVENT_TYPE)
    expect(name.length).toBeLessThanOrEqual(MAX_EVENT_TYPE_LENGTH)
    expect(description).toMatch(/^[A-Z].+\.$/)
  })

  it.each(EVENT_TYPES)('has an example for $name that matches its schema', (type) => {
    expect(faultsOf(type.schema, type.example, 'data')).toEqual([])
  })

  it.each(EVENT_TYPES)('has a schema for $name that requires every field of the example', (type) => {
    const named = (schema: Schema, value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      // The body of an inbound message can be anything.
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
  ])('has an example for %s with a comment that is %s', (name, status) => {
    expect(findEventType(name)?.example).toMatchObject({ comment: { status } })
  })
})

describe('findEventType', () => {
  it('finds each event type by its name', () => {
    for (const type of EVENT_TYPES) expect(findEventType(type.name)).toBe(type)
  })

  it.each(['', 'comment', 'comment.*', 'COMMENT.PUBLISHED', 'constructor', '__proto__'])(
    'returns undefined for %j',
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

  it('has a fixed order of fields and an RFC 3339 timestamp in UTC', () => {
    expect(serializePayload('msg_1', 'ping', NOW, { text: 'Hello' })).toBe(
      '{"id":"msg_1","type":"ping","timestamp":"2026-11-24T10:00:00.000Z","data":{"text":"Hello"}}'
    )
  })

  it('is JSON that contains the data unchanged', () => {
    fc.assert(
      fc.property(json, (data) => {
        const payload = serializePayload('msg_1', 'ping', NOW, data)
        const read = JSON.parse(payload)
        expect(Object.keys(read)).toEqual(['id', 'type', 'timestamp', 'data'])
        expect(JSON.stringify(read.data)).toBe(JSON.stringify(data))
      })
    )
  })

  it('survives encoding as UTF-8, so that the signed bytes are the sent bytes', () => {
    fc.assert(
      fc.property(json, (data) => {
        const payload = serializePayload('msg_1', 'ping', NOW, data)
        expect(payload.isWellFormed()).toBe(true)
        expect(decodeUtf8(utf8(payload))).toBe(payload)
      })
    )
  })

  it.each([
    ['a lone surrogate', 'a\ud800b'],
    ['a lone low surrogate', '\udfff'],
    ['line and paragraph separators', '\u2028\u2029'],
    ['NUL and other controls', '\u0000\u001f\u007f'],
    ['quotes and backslashes', '"\\"'],
    ['markup', '</script><!--'],
    ['an emoji', '🎉'],
    ['a byte order mark', '\ufeff'],
  ])('preserves %s', (_, text) => {
    const payload = serializePayload('msg_1', 'ping', NOW, { text, [text]: 1 })
    const bytes = utf8(payload)
    expect(JSON.parse(decodeUtf8(bytes) ?? '').data).toEqual({ text, [text]: 1 })
  })

  it('has a timestamp with milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (now) => {
        const { timestamp } = JSON.parse(serializePayload('msg_1', 'ping', now, null))
        expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
        expect(Date.parse(timestamp)).toBe(now)
      })
    )
  })
})
