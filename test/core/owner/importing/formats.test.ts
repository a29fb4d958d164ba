import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readFile, toPages } from '../../../../browser/import'
import { LONGEST } from '../../../../browser/import/lines'
import { BODY_MAX, GUEST_NAME_MAX } from '../../../../src/guestbook/rules/entries/entry-content'
import { utf8 } from '../../../../src/kit/lib/bytes'
import type { ImportFormat } from '../../../../src/owner/rules/importing/records'
import { entriesOf, NOW, read } from './read'

const FOLDER = join(import.meta.dirname, '../../../fixtures/imports')

const sum = (counts: object) => Object.values(counts).reduce((all, count) => all + count, 0)

const FILES: Record<string, ImportFormat> = {
  'disqus.xml': 'disqus',
  'wordpress.xml': 'wordpress',
  'isso.json': 'isso',
  'isso.csv': 'isso',
  'remark42.json': 'remark42',
  'artalk.json': 'artalk',
  'waline.json': 'waline',
  'cusdis.json': 'cusdis',
  'commento.json': 'commento',
  'staticman.yml': 'staticman',
  'staticman.json': 'staticman',
  'guestbook.csv': 'csv',
  'guestbook.html': 'html',
}

describe('the status of a row', () => {
  const statusesOf = async (text: string, format?: ImportFormat) => {
    const { lines, skipped } = await readFile(utf8(text), { format, markup: false, now: NOW })
    return [lines.map((line) => JSON.parse(line).status ?? JSON.parse(line).reason), skipped] as const
  }

  it('is that of PostgreSQL, which writes t and f', async () => {
    const csv = 'name,text,date,approved\nA,x,2020-01-01,f\nB,y,2020-01-02,t\n'
    expect((await statusesOf(csv))[0]).toEqual(['held', 'published'])
    const cusdis = 'id,by_nickname,content,"createdAt","deletedAt",approved\n1,A,x,2020-01-01,,f\n2,B,y,2020-01-02,,t\n'
    expect((await statusesOf(cusdis))[0]).toEqual(['held', 'published'])
  })

  it('is that of the table of WordPress', async () => {
    const head = 'comment_id,comment_author,comment_content,comment_date,comment_approved,comment_parent'
    const rows = ['0', '1', 'spam', 'trash'].map(
      (approved, i) => `${i + 1},A${i},text ${i},2020-01-0${i + 1},${approved},0`
    )
    const [statuses] = await statusesOf([head, ...rows, ''].join('\n'), 'csv')
    expect(statuses).toEqual(['held', 'published', expect.stringMatching(/spam/), 'deleted'])
  })
})

it('a format that does not exist is refused', async () => {
  const options = { format: 'wordpres' as ImportFormat, markup: false, now: NOW }
  await expect(readFile(utf8('name,message\nA,b\n'), options)).rejects.toThrow('wordpres')
})

describe('the format of a file', () => {
  const ENTRY = '{"type":"entry","id":"1","name":"Ada","body":"<b>Hello</b> <wp:x>"}'

  it.each<[ImportFormat, string]>([
    ['csv', 'name,message\nAda,<b>Hello</b>\n'],
    ['csv', '"Message";"Author"\r\n"<p>Hello</p>";"Ada"\r\n'],
    ['csv', 'date\tname\ttext\n1998-03-10\tAda\t<hr>x\n'],
    ['staticman', '_id: 1\nname: Ada\nmessage: <p>Hello</p>\n'],
    ['staticman', '[{"_id":"1","name":"Ada","message":"<p>Hello</p>"}]'],
    ['html', 'Sign our book, leave your name, and a text\n<hr>Name: Ada<br>Date: 1998-03-10<br>Message: x'],
    ['guesthook', ENTRY],
    ['guesthook', `{"type":"import_record","id":"x"}\n${ENTRY}`],
    ['guesthook', `{"type":"picture","content":"${'A'.repeat(65_000)}"}\n${ENTRY}`],
    ['staticman', '{"type":"comment","_id":"1","name":"Ada","message":"<b>Hi</b>"}'],
    ['waline', '{"type":"waline","tables":["Comment"],"data":{"Comment":[{"comment":"<b>x</b>","insertedAt":1}]}}'],
  ])('is known although its texts have tags: %s', async (format, text) => {
    const file = await read(text)
    expect([file.format, file.entries, file.skipped.too_large]).toEqual([format, 1, undefined])
  })
})

describe('what was not public elsewhere', () => {
  const STATUSES = ['', 'publish', 'Private', 'draft', 'rejected', 'unpublished', 'junk', 'blocked', 'hidden']

  /** @returns the status of each entry, or why it is skipped */
  const resultsOf = async (text: string, format: ImportFormat) => {
    const { lines } = await read(text, format)
    return lines.map((line) => JSON.parse(line)).map(({ status, reason }) => status ?? reason)
  }

  it.each<[ImportFormat, string, (status: string) => string]>([
    ['csv', 'name,message,status\n', (status) => `A,x,${status}\n`],
    ['staticman', '', (status) => `---\nname: A\nmessage: x\nstatus: ${status}\n`],
  ])('waits for approval if its status is unknown: %s', async (format, head, row) => {
    const statuses = await resultsOf(head + STATUSES.map(row).join(''), format)
    expect(statuses).toEqual(['published', 'published', ...Array(6).fill('held'), 'hidden'])
  })

  it('is not known from the state where a guest lives', async () => {
    expect(await resultsOf('name,message,state\nA,x,private\n', 'csv')).toEqual(['held'])
    expect(await resultsOf('name,message,city,state\nA,x,Reno,Nevada\n', 'csv')).toEqual(['published'])
    // The first column of such a table counts its rows.
    expect(await resultsOf(',name,message,city\n0,A,x,Reno\n2,B,x,Reno\n', 'csv')).toEqual(['published', 'published'])
  })

  it.each<[ImportFormat, object, string]>([
    ['waline', { comment: 'x', status: 'approved' }, 'published'],
    ['waline', { comment: 'x', status: 'deleted' }, 'deleted'],
    ['waline', { comment: 'x', status: 'other' }, 'held'],
    ['isso', { text: 'x', mode: 1 }, 'published'],
    ['isso', { text: 'x', mode: 2 }, 'held'],
    ['isso', { text: 'x', mode: 8 }, 'held'],
    ['csv', { comment_content: 'x', comment_approved: 1, comment_type: 'order_note' }, 'not_a_comment'],
  ])('stays so in the file of %s: %j', async (format, fields, result) => {
    expect(await resultsOf(JSON.stringify([fields]), format)).toEqual([result])
  })

  it('is what WordPress has on pages that not everybody can see, or stores as a comment of another type', async () => {
    const comment = (type: string) =>
      `<wp:comment><wp:comment_content>x</wp:comment_content><wp:comment_approved>1</wp:comment_approved><wp:comment_type>${type}</wp:comment_type></wp:comment>`
    const item = (status: string, password: string, ...types: string[]) =>
      `<item><wp:status>${status}</wp:status>${password}${types.map(comment).join('')}</item>`
    const items = [
      item('private', '<wp:post_password></wp:post_password>', 'comment', 'order_note'),
      item('publish', '<wp:post_password/>', '', 'review', 'order_note', 'webmention'),
      item('draft', '', 'comment'),
      item('publish', '<wp:post_password><![CDATA[secret]]></wp:post_password>', 'comment'),
      item('publish', '<wp:post_password></wp:post_password>', 'comment'),
    ]
    expect(await resultsOf(`<rss>${items.join('')}</rss>`, 'wordpress')).toEqual([
      ...['held', 'not_a_comment'],
      ...['published', 'published', 'not_a_comment', 'not_a_comment'],
      ...['held', 'held', 'published'],
    ])
  })
})

describe('a file as another system writes it', () => {
  it('is in the list, like every file in the folder', () => {
    expect(Object.keys(FILES).toSorted()).toEqual(readdirSync(FOLDER).toSorted())
  })

  it.each(Object.entries(FILES))('%s is read', async (name, format) => {
    const file = await read(new Uint8Array(readFileSync(join(FOLDER, name))))
    const { entries, skipped } = entriesOf(file)
    expect({ entries, skipped: skipped.map(({ reason }) => reason) }).toMatchSnapshot()
    expect(file.format).toBe(format)
    expect(file.entries + sum(file.skipped)).toBe(entries.length + skipped.length)
    // Neither mail nor IP addresses leave the machine of the owner.
    expect(file.lines.join()).not.toMatch(/@(mail|sunny)\.example|203\.0\.113\.|198\.51\.100/)
  })
})

describe('what is sent', () => {
  it('is in parts of up to a megabyte, in the order of the file', async () => {
    const rows = Array.from({ length: 9_000 }, (_, i) => `Guest ${i},2001-01-01,${i} ${'é'.repeat(100)}`)
    const { lines } = await read(`name,date,message\n${rows.join('\n')}\n`)
    const pages = toPages(lines)
    expect(pages.length).toBeGreaterThan(2)
    for (const page of pages) expect(utf8(page).length).toBeLessThanOrEqual(1_000_000)
    expect(pages.join('')).toBe(`${lines.join('\n')}\n`)
    expect(toPages([])).toEqual([])
  })

  it('keeps the order of comments without a time, also across parts', async () => {
    const { lines } = await read('name,message\nAda,one\nBob,two\nCyd,three\n')
    const times = lines.map((line) => JSON.parse(line).created_at)
    expect(times).toEqual(times.toSorted().reverse())
    expect(new Set(times).size).toBe(3)
  })

  it('may have ids of any kind', async () => {
    const { lines } = await read(
      '{"type":"entry","id":{"toString":1,"valueOf":1},"name":"Ada","body":"Hello"}',
      'guesthook'
    )
    expect(lines).toHaveLength(1)
  })

  it('is as much of a text and a name as the guestbook looks at', () => {
    expect(LONGEST.text).toBeGreaterThanOrEqual(4 * BODY_MAX)
    expect(LONGEST.name).toBeGreaterThanOrEqual(4 * GUEST_NAME_MAX)
  })

  it('is each entry of our own export as it is, and nothing else of it', async () => {
    const entry = { type: 'entry', id: 'cmt_1', body: 'x', reply: 'y', is_private: true, extra: { mood: 'z' } }
    const lines = [{ type: 'guesthook.export' }, { type: 'book' }, entry, { type: 'end' }]
    const file = await read(lines.map((line) => JSON.stringify(line)).join('\n'))
    expect(file).toMatchObject({ format: 'guesthook', entries: 1 })
    expect(file.lines.map((line) => JSON.parse(line))).toEqual([expect.objectContaining(entry)])
  })

  it('has marks for emphasis only if the book shows them', async () => {
    const bytes = utf8('name,message\nAda,<b>hello</b>\n')
    const bodies = [true, false].map(async (markup) => {
      const { lines } = await readFile(bytes, { format: 'csv', markup, now: NOW })
      return JSON.parse(lines[0] ?? '').body
    })
    expect(await Promise.all(bodies)).toEqual(['**hello**', 'hello'])
  })
})
