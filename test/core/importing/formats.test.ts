import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readFile, toPages } from '../../../browser/import'
import { LONGEST } from '../../../browser/import/lines'
import { BODY_MAX, NAME_MAX } from '../../../src/guestbook/rules/entries/comment-policy'
import { utf8 } from '../../../src/kit/lib/bytes'
import type { ImportFormat } from '../../../src/owner/rules/importing/records'
import { entriesOf, NOW, read } from './read'

const FOLDER = join(import.meta.dirname, '../../fixtures/imports')

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
    expect(LONGEST.name).toBeGreaterThanOrEqual(4 * NAME_MAX)
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
