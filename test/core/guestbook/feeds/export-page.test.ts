import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ExportedBook, type ExportedEntry, toExportPage } from '../../../../src/guestbook/rules/feeds/export-html'
import { LANGUAGE_CODES } from '../../../../src/guestbook/rules/languages'
import { read } from '../../owner/importing/read'
import { translator } from '../languages/translators'

const OPTIONS = { links: true, markup: true, smileys: true }
const ENTRY: ExportedEntry = {
  number: 7,
  name: 'Ada',
  website: null,
  body: 'Hello',
  pre: false,
  drawing: '',
  details: [],
  created_at: Date.UTC(2026, 10, 24, 10),
  edited: null,
  answers: [],
  reply: null,
}
const BOOK: ExportedBook = {
  title: 'My book',
  welcome: 'Hi',
  entries: [ENTRY],
  older: null,
  options: OPTIONS,
  style: 'p{}',
}

const write = (more: Partial<ExportedBook> = {}, language: (typeof LANGUAGE_CODES)[number] = 'en') =>
  toExportPage({ ...BOOK, ...more }, translator(language))
const writeEntry = (more: Partial<ExportedEntry>) => write({ entries: [{ ...ENTRY, ...more }] })

/** The tags and their attributes, without what is between them. */
const TAGS = /<\/?[a-z][a-z0-9]*(?: [a-z-]+="[^"<>]*")*>/g
const KNOWN =
  /^<\/?(html|head|meta|title|link|style|body|h1|h2|h3|p|header|main|nav|article|span|bdi|a|div|dl|dt|dd|time|footer|br|code|em|strong|blockquote)[ >]/

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<script>alert(1)</script>',
        '"onclick="x',
        "'",
        '&amp;',
        '&#x202e;',
        '</style>',
        '<!--',
        '\u202e',
        '\u2069',
        '👩‍👩‍👧‍👦',
        '*<b>*',
        '`"`',
        '> <i>',
        ':-)',
        'https://e.vil/"><x',
        '\n'
      ),
      fc.string({ unit: 'grapheme', maxLength: 8 })
    ),
    { maxLength: 10 }
  )
  .map((parts) => parts.join(''))
const website = fc.option(fc.constantFrom('https://a.example/?x=1&y="<>', 'https://b.example/'))

describe('a book as one page', () => {
  it('contains no markup of guests, in any field', () => {
    const answers = fc.array(fc.record({ question: hostile, answer: hostile }), { maxLength: 2 })
    const entry = fc.record({ name: hostile, website, body: hostile, answers, reply: fc.option(hostile) })
    fc.assert(
      fc.property(entry, hostile, hostile, (some, title, welcome) => {
        const page = write({ title, welcome, entries: [{ ...ENTRY, ...some }] }).replace('<!DOCTYPE html>', '')
        expect(page.replace(TAGS, '')).not.toMatch(/[<]/)
        const tags = page.match(TAGS) ?? []
        expect(tags.filter((tag) => !KNOWN.test(tag))).toEqual([])
        expect(tags.filter((tag) => / (on\w+|style|src)=/.test(tag))).toEqual([])
        expect(tags.filter((tag) => tag.startsWith('<style')).length).toBe(1)
      })
    )
  })

  it('shows the number, the name, the website, the time, the answers and the reply', () => {
    const page = writeEntry({
      website: 'https://ada.example/?a=1&b=2',
      answers: [{ question: 'Why?', answer: 'R&D' }],
      reply: 'Thank *you*',
      edited: 'edited',
    })
    expect(page).toContain('<span class="number">No. 7</span>')
    const link = '<a href="https://ada.example/?a=1&amp;b=2" rel="nofollow ugc noopener" class="p-name u-url">'
    expect(page).toContain(`${link}<bdi>Ada</bdi></a>`)
    const time = '<time class="dt-published" datetime="2026-11-24T10:00:00.000Z">24 Nov 2026, 10:00 UTC</time>'
    expect(page).toContain(`${time} · edited`)
    expect(page).toContain('<dt dir="auto">Why?</dt><dd dir="auto">R&amp;D</dd>')
    expect(page).toContain('<h3>The owner’s reply</h3><div dir="auto"><p dir="auto">Thank <em>you</em></p></div>')
  })

  it.each([
    ['a **b**', '<p dir="auto">a <strong>b</strong></p>'],
    ['a\nb\n\nc', '<p dir="auto">a<br>b</p><p dir="auto">c</p>'],
    ['> q\n`<c>`', '<blockquote dir="auto">q</blockquote><p dir="auto"><code dir="auto">&lt;c&gt;</code></p>'],
    ['hi :-)', '<p dir="auto">hi <span title=":-)">🙂</span></p>'],
    ['👩‍👩‍👧‍👦 🏳️‍🌈', '<p dir="auto">👩‍👩‍👧‍👦 🏳️‍🌈</p>'],
    [
      'https://a.example/?x&y',
      '<p dir="auto"><a href="https://a.example/?x&amp;y" rel="nofollow ugc noopener" dir="auto">https://a.example/?x&amp;y</a></p>',
    ],
  ])('formats %j as the page does', (body, html) => {
    expect(writeEntry({ body })).toContain(`<div class="e-content" dir="auto">${html}</div>`)
  })

  it('keeps the text of a book that allows no markup', () => {
    const page = write({
      entries: [{ ...ENTRY, body: '*a* :-)' }],
      options: { ...OPTIONS, markup: false, smileys: false },
    })
    expect(page).toContain('<p dir="auto">*a* :-)</p>')
  })

  it.each(LANGUAGE_CODES)('has the language and the direction of the book: %s', (code) => {
    const { direction } = translator(code)
    expect(write({}, code)).toContain(`<html lang="${code}" dir="${direction}">`)
  })

  it('loads nothing', () => {
    expect(write()).not.toMatch(/<(script|img|iframe|object|link)|@import|url\(|src=/)
  })

  it('says that nobody has signed, if that is so', () => {
    const nobody = translator('en').text('no_entries')
    expect(write({ entries: [] })).toContain(nobody)
    expect(write()).not.toContain(nobody)
  })

  it('leads to older entries, if there are any', () => {
    const page = write({ older: '?before=cmt_1' })
    expect(page).toContain('<link rel="next" href="?before=cmt_1">')
    expect(page).toContain('<a rel="next" href="?before=cmt_1">Older entries »</a>')
  })
})

it('an import of the page names the file that has more', async () => {
  for (const page of [write(), write({ entries: [] })]) expect((await read(page)).advice).toContain('Export everything')
  expect((await read(write().replace('Guesthook', 'Other'))).advice ?? '').not.toContain('Export everything')
})
