import { mf2 } from 'microformats-parser'
import { beforeEach, describe, expect, it } from 'vitest'
import { readHtml } from '../../../../src/guestbook/webmentions/read-html'
import { utf8 } from '../../../../src/kit/lib/bytes'
import { aComment } from '../../../support/fixtures'
import { withoutModeration } from '../../../support/session'
import { BASE, World } from '../../../support/world'
import { aPage, mention, post, TARGET } from './site'

beforeEach(async () => {
  await withoutModeration(new World())
})

/*
 * The published parser (https://www.npmjs.com/package/microformats-parser) reads what we write, and agrees with ours.
 */

type Item = ReturnType<typeof mf2>['items'][number]
type Property = Item['properties'][string][number]

const SOURCE = 'https://ada.example/notes/1'

/** @returns the text of a property, whatever form it has */
function textOf(property: Property | undefined): string {
  if (property === undefined) return ''
  if (typeof property === 'string') return property
  return 'value' in property ? String(property.value ?? '') : ''
}

function isItem(property: Property | undefined): property is Item {
  return typeof property === 'object' && 'type' in property
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()

describe('the page of a book', () => {
  it('is an h-feed of entries with a name, an author, a text, a time and a permalink', async () => {
    const world = new World()
    const { id } = await aComment(world, { name: 'Bob & Co', body: 'First <b>line</b>\n\nSecond line' })
    const linked = await aComment(world, { name: 'Eve', website: 'https://eve.example/', body: 'Hello' })
    await world.api('PUT', `/api/comments/${id}/reply`, { body: 'Thank you!' })
    const page = await aPage(post('A lovely place.'))
    await mention(world, page.url)
    const [feed] = mf2(await (await world.request('/')).text(), { baseUrl: `${BASE}/` }).items
    expect(feed).toMatchObject({ type: ['h-feed'], properties: { name: ['My Guestbook'], url: [`${BASE}/`] } })
    const [mentioned, second, first] = feed?.children ?? []
    expect(feed?.children?.map(({ type }) => type)).toEqual([['h-entry'], ['h-entry'], ['h-entry']])
    expect(first?.properties).toMatchObject({
      author: [{ type: ['h-card'], properties: { name: ['Bob & Co'] } }],
      url: [`${BASE}/comments/${id}`],
      uid: [`${BASE}/comments/${id}`],
      published: [expect.stringMatching(/^\d{4}-\d\d-\d\dT/)],
      comment: [{ type: ['h-cite'] }],
    })
    expect(oneLine(textOf(first?.properties.content?.[0]))).toBe('First <b>line</b>Second line')
    expect(second?.properties.author).toMatchObject([{ properties: { name: ['Eve'], url: ['https://eve.example/'] } }])
    expect(second?.properties.url).toEqual([`${BASE}/comments/${linked.id}`])
    expect(mentioned?.properties.author).toMatchObject([{ properties: { name: ['Ada Lovelace'] } }])
    const permalink = await (await world.request(`/comments/${id}`)).text()
    expect(mf2(permalink, { baseUrl: BASE }).items).toMatchObject([{ type: ['h-entry'] }])
  })

  it('announces the webmention endpoint where the published parser finds it', async () => {
    const html = await (await new World().request('/')).text()
    expect(mf2(html, { baseUrl: `${BASE}/` }).rels.webmention).toEqual([`${BASE}/webmention`])
  })
})

/** Pages as blogs write them. */
const PAGES: Record<string, string> = {
  'an article with everything': post('Some <em>words</em> &amp; more.'),
  'a note without a name': `<div class="h-entry">
      <a class="p-author h-card" href="/">Ada</a> <p class="e-content p-name">Short &lt;note&gt;</p></div>`,
  'an author with a photo': `<div class="h-entry"><div class="p-author h-card"><img src="/me.jpg" alt="A photo">
      <a class="p-name u-url" href="../">Ada L.</a></div><p class="p-summary">Only a summary</p></div>`,
  'an author as text': `<div class="h-entry"><span class="p-author">Ada</span><p class="e-content">Hello</p></div>`,
  'a nested entry': `<div class="h-entry"><p class="e-content">Outer</p>
      <div class="p-comment h-entry"><p class="e-content">Inner</p><a class="p-author h-card" href="/eve">Eve</a></div>
      <a class="p-author h-card" href="/ada">Ada</a></div>`,
  'a reply': `<div class="h-entry"><div class="u-in-reply-to h-cite"><a class="p-name u-url" href="${TARGET}">Theirs</a></div>
      <p class="e-content">My reply</p></div>`,
  'a card in the content': `<div class="h-entry"><p class="e-content">With <a class="h-card" href="/bob">Bob</a> today</p>
      <a class="p-author h-card" href="/ada">Ada</a></div>`,
  'a time in a data element': `<div class="h-entry"><data class="dt-published" value="2026-01-02"></data>
      <p class="e-content">Dated</p></div>`,
  'a name in an attribute': `<div class="h-entry"><abbr class="p-name" title="Long name">LN</abbr></div>`,
  'two values': `<div class="h-entry"><p class="p-name">First</p><p class="p-name">Second</p></div>`,
  'a feed': `<div class="h-feed"><p class="p-name">My notes</p>
      <div class="h-entry"><p class="e-content">In the feed</p></div></div>`,
  'a template': `<template><div class="h-entry"><p class="e-content">Not shown</p></div></template>
      <div class="h-entry"><p class="e-content">Shown</p></div>`,
  'a base': `<base href="https://other.example/x/"><div class="h-entry"><p class="e-content">Based</p>
      <a class="p-author h-card" href="ada">Ada</a></div>`,
  'an image as a card': `<div class="h-entry"><img class="p-author h-card" src="/me.jpg" alt="Ada"><b class="p-name">x</b></div>`,
  'an entry that is not closed': `<div class="h-entry"><p class="p-name">Open`,
  'character references': `<div class="h-entry"><p class="p-name">&quot;&eacute;&#233;&#xE9;&hellip;&copy;&rsquo;&nbsp;x&quot;</p></div>`,
}

/** @returns what the published parser reads from the first entry of a page */
function published(html: string) {
  const { items } = mf2(html, { baseUrl: SOURCE })
  const entry = items[0]?.type?.includes('h-feed') ? items[0].children?.[0] : items[0]
  const { author = [], content, summary, name, published: time } = entry?.properties ?? {}
  const [first] = author
  const [card] = isItem(first) ? [first] : []
  return {
    author_name: oneLine(card ? textOf(card.properties.name?.[0]) : textOf(first)),
    author_url: card ? textOf(card.properties.url?.[0]) : '',
    text: oneLine(textOf((content ?? summary ?? name)?.[0])),
    published: textOf(time?.[0]),
  }
}

/** Pages that do not link to a target are not read. */
const LINK = `<a href="${TARGET}"></a>`

async function read(html: string) {
  return (await readHtml(utf8(html), SOURCE, [TARGET])).page
}

describe('our reader', () => {
  it('agrees with the published parser about pages as blogs write them', async () => {
    for (const [name, html] of Object.entries(PAGES)) {
      const { author_name, author_url, text, published: time } = await read(html + LINK)
      const ours = { author_name: oneLine(author_name), author_url, text: oneLine(text), published: time }
      expect(text).not.toBe('')
      expect([name, ours]).toEqual([name, published(html + LINK)])
    }
  })

  it('prefers the entry that contains the link, which the published parser does not know', async () => {
    const entry = (text: string) => `<div class="h-entry"><p class="e-content">${text}</p></div>`
    const { text } = await read(`${entry('First')}${entry(`Second ${LINK}`)}${entry('Third')}`)
    expect(text).toBe('Second')
  })

  it('takes the author of the feed or of the page, if the entry has none', async () => {
    const entry = `<div class="h-entry"><p class="e-content">Hello</p>${LINK}</div>`
    const feed = `<div class="h-feed"><a class="p-author h-card" href="/ada">Ada</a>${entry}</div>`
    expect(await read(feed)).toMatchObject({ author_name: 'Ada', author_url: 'https://ada.example/ada' })
    expect(await read(`<p class="h-card">Bob</p>${entry}`)).toMatchObject({ author_name: 'Bob', author_url: '' })
    expect(await read(`<title>A page</title>${LINK}`)).toMatchObject({ author_name: '', text: '', title: 'A page' })
  })

  it('does not take classes of style sheets for microformats', async () => {
    const html = `<div class="h-entry"><div class="h-full"><p class="e-content">Hello</p></div></div>${LINK}`
    expect((await read(html)).text).toBe('Hello')
  })

  it('finds the link at the end of a long text, and the author after it', async () => {
    const text = '<p>A <b>long</b> text.</p>'.repeat(2_000)
    const author = '<a class="p-author h-card" href="/ada">Ada</a>'
    const page = await read(`<div class="h-entry"><div class="e-content">${text}${LINK}</div>${author}</div>`)
    expect(page).toMatchObject({ author_name: 'Ada', text: expect.stringMatching(/^A long text\.\s+A long text\./) })
  })

  it('keeps the lines of a text', async () => {
    const html = `<div class="h-entry"><div class="e-content"><p>One<br>two</p> <p>three</p>${LINK}</div></div>`
    expect((await read(html)).text.split(/\s*\n\s*/)).toEqual(['One', 'two', 'three'])
  })
})
