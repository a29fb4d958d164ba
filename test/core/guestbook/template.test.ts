import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  holds,
  OUTPUT_MAX,
  parseCondition,
  parseTemplate,
  renderTemplate,
  TEMPLATE_MAX,
} from '../../../src/core/guestbook/template'

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
    [
      '{{repository.topics | first}}{{repository.topics | last}}{{repository.topics | size}}',
      'ac3',
    ],
    ['{{at | date}}', '2026-11-25'],
    ['{{html | strip_html}}', 'Hello world'],
    ['{{action | replace: "ed" "ion"}}', 'creation'],
    ['{{#if sender.bot}}a robot{{else}}somebody{{/if}} came', 'somebody came'],
    ['{{#if repository.stars > 10}}famous{{/if}}', 'famous'],
    ['{{#if a}}1{{else}}{{#if action}}2{{else}}3{{/if}}{{/if}}', '2'],
    ['{ {{action}} }', '{ created }'],
  ])('%s', (text, expected) => {
    expect(render(text)).toBe(expected)
  })

  it('knows what is beside the content, by a dollar', () => {
    const known = { event_type: 'star', header: { 'x-a': 'b' } }
    expect(render('{{$event_type}} {{$header.x-a}} {{$nobody}}', STAR, known)).toBe('star b ')
  })

  it('sees own properties alone', () => {
    for (const path of ['constructor', '__proto__', 'toString', 'sender.constructor.name'])
      expect(render(`{{${path}}}`)).toBe('')
    expect(render('{{length}}', 'text')).toBe('')
  })

  it.each([
    ['{{#if a}}', /not closed/],
    ['{{/if}}', /closes nothing/],
    ['{{else}}', /inside/],
    ['{{#if a}}{{else}}{{else}}{{/if}}', /once/],
    ['{{#each a}}{{/each}}', /There is no/],
    ['{{a', /not closed/],
    ['{{}}', /no path/],
    ['{{a b}}', /no path/],
    ['{{a | nothing}}', /no filter "nothing"/],
    ['{{#if a ==}}x{{/if}}', /no (path|condition)/],
    ['{{#if a == b}}x{{/if}}', /neither text in quotes/],
    ['x'.repeat(TEMPLATE_MAX + 1), /at most 4000 characters/],
    ['{{a}}'.repeat(201), /at most 200 tags/],
    [`${'{{#if a}}'.repeat(9)}${'{{/if}}'.repeat(9)}`, /deep/],
    [`{{a${' | upper'.repeat(11)}}}`, /at most 10 filters/],
  ])('says what is wrong with %s', (text, words) => {
    expect(faultOf(text)).toMatch(words)
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

  it('takes the fields of a form, which are all text, for numbers too', () => {
    expect(check('count == 5 and count > 4', { count: '5' })).toBe(true)
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
/** What JSON can hold and numbers, texts and dates cannot be made of. */
const content = fc.oneof(
  fc.jsonValue({ maxDepth: 5 }),
  fc.record({ a: fc.constantFrom({ valueOf: 1, toString: 1 }, [{ toString: null }], false, []) })
)
const source = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })), {
  maxLength: 60,
})

describe('whatever is thrown at it', () => {
  it('a template never throws, and never grows beyond its bound', () => {
    fc.assert(
      fc.property(source, content, (pieces, content) => {
        const parsed = parseTemplate(pieces.join(''))
        if (!parsed.ok) return void expect(parsed.error).not.toBe('')
        const text = renderTemplate(parsed.value, { content, known: { a: content } })
        expect(text.length).toBeLessThanOrEqual(OUTPUT_MAX)
        expect(text.isWellFormed()).toBe(true)
      }),
      { numRuns: 5_000 }
    )
  })

  it('a condition never throws', () => {
    fc.assert(
      fc.property(source, content, (pieces, content) => {
        const parsed = parseCondition(pieces.join(''))
        if (parsed.ok) expect(typeof holds(parsed.value, { content, known: {} })).toBe('boolean')
      }),
      { numRuns: 5_000 }
    )
  })

  it.each(['a > 5', 'a < 5', 'a == 5', 'a contains "1"', 'a'])('nor %s', (text) => {
    for (const a of [{ valueOf: 1, toString: 1 }, [{ toString: 1 }]])
      expect(typeof check(text, { a })).toBe('boolean')
  })

  it('what is no time stays as it is', () => {
    for (const a of [false, true, '', ' ', 'soon', 'Infinity'])
      expect(render('{{a | date}}', { a })).toBe(String(a))
    expect(render('{{a | date}}', { a: [] })).toBe('[list]')
    expect(render('{{a | date}}', { a: { valueOf: 1, toString: 1 } })).toBe('[object]')
  })

  it('values as long as a body are cut, however often they are named', () => {
    const content = { a: 'x'.repeat(1_000_000), list: Array(100_000).fill('y'.repeat(100)) }
    const text = '{{a | replace: "x" "zzzzzzzzzz" | upper}}{{list | join: ","}}'.repeat(60)
    expect(render(text, content).length).toBeLessThanOrEqual(OUTPUT_MAX)
  })
})
