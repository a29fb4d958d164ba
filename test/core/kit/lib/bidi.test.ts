import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
// @ts-expect-error: a script without types
import { printable } from '../../../../scripts/lib/printable.mjs'
import { contained, escapeInvisible, isolated } from '../../../../src/kit/lib/text/bidi'

const FSI = '\u2068'
const PDI = '\u2069'
const RLO = '\u202e'
/** Every character that sets a direction, every paragraph separator, and some letters and digits. */
const CONTROLS = '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069'
const SEPARATORS = '\n\r\u001c\u001d\u001e\u0085\u2029'
const confusing = fc.string({ unit: fc.constantFrom(...CONTROLS, ...SEPARATORS, ...'ab1 א٣'), maxLength: 40 })

/** @returns where the isolate that the text starts with is closed: UAX #9, BD9 */
function endOfIsolate(text: string): number {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if ('\u2066\u2067\u2068'.includes(char)) depth += 1
    if (char === PDI) depth -= 1
    if (depth === 0 || SEPARATORS.includes(char)) return at
  }
  return text.length
}

describe('contained text', () => {
  it('cannot end the isolate around it early, and does not leave one open', () => {
    fc.assert(
      fc.property(confusing, (text) => {
        const around = FSI + contained(text) + PDI
        expect(endOfIsolate(around)).toBe(around.length - 1)
      }),
      { numRuns: 2_000 }
    )
  })

  it('is the same if it is contained again', () => {
    fc.assert(
      fc.property(confusing, (text) => {
        expect(contained(contained(text))).toBe(contained(text))
      })
    )
  })

  it.each([
    ['Ada Lovelace', 'Ada Lovelace'],
    ['שלום', 'שלום'],
    [`${FSI}Ada${PDI}`, `${FSI}Ada${PDI}`],
    [`${PDI}${RLO}evil`, `${RLO}evil`],
    ['\u2067open', `\u2067open${PDI}`],
    ['two\u2029paragraphs', 'two paragraphs'],
    ['two\nlines', 'two lines'],
  ])('keeps what is harmless: %j becomes %j', (text, expected) => {
    expect(contained(text)).toBe(expected)
  })
})

describe('isolated text', () => {
  it.each([
    ['Ada Lovelace 漢字 😀', 'Ada Lovelace 漢字 😀'],
    ['שלום', `${FSI}שלום${PDI}`],
    [`${RLO}evil`, `${FSI}${RLO}evil${PDI}`],
    [`${PDI}x`, 'x'],
    ['', ''],
  ])('has isolates around it only if it needs them: %j becomes %j', (text, expected) => {
    expect(isolated(text)).toBe(expected)
  })

  it('is one isolate, or has no character that changes a direction', () => {
    fc.assert(
      fc.property(confusing, (text) => {
        const result = isolated(text)
        if (result.startsWith(FSI)) expect(endOfIsolate(result)).toBe(result.length - 1)
        else expect(result).not.toMatch(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069א٣]/)
      })
    )
  })
})

describe('a line of the log', () => {
  it('is the same JSON, without characters that change how a terminal shows it', () => {
    fc.assert(
      fc.property(fc.oneof(confusing, fc.string({ unit: 'binary' })), (text) => {
        const line = escapeInvisible(JSON.stringify({ error: text }))
        expect(JSON.parse(line)).toEqual({ error: text })
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
      })
    )
  })
})

describe('text in a terminal', () => {
  it.each([
    ['{"name":"Zoë 漢字"}\n\tx', '{"name":"Zoë 漢字"}\n\tx'],
    ['\u001b[2Jgone', '\\u001b[2Jgone'],
    ['\u009b2Jgone', '\\u009b2Jgone'],
    [`${RLO}evil`, '\\u202eevil'],
  ])('has no control characters: %j becomes %j', (text, expected) => {
    expect(printable(text)).toBe(expected)
  })
})
