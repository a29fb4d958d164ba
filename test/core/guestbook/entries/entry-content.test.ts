import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  BODY_MAX,
  type CommentInput,
  GUEST_NAME_MAX,
  judgeComment,
  WEBSITE_MAX,
} from '../../../../src/guestbook/rules/entries/entry-content'
import { anyText } from '../../../support/arbitraries'

const shown = (count: number) => count.toLocaleString('en')
const GOOD: CommentInput = { name: 'Ada', body: 'What a lovely corner of the web!' }
const EMOJI = '🎉'

function accepted(input: Partial<CommentInput>) {
  const judged = judgeComment({ ...GOOD, ...input })
  if (!judged.ok) throw new Error(JSON.stringify(judged.error))
  return judged.value
}

/** The errors as `path: message`. */
function faults(input: Partial<CommentInput>): string[] {
  const judged = judgeComment({ ...GOOD, ...input })
  return judged.ok ? [] : judged.error.map(({ path, message }) => `${path}: ${message}`)
}

describe('an entry', () => {
  it('is published as written', () => {
    expect(judgeComment({ ...GOOD, website: 'https://example.com/ada' })).toEqual({
      ok: true,
      value: { ...GOOD, website: 'https://example.com/ada' },
    })
  })

  it('may be in any script', () => {
    const names = ['Зоя', '山田', 'عمر', 'דוד', 'नेहा', '👩‍👩‍👧', 'ᚠ', 'Z̈ö', '𝒜', '?', '7']
    for (const name of names) expect(accepted({ name, body: name })).toMatchObject({ body: name })
  })

  it('gets all errors at once, each with its field', () => {
    const judged = judgeComment({ name: ' ', body: 'a\u0000', website: 'javascript:alert(1)' })
    expect(judged).toEqual({
      ok: false,
      error: [
        { path: 'name', message: expect.stringContaining('empty') },
        { path: 'body', message: expect.stringContaining('control') },
        { path: 'website', message: expect.stringContaining('https://example.com') },
      ],
    })
  })

  it('gets one error if the other fields are valid', () => {
    expect(faults({ body: '' })).toEqual([expect.stringMatching(/^body: .+\.$/)])
    expect(faults({ website: 'x' })).toEqual([expect.stringMatching(/^website: .+\.$/)])
  })
})

describe('the length', () => {
  it.each([
    ['name', GUEST_NAME_MAX, 80],
    ['body', BODY_MAX, 4_000],
    ['website', WEBSITE_MAX, 300],
  ])('of a %s is limited to %i code points', (_, limit, expected) => {
    expect(limit).toBe(expected)
  })

  it.each([
    ['name', 'a', 80],
    ['name', EMOJI, 80],
    ['name', '𝒜', 80],
    ['name', 'e\u0301', 80],
    ['body', 'a', 4_000],
    ['body', EMOJI, 4_000],
  ] as const)('of a %s counts %j once and allows it %i times', (path, char, max) => {
    expect(faults({ [path]: char.repeat(max) })).toEqual([])
    expect(faults({ [path]: char.repeat(max + 1) })).toEqual([
      expect.stringMatching(new RegExp(`^${path}: .*\\b${shown(max + 1)} characters.*\\b${shown(max)}\\b`)),
    ])
  })

  it('is also reported if it is far over the limit', () => {
    expect(faults({ name: EMOJI.repeat(200) })).toEqual([expect.stringMatching(/^name: .*\b200 characters.*\b80\b/)])
    expect(faults({ body: 'a'.repeat(100_000) })).toEqual([
      expect.stringMatching(/^body: .*\b100,000 characters.*\b4,000\b/),
    ])
  })

  it('does not include surrounding white space', () => {
    expect(accepted({ name: ` ${'a'.repeat(80)} ` }).name).toHaveLength(80)
    expect(accepted({ body: `\n\n${'a'.repeat(4_000)}\n ` }).body).toHaveLength(4_000)
  })

  it('of a website is measured before the scheme is added', () => {
    const longest = `example.com/${'a'.repeat(288)}`
    expect(accepted({ website: longest }).website).toBe(`https://${longest}`)
    expect(faults({ website: `${longest}a` })).toEqual([expect.stringMatching(/^website: .*\b301 characters.*\b300\b/)])
  })
})

describe('characters', () => {
  it.each([
    ['NUL', '\u0000'],
    ['backspace', '\b'],
    ['escape', '\u001b'],
    ['delete', '\u007f'],
    ['next line', '\u0085'],
    ['a C1 control', '\u009b'],
  ])('that are controls are rejected: %s', (_, char) => {
    const fault = expect.stringContaining('control characters')
    expect(faults({ name: `a${char}b` })).toEqual([fault])
    expect(faults({ body: `a${char}b` })).toEqual([fault])
    expect(faults({ website: `https://example.com/a${char}b` })).toEqual([fault])
  })

  it.each(['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'])(
    'that change the text direction are rejected: %j',
    (char) => {
      const fault = expect.stringContaining('direction')
      expect(faults({ name: `a${char}b` })).toEqual([fault])
      expect(faults({ body: `a${char}b` })).toEqual([fault])
      expect(faults({ website: `https://example.com/a${char}b` })).toEqual([fault])
    }
  )

  it.each([
    ['a high surrogate', '\ud83d'],
    ['a low surrogate', '\ude00'],
    ['two swapped surrogates', '\ude00\ud83d'],
  ])('that are incomplete are rejected: %s', (_, char) => {
    const fault = expect.stringContaining('lone surrogate')
    expect(faults({ name: `a${char}b` })).toEqual([fault])
    expect(faults({ body: `a${char}b` })).toEqual([fault])
    expect(faults({ website: `https://example.com/${char}` })).toEqual([fault])
  })

  it.each([
    ['left-to-right and right-to-left marks', 'a\u200eb\u200fc\u061cd'],
    ['joiners', '👨‍👩‍👧 ن‌ه'],
    ['variation selectors', '❤️'],
    ['tag characters in flags', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'],
    ['markup, which stays text', '<script>alert(1)</script> & "quotes"'],
    ['a tab between words', 'a\tb'],
  ])('that text needs are accepted: %s', (_, body) => {
    expect(accepted({ body }).body).toBe(body)
  })
})

describe('combining marks', () => {
  const tooMany = expect.stringContaining('30 accents')

  it.each([
    ['of one kind', 'a', '\u0301'],
    ['of two kinds', 'a', '\u0301\u0323'],
    ['outside the basic plane', '𝅘', '\u{1d165}'],
    ['without a letter', 'a ', '\u0301'],
  ])('are accepted up to 30 in a row, and rejected from 31: %s', (_, base, marks) => {
    const run = (length: number) => base + [...marks.repeat(length)].slice(0, length).join('')
    expect(faults({ name: run(30), body: `${run(30)} ${run(30)}` })).toEqual([])
    expect(faults({ name: run(31) })).toEqual([tooMany])
    expect(faults({ body: `${run(30)}x${run(31)}` })).toEqual([tooMany])
  })

  it('are counted before the text is normalized, because that takes long', () => {
    const normalize = vi.spyOn(String.prototype, 'normalize')
    const body = `a${'\u0301\u0323'.repeat(7_999)}`
    expect(faults({ body })).toEqual([tooMany])
    expect(normalize.mock.contexts.filter((text) => String(text).length > 100)).toEqual([])
    normalize.mockRestore()
  })

  it('include every character that normalization moves', () => {
    const missed: string[] = []
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue
      const char = String.fromCodePoint(code)
      // U+0345 has the highest combining class, so anything with a lower one moves before it.
      const isMoved = !`\u0345${char}`.normalize('NFD').startsWith('\u0345')
      if (isMoved && !/^\p{M}/u.test(char)) missed.push(code.toString(16))
    }
    expect(missed).toEqual([])
  })
})

describe('blank text', () => {
  it.each([
    ['no characters', ''],
    ['spaces', '   '],
    ['line endings and tabs', '\r\n\t\n'],
    ['a no-break space', '\u00a0'],
    ['an ideographic space', '\u3000'],
    ['a line separator', '\u2028'],
    ['a byte order mark', '\ufeff'],
    ['a zero-width space', '\u200b'],
    ['zero-width joiners', '\u200c\u200d\u2060'],
    ['a soft hyphen', '\u00ad'],
    ['a Hangul filler', '\u3164'],
    ['a half-width Hangul filler', '\uffa0'],
    ['Hangul jamo fillers', '\u115f\u1160'],
    ['a blank Braille pattern', '\u2800'],
    ['a variation selector', '\ufe0f'],
    ['a tag character', '\u{e0061}'],
    ['a mark without a base character', '\u0301'],
    ['a private-use character', '\ue000'],
    ['a mixture', ' \u3164\u200b\u2800\ufeff '],
  ])('is rejected: %s', (_, text) => {
    const fault = expect.stringContaining('empty')
    expect(faults({ name: text })).toEqual([fault])
    expect(faults({ body: text })).toEqual([fault])
  })

  it('is accepted with one visible character', () => {
    for (const ink of ['a', '7', '.', '+', '🎉', '한', '⠁']) {
      expect(faults({ body: `\u3164${ink}\u200b` })).toEqual([])
    }
  })
})

describe('a name with characters that nobody can see', () => {
  it.each([
    ['a zero-width space', 'Ad\u200ba'],
    ['a zero-width joiner between Latin letters', 'Ad\u200da'],
    ['a soft hyphen', 'Ad\u00ada'],
    ['a word joiner', 'Ad\u2060a'],
    ['a mark of direction', 'Ada\u200e'],
    ['tag characters', 'Ada\u{e0061}\u{e0062}'],
    ['tag characters after a flag that does not exist', '🏴\u{e0061}\u{e0062}\u{e007f}'],
    ['a Hangul filler', 'Ada\u3164'],
    ['a variation selector after a letter', 'Ada\ufe0f'],
    ['a variation selector for ideographs after a letter', 'Ada\u{e0101}'],
    ['a blank Braille pattern', 'Ada\u2800'],
  ])('is refused: %s', (_, name) => {
    expect(faults({ name })).toEqual([expect.stringMatching(/^name: .*invisible/)])
    expect(faults({ body: name })).toEqual([])
  })

  it.each([
    ['families', '👩‍👩‍👧'],
    ['skin tones', '👩🏽‍💻 Ada'],
    ['a heart', 'Ada ❤️'],
    ['a heart on fire', '❤️‍🔥'],
    ['a keycap', '1️⃣'],
    ['the flag of Wales', '🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}'],
    ['a rainbow', '🏳️‍🌈'],
    ['joiners of Persian', 'می‌خواهم'],
    ['joiners of Hindi', 'क्‍ष'],
    ['a variant of a Chinese character', '葛󠄀城'],
    ['60 emoji', '🙂'.repeat(60)],
  ])('is accepted if a script or an emoji needs them: %s', (_, name) => {
    expect(accepted({ name }).name).toBe(name)
  })
})

describe('cleaned text', () => {
  it.each([
    ['composed', 'Zoe\u0308', 'Zo\u00eb'],
    ['composed, also in Hangul', '\u1112\u1161\u11ab', '\ud55c'],
    ['not folded to compatible characters', 'ﬁ ①', 'ﬁ ①'],
    ['trimmed', ' \t Ada \n', 'Ada'],
    ['trimmed of Unicode spaces', '\u3000Ada\u00a0\ufeff', 'Ada'],
    ['joined to one line', 'Ada\r\nLovelace', 'Ada Lovelace'],
    ['reduced to single spaces', 'Ada \t\f\v\n  Lovelace', 'Ada Lovelace'],
  ])('of a name is %s', (_, name, expected) => {
    expect(accepted({ name }).name).toBe(expected)
  })

  it.each([
    ['composed', 'cafe\u0301', 'caf\u00e9'],
    ['written with line feeds instead of CRLF', 'a\r\nb\r\nc', 'a\nb\nc'],
    ['written with line feeds instead of CR', 'a\rb', 'a\nb'],
    ['written with line feeds instead of mixed line endings', 'a\n\r\nb\r\rc', 'a\n\nb\n\nc'],
    ['reduced to one blank line', 'a\n\n\n\n\nb', 'a\n\nb'],
    ['reduced to one blank line after CRLF is replaced', 'a\r\n\r\n\r\n\r\nb', 'a\n\nb'],
    ['reduced to one blank line if lines contain only spaces', 'a\n \n\t\n  \nb', 'a\n\nb'],
    ['trimmed at the end of each line', 'a  \nb\t\nc', 'a\nb\nc'],
    ['not trimmed at the start of a line', 'a\n  b', 'a\n  b'],
    ['not reduced to single spaces', 'a  b', 'a  b'],
    ['trimmed', '\n\n  a\n\n', 'a'],
    ['not trimmed at the start of its first line if there are others', '\n \n   /\\\n  /  \\\n\n', '   /\\\n  /  \\'],
    ['not trimmed of wide spaces at the start of a line', '\u3000（\n\u3000\u3000）', '\u3000（\n\u3000\u3000）'],
    ['trimmed of a byte order mark', '\ufeff  a\nb', '  a\nb'],
  ])('of a message is %s', (_, body, expected) => {
    expect(accepted({ body }).body).toBe(expected)
  })
})

describe('spaces at the ends of lines', () => {
  it('are removed as if each line were trimmed on its own', () => {
    const piece = fc.constantFrom(' ', '\t', '\n', 'x', '  ', '\n\n')
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const body = `x${pieces.join('')}x`
        const lines = body.split('\n').map((line, i, all) => (i < all.length - 1 ? line.replace(/[ \t]+$/, '') : line))
        expect(accepted({ body }).body).toBe(lines.join('\n').replace(/\n{3,}/g, '\n\n'))
      })
    )
  })
})

describe('a website', () => {
  it.each([
    [undefined, null],
    [null, null],
    ['', null],
    [' \n\t', null],
    ['https://example.com', 'https://example.com/'],
    ['http://example.com', 'http://example.com/'],
    ['example.com', 'https://example.com/'],
    [' example.com ', 'https://example.com/'],
    ['www.example.com/~ada?x=1#top', 'https://www.example.com/~ada?x=1#top'],
    ['example.com:8080', 'https://example.com:8080/'],
    ['example.com:8080/', 'https://example.com:8080/'],
    ['example.com:8080/blog', 'https://example.com:8080/blog'],
    ['example.com:8080?page=1', 'https://example.com:8080/?page=1'],
    ['example.com:8080#top', 'https://example.com:8080/#top'],
    ['//example.com', 'https://example.com/'],
    ['example.com/a:b', 'https://example.com/a:b'],
    ['example.com/?to=https://other.example', 'https://example.com/?to=https://other.example'],
    ['http2.example:8080', 'https://http2.example:8080/'],
    ['HTTPS://EXAMPLE.COM/Ada', 'https://example.com/Ada'],
    ['bücher.example', 'https://xn--bcher-kva.example/'],
    ['https://example.com/é', 'https://example.com/%C3%A9'],
    ['https://example.com/"><script>', 'https://example.com/%22%3E%3Cscript%3E'],
    ['https://example.com/@ada', 'https://example.com/@ada'],
  ])('%j is stored as %j', (website, expected) => {
    expect(accepted({ website }).website).toBe(expected)
  })

  it.each([
    'https://ru.wikipedia.org/wiki/Гостевая_книга_нашего_города_и_его_окрестностей_Летом',
    `example.com/${'a'.repeat(288)}`,
    `https://example.com/?q=${'й'.repeat(270)}`,
    `https://example.com/${EMOJI.repeat(150)}`,
    `https://example.com/${' "'.repeat(100)}x`,
    `https://example.com/${'%ff'.repeat(200)}й`,
  ])('is accepted again as it was stored: %s', (website) => {
    const stored = accepted({ website }).website
    expect(accepted({ website: stored }).website).toBe(stored)
  })

  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)//example.com',
    'javascript://example.com/%0aalert(1)',
    'javascript:1',
    'javascript:1/..example.com',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'java\tscript:alert(1)//.example.com',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox',
    'file:///etc/passwd',
    'blob:https://example.com/x',
    'ftp://example.com/',
    'mailto:ada@example.com',
    'tel:123',
    'ada@example.com',
    'https://ada@example.com/',
    'https://ada:secret@example.com/',
    'https://:secret@example.com/',
    'ada:secret@example.com',
    'ada:8080@example.com',
    'localhost',
    'http://localhost:8787/',
    'localhost:8080',
    'example',
    'n/a',
    'none.',
    '.',
    '...',
    'https://',
    'https://./',
    'https://[::1]/',
    'my site.example.com',
    'https://exa mple.com/',
    'https://example.com:99999/',
    'example.com:port',
    '<a href="https://example.com">x</a>',
  ])('%j is rejected', (website) => {
    expect(faults({ website })).toEqual([expect.stringMatching(/^website: .*https:\/\/example\.com/)])
  })

  it('is stored only as an http or https URL with a dot in its host and without credentials', () => {
    const pieces = fc.constantFrom(
      'javascript:',
      'https://',
      'http:',
      '//',
      'example',
      '.com',
      '.',
      ':',
      '8080',
      '@',
      '/',
      '?',
      '#',
      '\n',
      '\t',
      'é',
      '"'
    )
    const website = fc.array(pieces, { minLength: 1, maxLength: 8 }).map((all) => all.join(''))
    let kept = 0
    fc.assert(
      fc.property(website, (website) => {
        const judged = judgeComment({ ...GOOD, website })
        if (!judged.ok || judged.value.website === null) return
        kept += 1
        const url = new URL(judged.value.website)
        expect(['http:', 'https:']).toContain(url.protocol)
        expect([url.username, url.password]).toEqual(['', ''])
        expect(url.hostname).toMatch(/[^.]\.[^.]/)
        expect(judged.value.website).toMatch(/^[!-~]+$/)
        expect(accepted({ website: judged.value.website })).toEqual(judged.value)
      }),
      { numRuns: 2_000 }
    )
    expect(kept).toBeGreaterThan(50)
  })
})

describe('any entry', () => {
  const pieces = fc.constantFrom(
    ...'aé7.🎉한',
    ' ',
    '\n',
    '\r',
    '\t',
    '\f',
    '\u00a0',
    '\u3000',
    '\u2028',
    '\ufeff',
    '\u200d',
    '\u0301',
    '\u0323',
    '\u1112',
    '\u1161',
    '\u11ab',
    '\u3164',
    'https://',
    'www.'
  )
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
    fc.string({ unit: 'grapheme', maxLength: 90 }),
    anyText
  )

  it('gives the same result when it is checked again', () => {
    let kept = 0
    fc.assert(
      fc.property(text, text, (name, body) => {
        const first = judgeComment({ name, body })
        if (!first.ok) return
        kept += 1
        expect(judgeComment(first.value)).toEqual(first)
      }),
      { numRuns: 3_000 }
    )
    expect(kept).toBeGreaterThan(500)
  })

  it('is stored composed, well-formed, trimmed, and with at most one blank line', () => {
    let accepted = 0
    fc.assert(
      fc.property(text, text, (name, body) => {
        const judged = judgeComment({ name, body })
        if (!judged.ok) return
        accepted += 1
        for (const stored of [judged.value.name, judged.value.body]) {
          expect(stored).toBe(stored.normalize('NFC').trimEnd())
          expect(stored).not.toMatch(/^(\ufeff|\s*\n)/)
          expect(stored.isWellFormed()).toBe(true)
        }
        expect(judged.value.name).toBe(judged.value.name.trim())
        expect(judged.value.name).not.toMatch(/[\r\n\t]| {2}/)
        expect(judged.value.body).not.toMatch(/\r|\n\n\n|[ \t]\n/)
      }),
      { numRuns: 3_000 }
    )
    expect(accepted).toBeGreaterThan(500)
  })

  it('is accepted or gets errors, without an exception', () => {
    fc.assert(
      fc.property(text, text, fc.option(text), (name, body, website) => {
        const judged = judgeComment({ name, body, website })
        expect(judged.ok || judged.error.length > 0).toBe(true)
      }),
      { numRuns: 2_000 }
    )
  })
})
