import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlToText } from '../../../src/core/importing/html-text'
import { MAX_RECORD_BYTES, readPart } from '../../../src/core/importing/read-part'
import { IMPORT_FORMATS, type ImportFormat, type ParserState } from '../../../src/core/importing/records'
import { parseTime } from '../../../src/core/importing/times'
import { toEntry } from '../../../src/core/importing/to-entry'

const NOW = Date.UTC(2026, 0)
/** What three chunks hold. */
const WINDOW = 225_000

/** Reads a file as a job does. @returns how many steps it took, and what was found. @throws Error without progress */
function readAll(format: ImportFormat, bytes: Uint8Array, window = WINDOW) {
  const names: string[] = []
  const skipped: string[] = []
  let state: ParserState = {}
  let position = 0
  for (let steps = 1; ; steps++) {
    const isEnd = position + window >= bytes.length
    const part = { bytes: bytes.subarray(position, position + window), position, isEnd, state, now: NOW }
    const read = readPart(format, part)
    expect(read.found.length).toBeLessThanOrEqual(201)
    for (const one of read.found) {
      if ('skip' in one) {
        skipped.push(one.skip)
        continue
      }
      const entry = toEntry(one.record, one.record.time ?? 0, { markup: true, now: NOW })
      if (!entry.ok) skipped.push(entry.error)
      else {
        expect([...entry.value.body].length).toBeLessThanOrEqual(4_000)
        names.push(entry.value.name)
      }
    }
    if (read.isDone) return { steps, names, skipped }
    const isSecondPass = read.state.isSecondPass && !state.isSecondPass
    // Whatever a part contains, the next one starts behind it, or there are more records in the same place.
    if (!isSecondPass) expect(read.position).toBeGreaterThan(position)
    position = read.position
    state = JSON.parse(JSON.stringify(read.state))
    expect(JSON.stringify(state).length).toBeLessThan(500_000)
  }
}

const utf8 = (text: string) => new TextEncoder().encode(text)

/** Pieces of all formats, in any order, so that brackets, quotes and tags are open, closed and nested wrongly. */
const PIECES = [
  '<post dsq:id="1">',
  '</post>',
  '<message>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<wp:comment>',
  '</wp:comment>',
  '<wp:comment_content>',
  '<hr>',
  '<a href="http://a.example">',
  '</a>',
  '<blockquote>',
  '</blockquote>',
  '<b>Name:</b> x<br>',
  '&lt;',
  '&#x10ffff;',
  '[',
  ']',
  '{',
  '}',
  '"',
  '\\',
  '"comments":',
  ',',
  ';',
  '\n',
  '---\n',
  'name: &a *a\n',
  'message: |\n  x\n',
  'a,b,message\n',
  '{"type":"entry","body":"x"}\n',
  '{"commenters":[{"commenterHex":"a"}]}',
  'ÿ',
  '\u202e',
  '1998-03-10',
  'x',
]
const files = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })), { maxLength: 60 })

describe('any file', () => {
  it.each(IMPORT_FORMATS)('is read to its end as %s, without an exception', (format) => {
    void fc.assert(
      fc.property(files, fc.uint8Array({ maxLength: 20 }), (pieces, tail) => {
        const bytes = new Uint8Array([...utf8(pieces.join('')), ...tail])
        readAll(format, bytes)
        expect(readAll(format, bytes).names).toEqual(readAll(format, bytes).names)
      }),
      { numRuns: 150 }
    )
  })
})

/** Files that are built to cost time, or to become large. */
const HOSTILE: Record<string, string> = {
  'entities that contain entities': `<!DOCTYPE disqus [<!ENTITY a "${'lol'.repeat(100)}"><!ENTITY b "&a;&a;&a;">]><disqus><post dsq:id="1"><message>&b;&b;</message><author><name>a</name></author></post></disqus>`,
  'a record that never ends': `<post dsq:id="1"><message>${'x'.repeat(400_000)}`,
  'a section that never ends': `<post dsq:id="1"><message><![CDATA[${'x'.repeat(400_000)}`,
  'tags that are nested deeply': `<post dsq:id="1">${'<a>'.repeat(20_000)}</post>`,
  'a tag that is not closed, many times': `<post dsq:id="1"><message><![CDATA[${'<a '.repeat(20_000)}]]></message></post>`,
  'an attribute without an end': `<post dsq:id="1"><message><![CDATA[${'<a href="'.repeat(6_000)}]]></message></post>`,
  'quotes in quotes': `<post dsq:id="1"><message><![CDATA[${'<blockquote>x\n'.repeat(3_000)}${'</blockquote>'.repeat(1_000)}]]></message></post>`,
  'brackets that are nested deeply': '[{"a":'.repeat(50_000),
  'an object that never ends': `[{"text":"${'x'.repeat(400_000)}`,
  'names without values': `[${'{"a":1},'.repeat(5_000)}]`,
  'a quote that never ends': `name,message\n"${'x'.repeat(300_000)}\n${'x\n'.repeat(5_000)}`,
  'blank lines': `name: a\nmessage: |\n${'\n'.repeat(300_000)}`,
  'spaces before line breaks': `<hr>${'<td>'.repeat(3_000)}\n<hr>`,
  'dates in every line': `<hr>${'1998-03-10<br>'.repeat(1_100)}<hr>`,
  'mail links that are not closed': `<hr>${'<a mailto:'.repeat(1_500)}<hr>`,
  'bold words that are not closed': `<hr>${'<b>   '.repeat(2_500)}<hr>`,
  'combining characters': `[{"text":"a${'\u0301'.repeat(30_000)}"}]`,
}

describe('a file that is built to cost time', () => {
  it.each(Object.entries(HOSTILE))('%s: is read in a few steps, in any format', (_, file) => {
    const bytes = utf8(file)
    for (const format of IMPORT_FORMATS) {
      const { steps } = readAll(format, bytes)
      expect(steps).toBeLessThanOrEqual(10 + 2 * Math.ceil(file.length / 200))
    }
  })

  it('has no names that belong to objects', () => {
    const people = '{"commenterHex":"__proto__","name":"Evil","isModerator":true}'
    const file = `{"comments":[{"commentHex":"1","commenterHex":"constructor","markdown":"x"}],"commenters":[${people}]}`
    expect(readAll('commento', utf8(file)).names).toEqual(['Anonymous'])
    expect(({} as Record<string, unknown>).isModerator).toBeUndefined()
  })
})

describe('a record that is too long', () => {
  it.each([
    ['disqus', `<post dsq:id="1"><message>${'x'.repeat(MAX_RECORD_BYTES * 4)}</message></post>`],
    [
      'wordpress',
      `<wp:comment><wp:comment_content>${'x'.repeat(MAX_RECORD_BYTES * 4)}</wp:comment_content></wp:comment>`,
    ],
    ['remark42', `{"id":"1","text":"${'x'.repeat(MAX_RECORD_BYTES * 4)}"}\n`],
    ['csv', `${'x'.repeat(MAX_RECORD_BYTES * 4)}\n`],
  ] as const)('is skipped, and what follows it is read: %s', (format, long) => {
    const next = {
      disqus: '<post dsq:id="2"><message>y</message><author><name>Next</name></author></post>',
      wordpress:
        '<wp:comment><wp:comment_id>2</wp:comment_id><wp:comment_author>Next</wp:comment_author><wp:comment_content>y</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment>',
      remark42: '{"id":"2","text":"y","user":{"name":"Next"}}\n',
      csv: 'Next,y\n',
    }[format]
    const head = format === 'csv' ? 'name,message\n' : ''
    const { names, skipped } = readAll(format, utf8(head + long + next))
    expect(names).toEqual(['Next'])
    expect(skipped.length).toBe(1)
  })
})

describe('the text of an entry', () => {
  it('never contains a tag of HTML that was one before', () => {
    expect(
      htmlToText('a<script>alert(1)</script>b<style>x</style><IMG SRC=x onerror=y alt="pic">', {
        keepsLines: false,
        markup: false,
      })
    ).toBe('abpic')
  })

  it('names an address once, and only addresses of the web', () => {
    const text = (html: string) => htmlToText(html, { keepsLines: false, markup: false })
    expect(text('<a href="https://a.example/">https://a.example</a>')).toBe('https://a.example/')
    expect(text('<a href="https://a.example/">words</a>')).toBe('words (https://a.example/)')
    expect(text('<a href="javascript:alert(1)">words</a>')).toBe('words')
    expect(text('<a href="mailto:a@b.example">write me</a>')).toBe('write me')
  })

  it('keeps what only looks like a tag, and quotes', () => {
    const lines = (html: string) => htmlToText(html, { keepsLines: true, markup: true })
    expect(lines('1 < 2, <3 and <foo>')).toBe('1 < 2, <3 and <foo>')
    expect(lines('<blockquote>one\ntwo</blockquote>three').trim()).toBe('> one\n> two\n\nthree')
    expect(lines('<b>x</b> <i>y</i>')).toBe('**x** *y*')
  })
})

describe('a time', () => {
  const iso = (text: unknown) => {
    const at = parseTime(text, NOW)
    return at === null ? null : new Date(at).toISOString()
  }

  it.each([
    ['2011-08-31T15:16:29Z', '2011-08-31T15:16:29.000Z'],
    ['2021-10-28 20:50:15.123456 +0800 CST m=+0.1', '2021-10-28T12:50:15.123Z'],
    ['2010-07-20 12:08:08', '2010-07-20T12:08:08.000Z'],
    [1412098263.84, '2014-09-30T17:31:03.840Z'],
    ['1471630434000', '2016-08-19T18:13:54.000Z'],
    ['Tuesday, March 10, 1998 at 2:20:11 PM', '1998-03-10T14:20:11.000Z'],
    ['Tue, 10 Mar 1998 14:20:11 +0100', '1998-03-10T13:20:11.000Z'],
    ['Tue Mar 10 14:20:11 CET 1998', '1998-03-10T14:20:11.000Z'],
    ['3. März 1999', '1999-03-03T00:00:00.000Z'],
    ['le 1 août 2000', '2000-08-01T00:00:00.000Z'],
    ['12 de outubro de 2001', '2001-10-12T00:00:00.000Z'],
    ['03/10/98', '1998-03-10T00:00:00.000Z'],
    ['25/12/98', '1998-12-25T00:00:00.000Z'],
    ['24.12.1999 18:00', '1999-12-24T18:00:00.000Z'],
    ['2011-02-31', null],
    ['31/31/98', null],
    ['0001-01-01T00:00:00Z', null],
    ['2999-01-01', null],
    ['no date, May I add', null],
    ['', null],
    [null, null],
  ])('%s is read as %s', (text, expected) => {
    expect(iso(text)).toBe(expected)
  })

  it('is always null or between 1991 and now', () => {
    void fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double(), fc.date({ noInvalidDate: true }).map(String)), (text) => {
        const at = parseTime(text, NOW)
        expect(at === null || (at >= Date.UTC(1991, 0) && at <= NOW && Number.isInteger(at))).toBe(true)
      })
    )
  })
})
