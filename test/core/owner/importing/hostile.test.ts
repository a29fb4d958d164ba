import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileError } from '../../../../browser/import'
import { markedTime, withoutMarked } from '../../../../browser/import/html/marks'
import { endOfBlock } from '../../../../browser/import/html/pieces'
import { htmlToText } from '../../../../browser/import/html/text'
import { MAX_FOUND, MAX_RECORD } from '../../../../browser/import/records'
import { parseTime } from '../../../../browser/import/times'
import { type Bytes, utf8 } from '../../../../src/kit/lib/bytes'
import { MAX_FILE_BYTES } from '../../../../src/owner/rules/importing/limits'
import { IMPORT_FORMATS, type ImportFormat, MAX_LINE_BYTES } from '../../../../src/owner/rules/importing/records'
import { entriesOf, NOW, read } from './read'

/** @returns the names of the entries, and why others are skipped. @throws Error for a line that is too long */
async function readAll(file: string | Bytes, format: ImportFormat) {
  const given = await read(file, format)
  expect(given.lines.filter((line) => utf8(line).length > MAX_LINE_BYTES)).toEqual([])
  const { entries, skipped } = entriesOf(given)
  expect(entries.filter(({ body }) => [...String(body)].length > 4_000)).toEqual([])
  return { names: entries.map(({ name }) => name), skipped: skipped.map(({ reason }) => reason) }
}

it('a text that is nearly a tag is read at once', () => {
  const text = `<a${' x= y'.repeat(60)}<`
  expect(htmlToText(text, { keepsLines: true, markup: false })).toBe(text)
  expect(
    htmlToText('<a href="https://a.example"target="_blank">here</a>', { keepsLines: true, markup: false })
  ).toContain('here')
  expect(htmlToText('<b class="x"id="y">bold</b>', { keepsLines: true, markup: false })).toBe('bold')
})

/** @returns the code of the error. @throws Error if the file is read */
async function refusal(file: string | Bytes, format?: ImportFormat): Promise<string> {
  const error = await read(file, format).catch((cause: unknown) => cause)
  if (error instanceof FileError) return error.code
  throw new Error('The file was not refused.')
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Bytes> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Uint8Array(await new Response(packed).arrayBuffer())
}

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
  it.each(IMPORT_FORMATS)('is read to its end as %s, without an exception', async (format) => {
    await fc.assert(
      fc.asyncProperty(files, fc.uint8Array({ maxLength: 20 }), async (pieces, tail) => {
        const bytes = new Uint8Array([...utf8(pieces.join('')), ...tail])
        const first = await readAll(bytes, format).catch(notOurs)
        expect(await readAll(bytes, format).catch(notOurs)).toEqual(first)
      }),
      { numRuns: 100 }
    )
  })
})

function notOurs(cause: unknown): string {
  if (cause instanceof FileError) return cause.code
  throw cause
}

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
  'attributes without an end': `text\n"${'<a b="" c= '.repeat(5_000)}"\n`,
  'quotes that begin tags': `[{"text":"${`<a x='<a y=\\"`.repeat(5_000)}"}]`,
  'code that does not end': `[{"text":"${Array.from({ length: 300 }, (_, i) => '`'.repeat(i)).join(' ')}"}]`,
  'blank lines': `name: a\nmessage: |\n${'\n'.repeat(300_000)}`,
  'spaces before line breaks': `<hr>${'<td>'.repeat(3_000)}\n<hr>`,
  'dates in every line': `<hr>${'1998-03-10<br>'.repeat(1_100)}<hr>`,
  'mail links that are not closed': `<hr>${'<a mailto:'.repeat(1_500)}<hr>`,
  'bold words that are not closed': `<hr>${'<b>   '.repeat(2_500)}<hr>`,
  'combining characters': `[{"text":"a${'\u0301'.repeat(30_000)}"}]`,
}

describe('a file that is built to cost time', () => {
  it.each(Object.entries(HOSTILE))('%s: is read in any format', async (_, file) => {
    for (const format of IMPORT_FORMATS) {
      const { names, skipped } = await readAll(file, format)
      expect(names.length + skipped.length).toBeLessThanOrEqual(MAX_FOUND + 1)
    }
  })

  it('is read up to its first 100,000 comments', async () => {
    const { lines, skipped } = await read(`name,message\n${'a,b\n'.repeat(MAX_FOUND + 2)}`)
    expect([lines.length, skipped]).toEqual([MAX_FOUND + 1, { rest_not_read: 1 }])
  })

  it('may end many blocks that are not open, while many others are', { timeout: 10_000 }, () => {
    const html = `<hr>${'<div>'.repeat(150_000)}${'</ul>'.repeat(150_000)}`
    expect(endOfBlock(html, 'hr')).toBe(html.length)
    expect(endOfBlock(`<div>${'<li>x'.repeat(150_000)}</div></ul>`, 'hr')).toBe(5 + 5 * 150_000 + '</div>'.length)
  })

  it('may have many elements for a date in each other', { timeout: 10_000 }, () => {
    const html = `${'<time>'.repeat(60)}x </time>`.repeat(10_000)
    expect(markedTime(html, NOW)).toBeNull()
    expect(withoutMarked(html, 'x').length).toBeGreaterThan(html.length / 2)
  })

  it('expands no entities that a document defines, and no aliases', async () => {
    const defined = `<!DOCTYPE disqus [<!ENTITY a "${'lol'.repeat(100)}"><!ENTITY b "&a;&a;">]>`
    const post = '<post dsq:id="1"><message>x &b; y</message><author><name>a</name></author></post>'
    const { entries } = entriesOf(await read(`${defined}<disqus>${post}</disqus>`))
    expect(entries.map(({ body }) => body)).toEqual(['x &b; y'])
    const lists = Array.from({ length: 30 }, (_, i) => `k${i}: &k${i} [${i > 0 ? `*k${i - 1},*k${i - 1}` : 'x'}]`)
    const bomb = await readAll(`${lists.join('\n')}\nname: Ada\nmessage: hello\n`, 'staticman')
    expect(bomb).toEqual({ names: ['Ada'], skipped: [] })
  })

  it('is read up to where its elements are nested too deeply', async () => {
    const good = '<post dsq:id="1"><message>x</message><author><name>First</name></author></post>'
    const deep = `<disqus>${good}${'<a>'.repeat(1_000_000)}`
    expect(await readAll(deep, 'disqus')).toEqual({ names: ['First'], skipped: ['rest_not_read'] })
  })

  it('has no names that belong to objects', async () => {
    const people = '{"commenterHex":"__proto__","name":"Evil","isModerator":true}'
    const file = `{"comments":[{"commentHex":"1","commenterHex":"constructor","markdown":"x"}],"commenters":[${people}]}`
    expect((await readAll(file, 'commento')).names).toEqual(['Anonymous'])
    expect((await readAll('name: Ada\nmessage: x\n__proto__: y\n', 'staticman')).names).toEqual(['Ada'])
    expect(({} as Record<string, unknown>).isModerator).toBeUndefined()
  })
})

describe('a file that cannot be read', () => {
  it.each([
    ['nothing', '', 'empty_file'],
    ['an archive', 'PK\u0003\u0004', 'zip_file'],
    ['anything', 'just words', 'unknown_format'],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x3c, 0]), 'not_utf8'],
    ['broken gzip', new Uint8Array([0x1f, 0x8b, 8, 1, 2, 3]), 'not_gzip'],
    ['the database of Isso', 'SQLite format 3\0CREATE TABLE comments (tid, remote_addr)', 'sqlite_database'],
  ])('is refused with a reason: %s', async (_, file, code) => {
    expect(await refusal(file)).toBe(code)
  })

  it('names the command that reads a database, also if it is packed or a format was chosen', async () => {
    const database = utf8('SQLite format 3\0CREATE TABLE comments (tid, remote_addr)')
    expect(await refusal(await gzip(database), 'isso')).toBe('sqlite_database')
    await expect(read(database, 'isso')).rejects.toThrow('sqlite3 -json comments.db')
  })

  it('is refused if it is larger than the limit, also after unpacking', async () => {
    const zeros = new Uint8Array(MAX_FILE_BYTES + 1)
    expect(await refusal(zeros, 'csv')).toBe('too_large')
    const bomb = await gzip(zeros)
    expect(bomb.length).toBeLessThan(100_000)
    expect(await refusal(bomb, 'csv')).toBe('too_large')
  })
})

describe('an encoding', () => {
  const csv = 'name,message\nZo\u00eb,caf\u00e9\n'

  it('is UTF-8 with or without a mark, packed or not', async () => {
    for (const file of [csv, `\ufeff${csv}`, await gzip(utf8(csv))])
      expect(entriesOf(await read(file)).entries).toMatchObject([{ name: 'Zo\u00eb', body: 'caf\u00e9' }])
  })

  it('is Windows-1252 in the lines that are not valid UTF-8', async () => {
    const latin = Uint8Array.from('name,message\nZo\u00eb,caf\u00e9 \u0080\n', (char) => char.charCodeAt(0))
    const both = new Uint8Array([...latin, ...utf8('Zo\u00eb,\u65e5\n')])
    const { entries } = entriesOf(await read(both))
    expect(entries).toMatchObject([
      { name: 'Zo\u00eb', body: 'caf\u00e9 \u20ac' },
      { name: 'Zo\u00eb', body: '\u65e5' },
    ])
  })
})

describe('a record that is too long', () => {
  it.each([
    ['disqus', `<post dsq:id="1"><message>${'x'.repeat(MAX_RECORD * 4)}</message></post>`],
    ['wordpress', `<wp:comment><wp:comment_content>${'x'.repeat(MAX_RECORD * 4)}</wp:comment_content></wp:comment>`],
    ['remark42', `{"id":"1","text":"${'x'.repeat(MAX_RECORD * 4)}"}\n`],
    ['csv', `${'x'.repeat(MAX_RECORD * 4)}\n`],
    ['isso', `[{"id":1,"text":"${'x'.repeat(MAX_RECORD * 4)}"},`],
    ['staticman', `_id: 1\nmessage: ${'x'.repeat(MAX_RECORD * 4)}\n`],
  ] as const)('is skipped, and what follows it is read: %s', async (format, long) => {
    const next = {
      disqus: '<post dsq:id="2"><message>y</message><author><name>Next</name></author></post>',
      wordpress:
        '<wp:comment><wp:comment_id>2</wp:comment_id><wp:comment_author>Next</wp:comment_author><wp:comment_content>y</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment>',
      remark42: '{"id":"2","text":"y","user":{"name":"Next"}}\n',
      csv: 'Next,y\n',
      isso: '{"id":2,"text":"y","author":"Next"}]',
      staticman: '_id: 2\nname: Next\nmessage: y\n',
    }[format]
    const head = format === 'csv' ? 'name,message\n' : ''
    const { names, skipped } = await readAll(head + long + next, format)
    expect(names).toEqual(['Next'])
    expect(skipped).toEqual(['too_large'])
  })
})

describe('a file that ends too early', () => {
  it.each([
    ['isso', 'rest_not_read', '[{"id":1,"text":"x","author":"First"},{"id":2,"te'],
    ['csv', 'rest_not_read', 'name,message\nFirst,x\n"Second,y\nThird,z\n'],
    [
      'disqus',
      'not_understood',
      '<post dsq:id="1"><message>x</message><author><name>First</name></author></post><post><mess',
    ],
  ] as const)('is read up to there, and the report says so: %s, %s', async (format, reason, file) => {
    expect(await readAll(file, format)).toEqual({ names: ['First'], skipped: [reason] })
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
    expect(text('https://a.example/?a=1&copy=2 &copy; 3')).toBe('https://a.example/?a=1&copy=2 © 3')
  })

  it('keeps what only looks like a tag, and quotes', () => {
    const lines = (html: string) => htmlToText(html, { keepsLines: true, markup: true })
    expect(lines('1 < 2, <3 and <foo>')).toBe('1 < 2, <3 and <foo>')
    expect(lines('<blockquote>one\ntwo</blockquote>three').trim()).toBe('> one\n> two\n\nthree')
    expect(lines('<b>x</b> <i>y</i>')).toBe('**x** *y*')
  })

  it.each([
    'Use `<title>` in head. Then more text here.',
    'Use the <select> element, it rocks.',
    'if (a<b && c>d) ok',
    'I <b',
    'half a comment <!-- is',
    '<!DOCTYPE html> comes first',
    '``a ` <b>`` and `<i>`',
    '```html\n<style>\n\n<b>x</b>\n```\nso',
  ])('keeps what people write about tags: %j', (text) => {
    expect(htmlToText(text, { keepsLines: true, markup: false })).toBe(text)
  })

  it('leaves out tags as other systems write them', () => {
    const lines = (html: string) => htmlToText(html, { keepsLines: true, markup: false })
    expect(lines('<!-- wp:code --><script>x</script>a<br/>b<br />c</b >')).toBe('a\nb\nc')
    expect(
      lines('it`s <font color=#ff0000 SIZE = "2">red</font>\nthat`s <a href=\'https://a.example/?a=1&b=2\'>x</a>')
    ).toBe('it`s red\nthat`s x (https://a.example/?a=1&b=2)')
  })

  it('keeps the lines of what was written with them', () => {
    const text = (html: string) => htmlToText(html, { keepsLines: false, markup: true }).trim()
    expect(text('<p>See\n  <code>x</code>:</p><pre><code>a\n  b</code></pre><p>c\n  d</p>')).toBe(
      'See `x`:\n\n\n\na\n  b\n\n\n\nc d'
    )
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
    ['2021-05-04 10:11:12+02', '2021-05-04T08:11:12.000Z'],
    ['2021-05-04 10:11:12.345-03:30', '2021-05-04T13:41:12.345Z'],
    ['2021-05-04 10:11:12 GMT+0200', '2021-05-04T08:11:12.000Z'],
    ['2021-05-04 10:11-12 people came', '2021-05-04T10:11:00.000Z'],
    ['Sat Mar 04 2000 13:05:06 GMT+0200 (CEST)', '2000-03-04T11:05:06.000Z'],
    ['Sat 4 Mar 2000 13:05:06 GMT-0030', '2000-03-04T13:35:06.000Z'],
    ['4 Mar 2000, 13:05 (GMT+1)', '2000-03-04T12:05:00.000Z'],
    ['4 Mar 2000 13:05:06 -0030', '2000-03-04T13:35:06.000Z'],
    ['2021/05/04', '2021-05-04T00:00:00.000Z'],
    ['1999/12/31 2:20 PM', '1999-12-31T14:20:00.000Z'],
    ['2004.5.1', '2004-05-01T00:00:00.000Z'],
    ['04-Mar-98', '1998-03-04T00:00:00.000Z'],
    ['04/Mar/1998:13:05:06 +0100', '1998-03-04T12:05:06.000Z'],
    ['20040312153000', '2004-03-12T15:30:00.000Z'],
    ['20040312', '2004-03-12T00:00:00.000Z'],
    ['20040312T153000Z', '2004-03-12T15:30:00.000Z'],
    ['1er mai 1998', '1998-05-01T00:00:00.000Z'],
    ['20041312153000', null],
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
