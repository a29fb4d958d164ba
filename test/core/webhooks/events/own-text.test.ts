import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENT_TYPES, serializePayload } from '../../../../src/webhooks/rules/events/catalogue'
import { FORMATS, formatOf } from '../../../../src/webhooks/rules/events/formats'
import { checkText, renderOwnText, TEXT_MAX } from '../../../../src/webhooks/rules/events/own-text'
import { renderPayload } from '../../../../src/webhooks/rules/events/render'
import { decidePage, parseWhen, stepsOfCondition, WHEN_MAX, wanting } from '../../../../src/webhooks/rules/events/when'
import { OUTPUT_MAX } from '../../../../src/webhooks/rules/templates/values'

const payloadOf = (type: string, data: unknown) => serializePayload('msg_1', type, Date.UTC(2026, 10, 24, 10), data)

const HELD = payloadOf('comment.held', {
  comment: { name: 'Ada', body: 'Hello?\nBye', book: 'main', website: null, answers: [{ answer: 'x' }] },
  book: { title: 'Book' },
})

/** Pieces of templates and conditions, valid and not. */
const piece = fc.constantFrom(
  '{{',
  '}}',
  '{{type}}',
  '{{data.comment.name}}',
  '{{data.comment.body | upper | truncate: 5}}',
  '{{$title}}',
  '{{.}}',
  '{{#if data.comment}}',
  '{{else}}',
  '{{/if}}',
  '{{data.0.a | join: ","}}',
  '{{__proto__.x}}',
  '{{constructor | size}}',
  'type == "comment.held"',
  ' and ',
  ' or ',
  'not ',
  'data.comment.body contains "?"',
  '> 5',
  '"',
  "'",
  '|',
  'x',
  '\n',
  '\ud800'
)
const source = fc.oneof(
  fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
  fc.string({ maxLength: 300 })
)
const anyData = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(...EVENT_TYPES.map(({ example }) => example)),
  fc.record({ comment: fc.record({ name: fc.string(), body: fc.string({ minLength: 20_000, maxLength: 30_000 }) }) })
)
const anyPayload = fc
  .tuple(fc.constantFrom('comment.held', 'order.paid', 'ping'), anyData)
  .map(([t, d]) => payloadOf(t, d))

describe('the owner’s own text', () => {
  it('never fails and never exceeds its bounds, in any format, for any template and any payload', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FORMATS), source, anyPayload, (format, template, payload) => {
        if (!checkText(template).ok) return
        const text = renderOwnText(template, payload, null) ?? ''
        expect(text.length).toBeLessThanOrEqual(OUTPUT_MAX)
        const first = renderPayload(format, payload, { text: template })
        expect(renderPayload(format, payload, { text: template })).toEqual(first)
        if (formatOf(format).hasNoOwnText) expect(first).toEqual(renderPayload(format, payload))
      }),
      { numRuns: 500 }
    )
  })

  it('is one more property of a standard message, and every other byte stays as it is', () => {
    fc.assert(
      fc.property(source, anyPayload, (template, payload) => {
        if (!checkText(template).ok) return
        const { body } = renderPayload('standard', payload, { text: template })
        const { text, ...rest } = JSON.parse(body)
        expect(rest).toEqual(JSON.parse(payload))
        expect(text).toBe(template === '' ? undefined : renderOwnText(template, payload, null))
        expect(body.startsWith(payload.slice(0, -1))).toBe(true)
      })
    )
  })

  it('replaces the title and the text, and the first of several lines is the title', () => {
    const bodyOf = (text: string) => JSON.parse(renderPayload('ntfy', HELD, { text }).body)
    expect(bodyOf('{{data.comment.name}} waits\n{{$text}}')).toMatchObject({
      title: 'Ada waits',
      message: 'Hello?\nBye',
    })
    const one = bodyOf('{{data.comment.name | upper}}')
    expect(one.message).toBe('ADA')
    expect(one).not.toHaveProperty('title')
    expect(bodyOf('{{data.nothing}}')).toMatchObject({ title: expect.stringMatching(/Ada.*Book.*approval/) })
  })

  it('is escaped like ours', () => {
    const payload = payloadOf('comment.published', { comment: { name: '<!channel>', body: '*x*' } })
    const slack = renderPayload('slack', payload, { text: '{{data.comment.name}}' }).body
    expect(slack).toContain('&lt;!channel&gt;')
    expect(renderPayload('discord', payload, { text: '{{data.comment.body}}' }).body).toContain('\\\\*x\\\\*')
  })

  it.each([
    ['{{data.name', '{{ is not closed'],
    ['{{data.name | shout}}', '"shout"'],
    ['{{#if x}}', '{{#if}}'],
    ['x'.repeat(TEXT_MAX + 1), `${TEXT_MAX}`],
  ])('%j is refused, and the message points at the fault', (template, message) => {
    expect(checkText(template)).toMatchObject({ ok: false, error: expect.stringContaining(message) })
  })
})

describe('a condition', () => {
  it('never fails, for any text and any payload, and its work is bounded', () => {
    fc.assert(
      fc.property(source, anyPayload, (when, payload) => {
        expect(typeof wanting(when)(payload)).toBe('boolean')
        const parsed = parseWhen(when)
        if (parsed.ok) expect(stepsOfCondition(parsed.value)).toBeLessThanOrEqual(2_300)
        else expect(wanting(when)(payload)).toBe(true)
      }),
      { numRuns: 500 }
    )
  })

  it.each([
    ['type == "comment.held"', true],
    ['type != "comment.held"', false],
    ['data.comment.body contains "?" and not data.comment.website', true],
    ['data.comment.website or data.comment.book == "family"', false],
    ['data.comment.name|lower == "ada"', true],
    ['data.comment.name == "ada"', false],
    ['data.comment.answers.0.answer == "x"', true],
    ['data.missing', false],
  ])('%s is %s for an entry that waits', (when, expected) => {
    expect(wanting(when)(HELD)).toBe(expected)
  })

  it.each([
    ['type = "x"', 'must be|not a valid'],
    ['type == comment.held', '"comment.held".*quotes'],
    ['x '.repeat(WHEN_MAX), `${WHEN_MAX}`],
    [Array.from({ length: 11 }, () => 'a').join(' and '), '10 comparisons'],
  ])('%j is refused, and the message points at the fault', (when, message) => {
    expect(parseWhen(when)).toMatchObject({ ok: false, error: expect.stringMatching(message) })
  })
})

describe('a page of conditions', () => {
  const conditions = fc.option(fc.constantFrom('type == "comment.held"', 'data.x', 'data.comment.name', 'not data.x'))
  const page = fc
    .array(conditions, { maxLength: 60 })
    .map((all) => all.map((when, i) => ({ id: `ep_${100 + i}`, when })))

  it('is decided as each endpoint alone, however many orders it takes', () => {
    fc.assert(
      fc.property(page, fc.integer({ min: 1, max: 100 }), (endpoints, limit) => {
        const wanted: string[] = []
        let rest = endpoints
        for (let orders = 0; orders <= endpoints.length; orders++) {
          const decided = decidePage(rest, HELD, limit)
          wanted.push(...decided.wanted)
          if (decided.until === null) break
          const { until } = decided
          expect(rest.some(({ id }) => id === until)).toBe(true)
          rest = rest.filter(({ id }) => id > until)
        }
        expect(wanted).toEqual(endpoints.filter(({ when }) => wanting(when)(HELD)).map(({ id }) => id))
      })
    )
  })

  it('of 500 different conditions is decided at once, and 500 expensive ones are split', () => {
    const pageOf = (whenOf: (i: number) => string) =>
      Array.from({ length: 500 }, (_, i) => ({ id: `ep_${1_000 + i}`, when: whenOf(i) }))
    const plain = pageOf((i) => `type == "comment.held" and data.comment.book == "main" and data.x != "${i}"`)
    expect(decidePage(plain, HELD)).toMatchObject({ until: null })
    expect(decidePage(plain, HELD).wanted).toHaveLength(500)
    const costly = pageOf((i) => `data.comment.body|upper|lower|upper|lower|strip_html != "${i}"`)
    expect(parseWhen(costly[0]?.when ?? '').ok).toBe(true)
    expect(decidePage(costly, HELD).until).not.toBeNull()
  })
})
