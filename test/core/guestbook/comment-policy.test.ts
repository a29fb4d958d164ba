import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BODY_MAX,
  type CommentInput,
  judgeComment,
  LINKS_MAX,
  NAME_MAX,
  WEBSITE_MAX,
} from '../../../src/core/guestbook/comment-policy'
import { anyText } from '../../support/arbitraries'

const GOOD: CommentInput = { name: 'Ada', body: 'What a lovely corner of the web!' }
const EMOJI = '🎉'

function accepted(input: Partial<CommentInput>) {
  const judged = judgeComment({ ...GOOD, ...input })
  if (!judged.ok) throw new Error(JSON.stringify(judged.error))
  return judged.value
}

/** What is wrong, as `path: message`. */
function faults(input: Partial<CommentInput>): string[] {
  const judged = judgeComment({ ...GOOD, ...input })
  return judged.ok ? [] : judged.error.map(({ path, message }) => `${path}: ${message}`)
}

describe('an entry', () => {
  it('is published as it was written', () => {
    expect(judgeComment({ ...GOOD, website: 'https://example.com/ada' })).toEqual({
      ok: true,
      value: { ...GOOD, website: 'https://example.com/ada', status: 'published', reason: null },
    })
  })

  it('may be in any script', () => {
    const names = ['Зоя', '山田', 'عمر', 'דוד', 'नेहा', '👩‍👩‍👧', 'ᚠ', 'Z̈ö', '𝒜', '?', '7']
    for (const name of names) expect(accepted({ name, body: name })).toMatchObject({ body: name })
  })

  it('is told everything that is wrong with it at once, next to its field', () => {
    const judged = judgeComment({ name: ' ', body: 'a\u0000', website: 'javascript:alert(1)' })
    expect(judged).toEqual({
      ok: false,
      error: [
        { path: 'name', message: 'Your name is empty. Write something that can be seen.' },
        {
          path: 'body',
          message: 'Your message holds invisible control characters. Paste it again as plain text.',
        },
        {
          path: 'website',
          message: 'The website must be an address like https://example.com, or stay empty.',
        },
      ],
    })
  })

  it('is told of one field when the others are right', () => {
    expect(faults({ body: '' })).toEqual([expect.stringMatching(/^body: .+\.$/)])
    expect(faults({ website: 'x' })).toEqual([expect.stringMatching(/^website: .+\.$/)])
  })
})

describe('a length', () => {
  it.each([
    ['name', NAME_MAX, 80],
    ['body', BODY_MAX, 4_000],
    ['website', WEBSITE_MAX, 300],
  ])('of a %s is %i code points', (_, limit, expected) => {
    expect(limit).toBe(expected)
  })

  it.each([
    ['name', 'a', 80],
    ['name', EMOJI, 80],
    ['name', '𝒜', 80],
    ['name', 'e\u0301', 80],
    ['body', 'a', 4_000],
    ['body', EMOJI, 4_000],
  ] as const)('of a %s counts %s once: %i fit, one more does not', (path, char, max) => {
    expect(faults({ [path]: char.repeat(max) })).toEqual([])
    expect(faults({ [path]: char.repeat(max + 1) })).toEqual([
      expect.stringMatching(new RegExp(`^${path}: .* has ${max + 1} characters; up to ${max} fit`)),
    ])
  })

  it('that is far too much is counted the same', () => {
    expect(faults({ name: EMOJI.repeat(200) })).toEqual([
      'name: Your name has 200 characters; up to 80 fit.',
    ])
    expect(faults({ body: 'a'.repeat(100_000) })).toEqual([
      'body: Your message has 100000 characters; up to 4000 fit.',
    ])
  })

  it('does not count white space around', () => {
    expect(accepted({ name: ` ${'a'.repeat(80)} ` }).name).toHaveLength(80)
    expect(accepted({ body: `\n\n${'a'.repeat(4_000)}\n ` }).body).toHaveLength(4_000)
  })

  it('of a website counts what was typed', () => {
    const longest = `example.com/${'a'.repeat(288)}`
    expect(accepted({ website: longest }).website).toBe(`https://${longest}`)
    expect(faults({ website: `${longest}a` })).toEqual([
      'website: The website has 301 characters; up to 300 fit.',
    ])
  })
})

describe('characters', () => {
  it.each([
    ['NUL', '\u0000'],
    ['backspace', '\b'],
    ['escape', '\u001b'],
    ['delete', '\u007f'],
    ['next line', '\u0085'],
    ['a control of the second row', '\u009b'],
  ])('that control are refused: %s', (_, char) => {
    const fault = expect.stringContaining('invisible control characters')
    expect(faults({ name: `a${char}b` })).toEqual([fault])
    expect(faults({ body: `a${char}b` })).toEqual([fault])
    expect(faults({ website: `https://example.com/a${char}b` })).toEqual([fault])
  })

  it.each([
    '\u202a',
    '\u202b',
    '\u202c',
    '\u202d',
    '\u202e',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
  ])('that turn the direction of text are refused: %j', (char) => {
    const fault = expect.stringContaining('turn the direction of text')
    expect(faults({ name: `a${char}b` })).toEqual([fault])
    expect(faults({ body: `a${char}b` })).toEqual([fault])
    expect(faults({ website: `https://example.com/a${char}b` })).toEqual([fault])
  })

  it.each([
    ['high', '\ud83d'],
    ['low', '\ude00'],
    ['swapped', '\ude00\ud83d'],
  ])('of which half is missing are refused: %s', (_, char) => {
    const fault = expect.stringContaining('lone surrogate')
    expect(faults({ name: `a${char}b` })).toEqual([fault])
    expect(faults({ body: `a${char}b` })).toEqual([fault])
    expect(faults({ website: `https://example.com/${char}` })).toEqual([fault])
  })

  it.each([
    ['left-to-right and right-to-left marks', 'a\u200eb\u200fc\u061cd'],
    ['joiners', '👨‍👩‍👧 ن‌ه'],
    ['variation selectors', '❤️'],
    ['tags of flags', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'],
    ['markup, which is only text here', '<script>alert(1)</script> & "quotes"'],
    ['a tab in the words', 'a\tb'],
  ])('that text needs are kept: %s', (_, body) => {
    expect(accepted({ body }).body).toBe(body)
  })
})

describe('blank text', () => {
  it.each([
    ['nothing', ''],
    ['spaces', '   '],
    ['line ends and tabs', '\r\n\t\n'],
    ['a space that does not break', '\u00a0'],
    ['a wide space', '\u3000'],
    ['a line separator', '\u2028'],
    ['a byte order mark', '\ufeff'],
    ['a zero-width space', '\u200b'],
    ['zero-width joiners', '\u200c\u200d\u2060'],
    ['a soft hyphen', '\u00ad'],
    ['a Hangul filler', '\u3164'],
    ['a half-width Hangul filler', '\uffa0'],
    ['Hangul jamo fillers', '\u115f\u1160'],
    ['a blank in Braille', '\u2800'],
    ['a variation selector', '\ufe0f'],
    ['a tag', '\u{e0061}'],
    ['a mark with nothing to stand on', '\u0301'],
    ['a character for private use', '\ue000'],
    ['a mixture', ' \u3164\u200b\u2800\ufeff '],
  ])('is refused: %s', (_, text) => {
    const fault = expect.stringContaining('is empty. Write something that can be seen.')
    expect(faults({ name: text })).toEqual([fault])
    expect(faults({ body: text })).toEqual([fault])
  })

  it('is no longer blank with one character that leaves ink', () => {
    for (const ink of ['a', '7', '.', '+', '🎉', '한', '⠁']) {
      expect(faults({ name: `\u3164${ink}\u200b` })).toEqual([])
    }
  })
})

describe('what is right comes back cleaned', () => {
  it.each([
    ['in composed form', 'Zoe\u0308', 'Zo\u00eb'],
    ['in composed form, Hangul', '\u1112\u1161\u11ab', '\ud55c'],
    ['not folded to what it only looks like', 'ﬁ ①', 'ﬁ ①'],
    ['trimmed', ' \t Ada \n', 'Ada'],
    ['trimmed of wide spaces', '\u3000Ada\u00a0\ufeff', 'Ada'],
    ['on one line', 'Ada\r\nLovelace', 'Ada Lovelace'],
    ['with one space', 'Ada \t\f\v\n  Lovelace', 'Ada Lovelace'],
  ])('a name is %s', (_, name, expected) => {
    expect(accepted({ name }).name).toBe(expected)
  })

  it.each([
    ['in composed form', 'cafe\u0301', 'caf\u00e9'],
    ['with line feeds for CRLF', 'a\r\nb\r\nc', 'a\nb\nc'],
    ['with line feeds for CR', 'a\rb', 'a\nb'],
    ['with line feeds for a mixture', 'a\n\r\nb\r\rc', 'a\n\nb\n\nc'],
    ['with one blank line', 'a\n\n\n\n\nb', 'a\n\nb'],
    ['with one blank line for CRLF', 'a\r\n\r\n\r\n\r\nb', 'a\n\nb'],
    ['with one blank line where lines hold spaces', 'a\n \n\t\n  \nb', 'a\n\nb'],
    ['without spaces at the ends of lines', 'a  \nb\t\nc', 'a\nb\nc'],
    ['with spaces at the beginnings of lines', 'a\n  b', 'a\n  b'],
    ['with spaces inside', 'a  b', 'a  b'],
    ['trimmed', '\n\n  a\n\n', 'a'],
  ])('a message is %s', (_, body, expected) => {
    expect(accepted({ body }).body).toBe(expected)
  })
})

describe('links', () => {
  it('may be two, as an owner of a page would say', () => {
    expect(LINKS_MAX).toBe(2)
  })

  it.each([
    [0, 'no link', 'published'],
    [1, 'https://a.example', 'published'],
    [2, 'http://a.example and https://b.example', 'published'],
    [2, 'https://www.a.example and https://www.b.example', 'published'],
    [2, 'www.a.example and www.b.example', 'published'],
    [2, '<a href="https://a.example">https://a.example</a>', 'published'],
    [3, 'http://a.example http://b.example http://c.example', 'held'],
    [3, 'https://www.a.example https://www.b.example https://www.c.example', 'held'],
    [3, 'HTTP://A.EXAMPLE Https://b.example WWW.c.example', 'held'],
    [3, 'https://a.examplehttps://b.examplehttps://c.example', 'held'],
    [3, '[url=http://a.example]x[/url] http://b.example\nwww.c.example', 'held'],
    [2, 'ftp://a.example http: https http//b www https://c.example www.d.example', 'published'],
  ])('%i of them: %s is %s', (_, body, status) => {
    const reason = status === 'held' ? 'links' : null
    expect(accepted({ body })).toMatchObject({ status, reason })
  })

  it('in the name or the website do not count', () => {
    const name = 'http://a www.b www.c'
    expect(accepted({ name, website: 'https://example.com/' }).status).toBe('published')
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
  ])('%j becomes %j', (website, expected) => {
    expect(accepted({ website }).website).toBe(expected)
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
  ])('%j is refused', (website) => {
    expect(faults({ website })).toEqual([
      'website: The website must be an address like https://example.com, or stay empty.',
    ])
  })

  it('that is accepted is an http or https address with a dotted host, without credentials', () => {
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

  it('that is accepted is judged the same again', () => {
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

  it('that is accepted is composed, well formed, trimmed, and has no more than one blank line', () => {
    fc.assert(
      fc.property(text, text, (name, body) => {
        const judged = judgeComment({ name, body })
        if (!judged.ok) return
        for (const kept of [judged.value.name, judged.value.body]) {
          expect(kept).toBe(kept.normalize('NFC').trim())
          expect(kept.isWellFormed()).toBe(true)
        }
        expect(judged.value.name).not.toMatch(/[\r\n\t]| {2}/)
        expect(judged.value.body).not.toMatch(/\r|\n\n\n|[ \t]\n/)
      }),
      { numRuns: 3_000 }
    )
  })

  it('is answered, never thrown at', () => {
    fc.assert(
      fc.property(text, text, fc.option(text), (name, body, website) => {
        const judged = judgeComment({ name, body, website })
        if (!judged.ok) expect(judged.error.length).toBeGreaterThan(0)
      }),
      { numRuns: 2_000 }
    )
  })
})
