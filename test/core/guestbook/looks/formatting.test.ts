import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type FormatOptions,
  formatEntry,
  type Inline,
  type TextBlock,
} from '../../../../src/guestbook/rules/looks/formatting'
import { anyText } from '../../../support/arbitraries'

const NOTHING: FormatOptions = { links: false, markup: false, smileys: false }
const ALL: FormatOptions = { links: true, markup: true, smileys: true }

/** The tree in a short notation. */
function brief(blocks: TextBlock[]): string {
  return blocks
    .map(({ type, inline }) => `${type === 'quote' ? 'QUOTE ' : ''}${inline.map(briefPart).join('')}`)
    .join(' / ')
}

function briefPart(part: Inline): string {
  switch (part.type) {
    case 'text':
      return part.text
    case 'code':
      return `[code ${part.text}]`
    case 'link':
      return part.url === part.text ? `[${part.url}]` : `[${part.text} = ${part.url}]`
    case 'smiley':
      return part.emoji
    case 'break':
      return '|'
    default:
      return `[${part.type} ${part.inline.map(briefPart).join('')}]`
  }
}

function textOf(part: Inline): string {
  if (part.type === 'break') return '\n'
  return 'inline' in part ? part.inline.map(textOf).join('') : part.text
}

function textOfBlocks(blocks: TextBlock[]): string {
  return blocks.map(({ inline }) => inline.map(textOf).join('')).join('\n\n')
}

function allParts(inline: Inline[]): Inline[] {
  return inline.flatMap((part) => [part, ...('inline' in part ? allParts(part.inline) : [])])
}

function depthOf(part: Inline): number {
  return 'inline' in part ? 1 + Math.max(...part.inline.map(depthOf)) : 0
}

describe('the text of an entry', () => {
  it('becomes paragraphs with breaks, and keeps its spaces', () => {
    expect(formatEntry('Hello,   you\n  there\n\nBye', NOTHING)).toEqual([
      {
        type: 'paragraph',
        inline: [{ type: 'text', text: 'Hello,   you' }, { type: 'break' }, { type: 'text', text: '  there' }],
      },
      { type: 'paragraph', inline: [{ type: 'text', text: 'Bye' }] },
    ])
    expect(formatEntry('', ALL)).toEqual([])
  })

  it('keeps markup, addresses and smileys as they are, without options', () => {
    const text = '> *a* `b` https://example.com :-)'
    expect(formatEntry(text, NOTHING)).toEqual([{ type: 'paragraph', inline: [{ type: 'text', text }] }])
  })

  it.each([
    ['See https://example.com.', 'See [https://example.com = https://example.com/].'],
    ['(https://example.com/a)', '([https://example.com/a])'],
    ['https://example.com/a_(b)', '[https://example.com/a_(b)]'],
    ['https://example.com/a_(b))!', '[https://example.com/a_(b)])!'],
    ['HTTPS://EXAMPLE.com/ö?', '[HTTPS://EXAMPLE.com/ö = https://example.com/%C3%B6]?'],
    ['"http://a.example/x"', '"[http://a.example/x]"'],
    ['<https://a.example/>', '<[https://a.example/]>'],
    ['*https://a.example/x*', '[em [https://a.example/x]]'],
    ['**https://a.example/x**', '[strong [https://a.example/x]]'],
    ['https://a.example/*b*c', '[https://a.example/*b*c]'],
    ['`https://a.example/`', '[code https://a.example/]'],
    ['https://a.example/?x=:-) :-)', '[https://a.example/?x=:-]) 🙂'],
    ['xhttps://a.example/', 'xhttps://a.example/'],
    ['https://user:secret@a.example/', 'https://user:secret@a.example/'],
    ['https://user@a.example/', 'https://user@a.example/'],
    ['https://', 'https://'],
    ['https://)))', 'https://)))'],
    ['https://d.example(now)', '[https://d.example = https://d.example/](now)'],
    ['https://a b', '[https://a = https://a/] b'],
    ['https://[::1', 'https://[::1'],
    ['https://a.example:99999/', 'https://a.example:99999/'],
    [
      'javascript:alert(1) ftp://a.example/ //a.example data:x',
      'javascript:alert(1) ftp://a.example/ //a.example data:x',
    ],
    ['javascript:https://a.example/', 'javascript:[https://a.example/]'],
    ['www.example.com', 'www.example.com'],
  ])('with %j becomes %j', (text, expected) => {
    expect(brief(formatEntry(text, ALL))).toBe(expected)
  })

  it.each([
    ['*a* and **b**', '[em a] and [strong b]'],
    ['**a *b* c**', '[strong a [em b] c]'],
    ['*a **b** c*', '[em a [strong b] c]'],
    ['*a **b* c**', '[em a **b] c**'],
    ['*a **b c', '*a **b c'],
    ['***a***', '***a***'],
    ['****', '****'],
    ['2 * 3 * 4, 2*3*4', '2 * 3 * 4, 2*3*4'],
    ['* a\n* b', '* a|* b'],
    ['a* b*', 'a* b*'],
    ['*a\nb*', '*a|b*'],
    ['(*a*), "**b**"!', '([em a]), "[strong b]"!'],
    ['*été*', '[em été]'],
    ['é*t*é', 'é*t*é'],
    ['𝒜*t*𝒜', '𝒜*t*𝒜'],
    ['`*a*` *`b`*', '[code *a*] [em [code b]]'],
    ['`a', '`a'],
    ['``', '``'],
    ['`a` `b', '[code a] `b'],
    ['`:-)` :-)', '[code :-)] 🙂'],
    ['`a`:-)', '[code a]:-)'],
    ['*nice :-)*', '[em nice 🙂]'],
    [':-* :-)', '😘 🙂'],
    ['> a\n> b\nc', 'QUOTE a|b / c'],
    ['a\n\n> b\n\nc', 'a / QUOTE b / c'],
    ['> *a\n> b*', 'QUOTE *a|b*'],
    ['>a\n>\n> ', '>a|>|> '],
    ['> > a', 'QUOTE > a'],
    ['>:-( ok', '😠 ok'],
  ])('with the markup %j becomes %j', (text, expected) => {
    expect(brief(formatEntry(text, ALL))).toBe(expected)
  })

  it("uses an owner's smileys instead of the classic ones", () => {
    const smileys = [{ text: ':cat:', emoji: '🐈' }]
    expect(brief(formatEntry(':cat: :-)', { ...NOTHING, smileys }))).toBe('🐈 :-)')
  })
})

const PIECES = [
  ...['*', '**', '***', '`', '> ', '>', '\n', '\n\n', ' ', 'a', 'é', '𝒜', '(', ')', '.', ':-)', '8)', '<3', '_', '\\'],
  ...['https://a.example/', 'http://', 'https://u:p@a.example', 'javascript:', '\ud800', '\t', '\r', '\u202e'],
]
const entry = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join('')),
  anyText
)
const options: fc.Arbitrary<FormatOptions> = fc.record({
  links: fc.boolean(),
  markup: fc.boolean(),
  smileys: fc.oneof(fc.boolean(), fc.constant([{ text: 'aa', emoji: '🙂' }])),
})
const MARKERS = /[*`>\s]/g

describe('any text', () => {
  it('is exactly the text of the tree without markup', () => {
    fc.assert(
      fc.property(entry, options, (text, given) => {
        expect(textOfBlocks(formatEntry(text, { ...given, markup: false }))).toBe(text)
      }),
      { numRuns: 1_000 }
    )
    expect(formatEntry('a\n\n\n\nb\n\n', NOTHING)).toHaveLength(2)
  })

  it('is the text of the tree apart from markers and white space', () => {
    fc.assert(
      fc.property(entry, options, (text, given) => {
        const shown = textOfBlocks(formatEntry(text, given))
        expect(shown.replace(MARKERS, '')).toBe(text.replace(MARKERS, ''))
        expect(shown.length).toBeLessThanOrEqual(text.length + 1 + (text.match(/\n/g)?.length ?? 0))
      }),
      { numRuns: 1_000 }
    )
  })

  it('has a tree without empty parts, with two levels of markup, and with links to the web only', () => {
    fc.assert(
      fc.property(entry, options, (text, given) => {
        const blocks = formatEntry(text, given)
        expect(blocks.flatMap(({ inline }) => allParts(inline)).length).toBeLessThanOrEqual(text.length)
        for (const { inline } of blocks) {
          expect(inline).not.toEqual([])
          for (const part of allParts(inline)) {
            expect(textOf(part)).not.toBe('')
            expect(depthOf(part)).toBeLessThanOrEqual(2)
            if (part.type !== 'link') continue
            const url = new URL(part.url)
            expect(['http:', 'https:']).toContain(url.protocol)
            expect(url.username + url.password).toBe('')
            expect(part.url).toBe(url.href)
          }
        }
      }),
      { numRuns: 1_000 }
    )
  })
})

describe('an entry that is made of parts', () => {
  it.each([':) ', '*a* ', '**a** ', '`a` ', 'http://a.b ', 'http://', '*a\n', '2 * 2 ', '> :)\nx\n'])(
    'has a bounded number of them: %j',
    (piece) => {
      const text = piece.repeat(4_000 / piece.length)
      const blocks = formatEntry(text, ALL)
      const parts = blocks.flatMap(({ inline }) => allParts(inline))
      expect(parts.filter(({ type }) => type !== 'text' && type !== 'break').length).toBeLessThanOrEqual(100)
      expect(textOfBlocks(blocks).replace(MARKERS, '')).toBe(text.replace(MARKERS, ''))
    }
  )
})
