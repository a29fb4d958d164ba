import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeComment } from '../../../../src/guestbook/rules/entries/entry-content'
import { judgeMention } from '../../../../src/guestbook/rules/webmentions/address'
import { decodeEntities } from '../../../../src/guestbook/rules/webmentions/entities'
import { linksInJson, linksInText } from '../../../../src/guestbook/rules/webmentions/linked-addresses'
import { mentionText, SUMMARY_MAX } from '../../../../src/guestbook/rules/webmentions/mention-text'
import { NO_PAGE } from '../../../../src/guestbook/rules/webmentions/page-reader'

const TARGET = 'https://guestbook.example.com/'
const NOW = Date.UTC(2026, 10, 26)

describe('the entry for a mention', () => {
  it('is always accepted by the comment policy, whatever the page says', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3_000 }),
      fc.constantFrom(
        '\u0301'.repeat(2_000),
        `a${'\u0344'.repeat(100)}`,
        '\u202E',
        '\u3164',
        ' \n ',
        '\uD800',
        '🙂'.repeat(900)
      ),
      // What is invisible can stand next to what makes it useful.
      fc
        .array(fc.constantFrom('Ada', 'ᠠ', 'क', '漢', '🏴', '\u180b', '\u180e', '\u200d', '\ufe0f', '\u3164', '\u17b4'))
        .map((all) => all.join(''))
    )
    const page = fc.record({ author_name: text, author_url: text, text, title: text, published: text })
    fc.assert(
      fc.property(page, (given) => {
        const { name, website, body } = mentionText(given, 'https://ada.example/post', NOW)
        expect(judgeComment({ name, website, body })).toEqual({ ok: true, value: { name, website, body } })
        expect([...body].length).toBeLessThanOrEqual(SUMMARY_MAX)
      })
    )
  })

  it('falls back to what is known', () => {
    const source = `https://ada.example/${'x'.repeat(400)}`
    const nothing = { name: 'ada.example', website: null, body: 'ada.example', has_text: false, published_at: null }
    expect(mentionText(NO_PAGE, source, NOW)).toEqual(nothing)
    const page = { ...NO_PAGE, title: 'A  page', author_url: 'javascript:alert(1)', text: '\u202E ' }
    expect(mentionText(page, 'https://ada.example/', NOW)).toMatchObject({
      body: 'A page',
      website: 'https://ada.example/',
    })
  })

  it('cuts the text to a summary, and keeps its lines', () => {
    const page = { ...NO_PAGE, text: `One\n  \n \n\n two ${'three '.repeat(200)}` }
    const { body } = mentionText(page, TARGET, NOW)
    expect(body).toMatch(/^One\n\ntwo three three .*…$/s)
    expect([...body].length).toBeLessThanOrEqual(SUMMARY_MAX)
  })

  it.each([
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['2026-11-20T10:00', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20 10:00:30+0130', '2026-11-20T08:30:30.000Z'],
    ['2026-11-20T10:00:30.5-08:00', '2026-11-20T18:00:30.500Z'],
    ['2026-11-20t10:00z', '2026-11-20T10:00:00.000Z'],
    ['2036-11-20', null],
    ['1815-12-10', null],
    ['2026-13-40', null],
    ['yesterday', null],
    ['', null],
  ])('reads the date %j as %j', (published, expected) => {
    const { published_at } = mentionText({ ...NO_PAGE, published }, TARGET, NOW)
    expect(published_at && new Date(published_at).toISOString()).toBe(expected)
  })
})

describe('links outside of HTML', () => {
  it.each([
    [TARGET, true],
    ['See https://guestbook.example.com.', true],
    [`(${TARGET}#top)`, true],
    [`[a book](${TARGET}), and more`, true],
    [`<${TARGET}>`, true],
    [`${TARGET}b/other`, false],
    ['https://guestbook.example.com.evil.example/', false],
    ['guestbook.example.com', false],
    [`x ${'https://other.example/ '.repeat(3_000)}${TARGET}`, false],
  ])('are found in text as whole addresses (%#)', (text, isFound) => {
    expect([...linksInText(text, [TARGET])]).toEqual(isFound ? [TARGET] : [])
  })

  it.each([
    [JSON.stringify(TARGET), true],
    [JSON.stringify({ a: [null, 1, { b: `${TARGET}#x` }] }), true],
    [JSON.stringify({ [TARGET]: 1 }), false],
    [JSON.stringify({ a: `See ${TARGET}` }), false],
    [`${'['.repeat(1_000)}"${TARGET}"${']'.repeat(1_000)}`, false],
    ['{', false],
  ])('are found in JSON as whole values (%#)', (text, isFound) => {
    expect([...linksInJson(text, [TARGET])]).toEqual(isFound ? [TARGET] : [])
  })
})

describe('character references', () => {
  it.each([
    ['&amp;lt; &lt;b&gt; &quot;x&quot; &#39;y&#39; &apos;', `&lt; <b> "x" 'y' '`],
    ['&nbsp;&Eacute;t&eacute;&hellip; &yuml; &euro;', '\u00A0Été… ÿ €'],
    ['&#x1F642; &#128578;', '🙂 🙂'],
    ['&unknown; &#x110000; &#99999999; &toString; &; & &amp', '&unknown; &#x110000; &#99999999; &toString; &; & &amp'],
  ])('are decoded once: %j', (text, expected) => {
    expect(decodeEntities(text)).toBe(expected)
  })
})

describe('a webmention', () => {
  const judge = (source: string, target: string) =>
    judgeMention({ source, target }, 'https://guestbook.example.com', {
      ownHosts: ['guestbook.example.com'],
      allowLocal: false,
    })

  it.each([
    [TARGET, { slug: 'main' }],
    ['https://guestbook.example.com', { slug: 'main' }],
    [`${TARGET}b/summer#entries`, { slug: 'summer' }],
    [`${TARGET}b/x/../summer`, { slug: 'summer' }],
    [`${TARGET}comments/cmt_1`, { comment_id: 'cmt_1' }],
  ])('of %s is about %j', (target, page) => {
    expect(judge('https://ada.example/post#1', target)).toMatchObject({
      ok: true,
      value: { source: 'https://ada.example/post', page },
    })
  })
})
