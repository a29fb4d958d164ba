import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseForReading } from '../../../../src/kit/lib/json'
import { holds, parseCondition } from '../../../../src/webhooks/rules/templates/conditions'
import { parseTemplate, renderTemplate, TEMPLATE_MAX } from '../../../../src/webhooks/rules/templates/template'
import { OUTPUT_MAX } from '../../../../src/webhooks/rules/templates/values'

const STAR = {
  action: 'created',
  sender: { login: 'ada', bot: false },
  repository: { full_name: 'ada/engine', topics: ['a', 'b', 'c'], stars: 12, size: 0 },
  at: 1_795_600_000,
  note: null,
  html: '<b>Hello</b> world',
}

function render(text: string, content: unknown = STAR, known = {}): string {
  const parsed = parseTemplate(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return renderTemplate(parsed.value, { content, known })
}

function faultOf(text: string): string {
  const parsed = parseTemplate(text)
  return parsed.ok ? '' : parsed.error
}

function check(text: string, content: unknown = STAR): boolean {
  const parsed = parseCondition(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return holds(parsed.value, { content, known: { event_type: 'star' } })
}

describe('a template', () => {
  it.each([
    ['plain words', 'plain words'],
    ['{{sender.login}} starred {{repository.full_name}}', 'ada starred ada/engine'],
    ['{{ repository.topics.1 }}', 'b'],
    ['{{repository.stars}}/{{repository.size}}/{{sender.bot}}', '12/0/false'],
    ['{{nobody}}{{note}}{{sender.nobody.here}}{{action.x}}', ''],
    ['{{sender}} {{repository.topics}}', '[object] [list]'],
    ['{{nobody | default: "some | body"}}', 'some | body'],
    ['{{ action | upper | truncate: 4 }}', 'CRE…'],
    ['{{repository.topics | join: "-"}}', 'a-b-c'],
    ['{{repository.topics | first}}{{repository.topics | last}}{{repository.topics | size}}', 'ac3'],
    ['{{at | date}}', '2026-11-25'],
    ['{{html | strip_html}}', 'Hello world'],
    ['{{action | replace: "ed" "ion"}}', 'creation'],
    ['{{#if sender.bot}}a robot{{else}}somebody{{/if}} came', 'somebody came'],
    ['{{#if repository.stars > 10}}famous{{/if}}', 'famous'],
    ['{{#if a}}1{{else}}{{#if action}}2{{else}}3{{/if}}{{/if}}', '2'],
    ['{ {{action}} }', '{ created }'],
  ])('renders %s as %j', (text, expected) => {
    expect(render(text)).toBe(expected)
  })

  it('reads values other than the content with a dollar sign', () => {
    const known = { event_type: 'star', header: { 'x-a': 'b' } }
    expect(render('{{$event_type}} {{$header.x-a}} {{$nobody}}', STAR, known)).toBe('star b ')
  })

  it('reads only own properties', () => {
    for (const path of ['constructor', '__proto__', 'toString', 'sender.constructor.name'])
      expect(render(`{{${path}}}`)).toBe('')
    expect(render('{{length}}', 'text')).toBe('')
  })

  it.each([
    ['an {{#if}} that is not closed', '{{#if a}}', /not closed/],
    ['an {{/if}} without an {{#if}}', '{{/if}}', /no matching/],
    ['an {{else}} outside an {{#if}}', '{{else}}', /inside/],
    ['a second {{else}}', '{{#if a}}{{else}}{{else}}{{/if}}', /only one/],
    ['an unknown tag', '{{#each a}}{{/each}}', /Unknown tag/],
    ['a tag that is not closed', '{{a', /not closed/],
    ['an empty tag', '{{}}', /valid path/],
    ['a path with a space', '{{a b}}', /valid path/],
    ['an unknown filter', '{{a | nothing}}', /Unknown filter "nothing"/],
    ['a condition without a value', '{{#if a ==}}x{{/if}}', /valid (path|condition)/],
    ['a value without quotes', '{{#if a == b}}x{{/if}}', /in quotes/],
    ['a text that is too long', 'x'.repeat(TEMPLATE_MAX + 1), /at most 4000 characters/],
    ['too many tags', '{{a}}'.repeat(201), /at most 200 tags/],
    ['too many levels', `${'{{#if a}}'.repeat(9)}${'{{/if}}'.repeat(9)}`, /deep/],
    ['too many filters', `{{a${' | upper'.repeat(11)}}}`, /at most 10 filters/],
  ])('explains %s', (_, text, message) => {
    expect(faultOf(text)).toMatch(message)
  })
})

describe('a condition', () => {
  it.each([
    ['action == "created"', true],
    ["action == 'created' and sender.login != 'eve'", true],
    ['action == "a" or action == "created"', true],
    ['action == "a" or action == "created" and sender.bot', false],
    ['not sender.bot', true],
    ['repository.topics contains "b"', true],
    ['repository.full_name contains "and"', false],
    ['repository.stars == 12 and repository.stars < 13', true],
    ['repository.size', false],
    ['note == null and nobody == null', true],
    ['sender.bot == false', true],
    ['$event_type == "star"', true],
    ['html contains "b> w or ld"', false],
    ['sender == "[object]"', false],
  ])('%s is %s', (text, expected) => {
    expect(check(text)).toBe(expected)
  })

  it('compares form fields, which are always text, with numbers', () => {
    expect(check('count == 5 and count > 4', { count: '5' })).toBe(true)
    expect(check('count == 5', { count: '05' })).toBe(false)
  })

  it('compares long numbers exactly, with each operator', () => {
    const whole = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n })
    const near = fc.tuple(whole, fc.bigInt({ min: -2n, max: 2n })).map(([a, more]) => [a, a + more] as const)
    fc.assert(
      fc.property(near, fc.constantFrom('', '.0', 'e0'), ([a, b], end) => {
        const content = parseForReading(`{"n":${a}${end},"list":[${a}]}`)
        expect(check(`n == ${b}`, content)).toBe(a === b)
        expect(check(`n != ${b}`, content)).toBe(a !== b)
        expect(check(`n > ${b}`, content)).toBe(a > b)
        expect(check(`n < ${b}`, content)).toBe(a < b)
        expect(check(`list contains ${b}`, content)).toBe(a === b)
      }),
      { numRuns: 1_000 }
    )
    const id = { id: '1234567890123456789' }
    expect(check('id == 1234567890123456789 and id == "1234567890123456789"', id)).toBe(true)
    expect(check('id == 1234567890123456788 or id != 1234567890123456789', id)).toBe(false)
  })

  it('knows that zero is false and that a very large number is not', () => {
    const content = parseForReading('{"zero":0.000000000000000000,"large":1e400,"small":1e-400}')
    expect(check('not zero and large and small and large > 5 and small > 0', content)).toBe(true)
  })
})

const PIECES = [
  '{{',
  '}}',
  '{{#if ',
  '{{else}}',
  '{{/if}}',
  'a',
  '.',
  ' | ',
  'default: "',
  '"',
  "'",
  ' == ',
  ' and ',
  ' or ',
  ' not ',
  'truncate: 9',
  '$',
  '0',
  '*',
  '\0',
  '\ud800',
  '🎉',
  '{',
  '}',
  'constructor',
  '__proto__',
  'replace: "a" "bbbbbbbb"',
  'join',
  '<',
  '\n',
]
/** Includes values that cannot be converted to numbers, text, or dates. */
const content = fc.oneof(
  fc.jsonValue({ maxDepth: 5 }),
  fc.record({ a: fc.constantFrom({ valueOf: 1, toString: 1 }, [{ toString: null }], false, []) })
)
const source = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })), {
  maxLength: 60,
})

describe('with hostile input', () => {
  it('a template never throws, and its output stays within the limit', () => {
    let rendered = 0
    fc.assert(
      fc.property(source, content, (pieces, content) => {
        const parsed = parseTemplate(pieces.join(''))
        expect(parsed.ok ? 'valid' : parsed.error).not.toBe('')
        if (!parsed.ok) return
        rendered += 1
        const text = renderTemplate(parsed.value, { content, known: { a: content } })
        expect(text.length).toBeLessThanOrEqual(OUTPUT_MAX)
        expect(text.isWellFormed()).toBe(true)
      }),
      { numRuns: 5_000 }
    )
    expect(rendered).toBeGreaterThan(100)
  })

  it('a condition never throws', () => {
    let checked = 0
    fc.assert(
      fc.property(source, content, (pieces, content) => {
        const parsed = parseCondition(pieces.join(''))
        if (!parsed.ok) return
        checked += 1
        expect(typeof holds(parsed.value, { content, known: {} })).toBe('boolean')
      }),
      { numRuns: 5_000 }
    )
    expect(checked).toBeGreaterThan(100)
  })

  it.each(['a > 5', 'a < 5', 'a == 5', 'a contains "1"', 'a'])('the condition %s never throws', (text) => {
    for (const a of [{ valueOf: 1, toString: 1 }, [{ toString: 1 }]]) expect(typeof check(text, { a })).toBe('boolean')
  })

  it('the date filter keeps values that are not times', () => {
    for (const a of [false, true, '', ' ', 'soon', 'Infinity']) expect(render('{{a | date}}', { a })).toBe(String(a))
    expect(render('{{a | date}}', { a: [] })).toBe('[list]')
    for (const a of [1_796_011_030_259_000, 253_402_300_800_000, -99_999_999_999_999])
      expect(render('{{a | date}}', { a })).toBe(String(a))
    expect(render('{{a | date}}', { a: { valueOf: 1, toString: 1 } })).toBe('[object]')
  })

  it('long values are truncated, however often they are used', () => {
    const content = { a: 'x'.repeat(1_000_000), list: Array(100_000).fill('y'.repeat(100)) }
    const text = '{{a | replace: "x" "zzzzzzzzzz" | upper}}{{list | join: ","}}'.repeat(60)
    expect(render(text, content).length).toBeLessThanOrEqual(OUTPUT_MAX)
  })
})
