import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { NO_PAGE } from '../../../../src/guestbook/rules/webmentions/page-reader'
import { showMention } from '../../../../src/guestbook/webmentions/show'
import { claimMentions } from '../../../../src/guestbook/webmentions/store'
import { letPass } from '../../../support/clock'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser, withModeration, withoutModeration } from '../../../support/session'
import { BASE, World } from '../../../support/world'
import { aPage, entries, HOUR, mention, passes, post, rows, send, TARGET } from './site'

beforeEach(async () => {
  await withoutModeration(new World())
})

async function events(world: World, box: ReturnType<typeof mailbox>): Promise<string[]> {
  await world.drain()
  return (await box.received()).map(({ body }) => JSON.parse(body).type)
}

describe('a page that mentions the book', () => {
  it('becomes an entry with its author, text and date, and a link to the page', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const page = await aPage(post('What a <b>lovely</b> place &amp; time.'))
    expect((await send(world, page.url)).status).toBe(202)
    expect(await entries(world)).toEqual([])
    await world.drain()
    expect(await entries(world)).toMatchObject([
      {
        name: 'Ada Lovelace',
        website: 'https://ada.example/',
        body: 'What a lovely place & time. Sign it!',
        mentioned_on: page.url,
      },
    ])
    const html = await (await world.request('/')).text()
    const { host } = new URL(page.url)
    expect(html).toContain(`<a href="${page.url}" rel="nofollow ugc noopener">Mentioned on ${host}</a>`)
    expect(html).toContain('datetime="2026-11-20T10:00:00.000Z"')
    const [request] = await page.requests()
    expect(request?.headers['user-agent']).toMatch(/Webmention/)
    expect(request?.headers.accept).toMatch(/^text\/html/)
    expect(await events(world, box)).toEqual(['comment.published'])
    const [event] = await box.received()
    expect(JSON.parse(event?.body ?? '').data.comment.mentioned_on).toBe(page.url)
  })

  it('is fetched slowly, so the entry has the time of its answer: nobody who pulls would find an event of before', async () => {
    const world = new World()
    const page = await aPage(post('What a place.'))
    await send(world, page.url)
    const callReceiver = world.callReceiver.bind(world)
    let answeredAt = Number.POSITIVE_INFINITY
    world.callReceiver = (...args) => {
      letPass(2_000)
      answeredAt = Date.now()
      return callReceiver(...args)
    }
    await world.drain()
    const sql = 'select created_at from comments union all select created_at from messages'
    const { results } = await env.DB.prepare(sql).all<{ created_at: number }>()
    expect(results).toHaveLength(2)
    for (const { created_at } of results) expect(created_at).toBeGreaterThanOrEqual(answeredAt)
  })

  it('can mention a further book, or an entry', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer', moderation: 'none' })
    const { id } = await aComment(world)
    const targets = [`${BASE}/b/summer`, `${BASE}/comments/${id}`]
    const page = await aPage(targets.map((target) => post(`Look at ${target}`, { target })).join(''))
    for (const target of targets) expect((await send(world, page.url, `${target}#top`)).status).toBe(202)
    await world.drain()
    expect(await page.fetches()).toBe(1)
    expect(await entries(world, 'published', 'summer')).toHaveLength(1)
    expect((await entries(world)).map(({ mentioned_on }) => mentioned_on)).toEqual([page.url, null])
  })

  it('becomes no entry unless it links to exactly this page of the guestbook', async () => {
    const world = new World()
    const pages = {
      'no link': '<p>Nothing here.</p>',
      'another page': `<a href="${BASE}/b/other">A guestbook</a>`,
      'a comment': `<!-- <a href="${TARGET}">A guestbook</a> -->`,
      text: `<p>${TARGET}</p>`,
      'a script': `<script>document.write('<a href="${TARGET}">x</a>')</script>`,
      'a template': `<template><a href="${TARGET}">x</a></template>`,
      'the start of another address': `<a href="${TARGET}x">x</a><a href="${TARGET}?x">x</a>`,
      'a property of no meaning': `<p title="${TARGET}" data-href="${TARGET}">x</p>`,
    }
    for (const html of Object.values(pages)) await mention(world, (await aPage(html)).url)
    expect(await entries(world)).toEqual([])
    expect((await rows()).map(({ reason }) => reason)).toEqual(Object.keys(pages).map(() => 'not_linked'))
    expect(await rows()).toMatchObject(Object.keys(pages).map(() => ({ due_at: null, comment_id: null })))
  })

  it('can link to it in any way that HTML has', async () => {
    const world = new World()
    const pages = [
      `<img src="${TARGET}">`,
      `<video src="${TARGET}"></video>`,
      `<blockquote cite="${TARGET}">Hello</blockquote>`,
      `<link rel="in-reply-to" href="${TARGET}">`,
      `<a href="${TARGET}#entries">A guestbook</a>`,
      `<a href=${BASE}>A guestbook</a>`,
      `<a href=" ${TARGET.replace('/', '&#47;')}\n">A guestbook</a>`,
      '<A HREF="HTTPS://GUESTBOOK.EXAMPLE.COM">A guestbook</A>',
      `<base href="${TARGET}"><a href="/">A guestbook</a>`,
    ]
    for (const [i, html] of pages.entries()) await mention(world, (await aPage(`<title>Page ${i}</title>${html}`)).url)
    const found = (await entries(world)).map(({ body }) => body).reverse()
    expect(found).toEqual(pages.map((_, i) => `Page ${i}`))
    // The source is an http:// page, so a link without a scheme is http://, too.
    world.base = 'http://guestbook.example.com'
    await mention(world, (await aPage('<a href="//guestbook.example.com/">Link</a>')).url, `${world.base}/`)
    expect(await entries(world)).toHaveLength(pages.length + 1)
  })

  it('can be plain text or JSON', async () => {
    const world = new World()
    const pages: [type: string, body: string, isLinked: boolean][] = [
      ['text/plain', `I found ${TARGET}, and you?`, true],
      ['text/plain', `I found ${TARGET}b/other`, false],
      ['application/json', JSON.stringify({ a: [{ url: TARGET }] }), true],
      ['application/activity+json', JSON.stringify({ text: `I found ${TARGET}` }), false],
      ['application/json', '{"broken', false],
      ['text/html; charset=utf-8', `<a href="${TARGET}">`, true],
    ]
    for (const [type, body, isLinked] of pages) {
      const page = await aPage({ headers: { 'Content-Type': type }, body })
      await mention(world, page.url)
      const row = (await rows()).find(({ source }) => source === page.url)
      expect([type, body, row?.comment_id !== null]).toEqual([type, body, isLinked])
    }
  })

  it('follows redirects, at most five of them', async () => {
    const world = new World()
    const end = await aPage(post('Here'))
    const chain = [end.url]
    for (let i = 0; i < 6; i++)
      chain.push((await aPage({ status: 302, headers: { Location: chain.at(-1) ?? '' } })).url)
    await mention(world, chain[6] ?? '')
    expect(await entries(world)).toEqual([])
    expect(await rows()).toMatchObject([{ reason: 'too_many_redirects' }])
    await mention(world, chain[5] ?? '')
    expect(await entries(world)).toMatchObject([{ mentioned_on: chain[5] }])
  })

  it('is subject to the rules of the book', async () => {
    const world = await withModeration(new World())
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
    const first = await aPage(post('The first of this site'))
    await mention(world, first.url)
    const [held] = await entries(world, 'held')
    expect(held).toMatchObject({ mentioned_on: first.url, reason: 'first' })
    const browser = await ownerBrowser(world)
    expect(await browser.see('/admin/comments?status=held')).toContain(`Mentioned on ${new URL(first.url).host}`)
    await world.api('PATCH', `/api/comments/${held?.id}`, { status: 'published' })
    await mention(world, (await aPage(post('The second of this site'))).url)
    expect(await entries(world)).toMatchObject([{ body: 'The second of this site Sign it!' }, { id: held?.id }])
    await mention(world, (await aPage(post('Win at the CASINO'))).url)
    expect(await entries(world, 'spam')).toMatchObject([{ reason: 'word' }])
  })

  it('is known by a mention of its site that the owner has approved in this book, until one of them is spam', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'moderated', title: 'Moderated', moderation: 'first' })
    const target = `${BASE}/b/moderated`
    const sent = async (text: string) => mention(world, (await aPage(post(text, { target }))).url, target)
    const last = async () => [
      ...(await entries(world, 'held', 'moderated')),
      ...(await entries(world, 'published', 'moderated')),
    ]
    // The rules of another book have published it, which says nothing here.
    await mention(world, (await aPage(post('In a book without moderation'))).url)
    expect(await entries(world)).toHaveLength(1)
    await sent('One')
    const [held] = await last()
    expect(held).toMatchObject({ reason: 'first' })
    await world.api('PATCH', `/api/comments/${held?.id}`, { status: 'published' })
    await sent('Two')
    const [two] = await entries(world, 'published', 'moderated')
    expect(two?.body).toContain('Two')
    await world.api('PATCH', `/api/comments/${two?.id}`, { status: 'spam' })
    // The sweep removes old spam, which forgives nothing.
    await env.DB.prepare('delete from comments where id = ?').bind(two?.id).run()
    await sent('Three')
    expect(await entries(world, 'held', 'moderated')).toMatchObject([{ reason: 'first' }])
  })

  it('waits when its page changes after the approval that it relied on has ended', async () => {
    const world = await withModeration(new World())
    await mention(world, (await aPage(post('One'))).url)
    const [one] = await entries(world, 'held')
    await world.api('PATCH', `/api/comments/${one?.id}`, { status: 'published' })
    const page = await aPage(post('Two'))
    await mention(world, page.url)
    const change = async (text: string) => {
      await page.serve(post(text))
      await passes(HOUR)
      await mention(world, page.url)
    }
    await change('Two, with another text')
    expect(await entries(world)).toHaveLength(2)
    await mention(world, (await aPage(post('Three'))).url)
    const [three] = await entries(world)
    await world.api('PATCH', `/api/comments/${three?.id}`, { status: 'spam' })
    await change('Two, with a third text')
    expect(await entries(world, 'held')).toMatchObject([{ reason: 'first', body: 'Two, with a third text Sign it!' }])
  })

  it.each([
    ['its own approval has ended', 'first'],
    ['a book without moderation published it', 'none'],
  ] as const)('waits when its page changes after %s', async (_, moderation) => {
    const world = await withModeration(new World())
    await world.api('PATCH', '/api/books/main', { moderation })
    const page = await aPage(post('One'))
    await mention(world, page.url)
    const [one] = [...(await entries(world, 'held')), ...(await entries(world))]
    await world.api('PATCH', `/api/comments/${one?.id}`, { status: 'published' })
    await mention(world, (await aPage(post('Two'))).url)
    const [two] = await entries(world)
    await world.api('PATCH', `/api/comments/${two?.id}`, { status: 'spam' })
    await world.api('PATCH', '/api/books/main', { moderation: 'first' })
    await page.serve(post('Another text'))
    await passes(HOUR)
    await mention(world, page.url)
    expect(await entries(world, 'held')).toMatchObject([{ id: one?.id, reason: 'first' }])
  })

  it.each([
    ['its header', 'text/html; charset=iso-8859-1', ''],
    ['itself', 'text/html', '<meta charset="windows-1252">'],
  ])('is read in the charset that is named by %s', async (_, type, meta) => {
    const world = new World()
    const html = `${meta}${post('Café')}`
    const base64 = btoa(html)
    await mention(world, (await aPage({ headers: { 'Content-Type': type }, base64 })).url)
    expect(await entries(world)).toMatchObject([{ body: 'Café Sign it!' }])
  })

  it('is read as UTF-8 if nobody knows its charset', async () => {
    const world = new World()
    const headers = { 'Content-Type': 'text/html; charset=x-unknown' }
    await mention(world, (await aPage({ headers, body: post('Café') })).url)
    expect(await entries(world)).toMatchObject([{ body: 'Café Sign it!' }])
  })

  it('was paid for by the network of its sender, so the quota of the day neither refuses it nor delays it', async () => {
    const world = new World()
    await world.api('PATCH', '/api/books/main', { daily_quota_mb: 1 })
    const page = await aPage(post('Announced in time'))
    const claim = await send(world, page.url)
    expect(claim.status).toBe(202)
    const paid = await env.DB.prepare('select quota_bytes, shares from books').first<Record<string, string>>()
    expect(Object.values(JSON.parse(paid?.shares ?? '{}'))).toEqual([paid?.quota_bytes])
    await env.DB.prepare('update books set quota_bytes = 999999').run()
    await world.drain()
    expect(await entries(world)).toHaveLength(1)
    const late = await aPage(post('Too late'))
    const refused = await send(world, late.url)
    expect(refused.status).toBe(429)
  })
})

describe('a page that has changed', () => {
  it('changes its entry once, and the rules of the book apply again', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const page = await aPage(post('Before'))
    await mention(world, page.url)
    await passes(HOUR)
    await mention(world, page.url)
    await passes(HOUR)
    await page.serve(post('After'))
    await mention(world, page.url)
    await passes(HOUR)
    await mention(world, page.url)
    expect(await page.fetches()).toBe(4)
    expect(await entries(world)).toMatchObject([{ body: 'After Sign it!', edited_at: expect.any(String) }])
    expect(await events(world, box)).toEqual(['comment.published', 'comment.updated'])
    await passes(HOUR)
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
    await page.serve(post('Win at the casino'))
    await mention(world, page.url)
    expect(await entries(world, 'spam')).toHaveLength(1)
    expect((await events(world, box)).at(-1)).toBe('comment.removed')
  })

  it('does not overwrite what the owner has edited, and does not show an entry that the owner has hidden', async () => {
    const world = new World()
    const [edited, hidden] = [await aPage(post('Before')), await aPage(post('Rude'))]
    for (const { url } of [edited, hidden]) await mention(world, url)
    const [second, first] = await entries(world)
    await world.api('PATCH', `/api/comments/${first?.id}`, { body: 'By the owner' })
    await world.api('PATCH', `/api/comments/${second?.id}`, { status: 'hidden' })
    await passes(HOUR)
    for (const { url, serve } of [edited, hidden]) {
      await serve(post('After'))
      await mention(world, url)
    }
    expect(await entries(world)).toMatchObject([{ body: 'By the owner' }])
    expect(await entries(world, 'hidden')).toMatchObject([{ body: 'After Sign it!' }])
  })

  it.each([
    ['is gone', { status: 410 }],
    ['was deleted', { status: 404 }],
    ['no longer links to the guestbook', { body: '<p>Nothing here.</p>' }],
  ])('loses its entry if it %s, and gets another one if it returns', async (_, after) => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const page = await aPage(post('Hello'))
    await mention(world, page.url)
    await passes(HOUR)
    await page.serve(after)
    await mention(world, page.url)
    // A result that may be a mistake must last for an hour.
    await passes(HOUR)
    await mention(world, page.url)
    expect(await entries(world)).toEqual([])
    expect(await events(world, box)).toEqual(['comment.published', 'comment.removed'])
    const { results } = await env.DB.prepare('select id from comments').all()
    expect(results).toEqual([])
    await passes(HOUR)
    await page.serve(post('Hello again'))
    await mention(world, page.url)
    expect(await entries(world)).toMatchObject([{ body: 'Hello again Sign it!' }])
  })

  it('keeps an entry with a reply for another hour, in case the link is only missing for a moment', async () => {
    const world = new World()
    const page = await aPage(post('Hello'))
    await mention(world, page.url)
    const [entry] = await entries(world)
    await world.api('PUT', `/api/comments/${entry?.id}/reply`, { body: 'Thank you!' })
    await passes(HOUR)
    await page.serve('<p>Back soon</p>')
    await mention(world, page.url)
    expect(await entries(world)).toHaveLength(1)
    await passes(HOUR)
    await page.serve(post('Hello'))
    await world.sweep(later(0))
    await world.drain()
    expect(await entries(world)).toMatchObject([{ reply: { body: 'Thank you!' } }])
    expect(await rows()).toMatchObject([{ reason: null, due_at: null }])
  })

  it('never returns after the owner has deleted its entry, and is not even fetched', async () => {
    const world = new World()
    const page = await aPage(post('Hello'))
    await mention(world, page.url)
    const [entry] = await entries(world)
    await world.api('DELETE', `/api/comments/${entry?.id}`)
    await passes(HOUR)
    await mention(world, page.url)
    expect(await page.fetches()).toBe(1)
    expect(await entries(world)).toEqual([])
    expect(await rows()).toMatchObject([{ reason: 'removed_by_owner', due_at: null }])
    await world.sweep(later(360 * 24 * HOUR), 'old_mentions')
    expect(await rows()).toHaveLength(1)
  })

  it('does not return for a year after its entry was deleted, however long it was shown', async () => {
    const world = new World()
    const page = await aPage(post('Hello'))
    await mention(world, page.url)
    const [entry] = await entries(world)
    await passes(400 * 24 * HOUR)
    await world.api('DELETE', `/api/comments/${entry?.id}`)
    const rowsAfter = async (days: number) => {
      await world.sweep(later(days * 24 * HOUR), 'old_mentions')
      return (await rows()).length
    }
    expect([await rowsAfter(0), await rowsAfter(364), await rowsAfter(366)]).toEqual([1, 1, 0])
  })

  it('does not get rid of the decision of the owner by disappearing for an hour', async () => {
    const world = new World()
    const page = await aPage(post('Buy my pills'))
    await mention(world, page.url)
    const [entry] = await entries(world)
    await world.api('PATCH', `/api/comments/${entry?.id}`, { status: 'spam' })
    await passes(HOUR)
    await page.serve({ status: 410 })
    await mention(world, page.url)
    await passes(HOUR)
    await page.serve(post('Buy my pills'))
    await mention(world, page.url)
    for (const status of ['published', 'held', 'spam']) expect(await entries(world, status)).toEqual([])
  })
})

describe('a source', () => {
  it('is fetched once within an hour, however often it is announced', async () => {
    const world = new World()
    const page = await aPage(post('Hello'))
    await mention(world, page.url)
    for (let i = 0; i < 2; i++) await send(world, `${page.url}#${i}`)
    expect(world.queued).toEqual([])
    const [row] = await rows()
    expect(row?.due_at).toBe((row?.fetched_at ?? 0) + HOUR)
    expect(await page.fetches()).toBe(1)
    await world.sweep(later(HOUR / 2))
    await world.drain()
    expect(await page.fetches()).toBe(1)
    await passes(HOUR)
    await world.sweep(later(0))
    await world.drain()
    expect(await page.fetches()).toBe(2)
    await passes(HOUR)
    await world.sweep(later(0))
    await world.drain()
    expect(await page.fetches()).toBe(2)
    expect(await entries(world)).toHaveLength(1)
  })

  it('is checked once, even if its queue message arrives twice at the same time', async () => {
    const world = new World()
    const page = await aPage(post('Hello'))
    await send(world, page.url)
    const [order] = world.queued.splice(0)
    if (!order) throw new Error('There is no queue message.')
    expect(order.body).toEqual({ kind: 'mention', source: page.url })
    expect(await Promise.all([world.consume(order), world.consume(order)])).toEqual([true, true])
    expect(await page.fetches()).toBe(1)
    expect(await entries(world)).toHaveLength(1)
  })

  it('becomes one entry, even if two consumers come to this step', async () => {
    const world = new World()
    await send(world, 'https://ada.example/')
    const [claimed] = await claimMentions(world.env, 'https://ada.example/', Date.now())
    if (!claimed) throw new Error('The mention was not claimed.')
    const read = { links: new Set([TARGET]), page: NO_PAGE, isSameHost: true }
    for (let i = 0; i < 2; i++) await showMention(world.env, claimed, read, BASE, Date.now())
    const { results } = await env.DB.prepare('select id from comments').all()
    expect(results).toHaveLength(1)
    expect((await rows())[0]?.comment_id).toBe(results[0]?.id)
    expect((await env.DB.prepare('select id from messages').all()).results).toHaveLength(1)
  })

  it('is checked although its queue message is lost, or its consumer dies', async () => {
    const page = await aPage(post('Hello'))
    const first = new World()
    await send(first, page.url)
    first.loseQueue()
    for (let call = 1; (await entries(first)).length === 0; call++) {
      expect(call).toBeLessThan(12)
      for (const isCommitted of [false, true]) {
        const world = new World()
        await world.sweep(Date.now())
        world.recorder.death = { callsLeft: call, isCommitted }
        await world.drain()
        await passes(HOUR)
      }
    }
    const world = new World()
    await world.sweep(Date.now())
    await world.drain()
    expect(await entries(world)).toHaveLength(1)
    expect((await rows())[0]?.comment_id).toMatch(/^cmt_/)
  })

  it('that fails is tried three times, an hour apart, and its entry stays', async () => {
    const world = new World()
    const page = await aPage(post('Hello'))
    await mention(world, page.url)
    await passes(HOUR)
    await page.serve({ status: 503 })
    await mention(world, page.url)
    for (let i = 0; i < 4; i++) {
      await passes(HOUR)
      await world.sweep(later(0))
      await world.drain()
    }
    expect(await page.fetches()).toBe(4)
    expect(await entries(world)).toHaveLength(1)
    expect(await rows()).toMatchObject([{ reason: 'http_503', attempts: 3, due_at: null }])
  })

  it('that failed is forgotten after 30 days', async () => {
    const world = new World()
    await mention(world, (await aPage('Nothing')).url)
    await mention(world, (await aPage(post('Hello'))).url)
    const sweepAll = async (days: number) => {
      for (let minute = 0; minute < 13; minute++)
        await world.sweep(later(days * 24 * HOUR + minute * 60_000), 'old_mentions')
    }
    await sweepAll(29)
    expect(await rows()).toHaveLength(2)
    await sweepAll(31)
    expect(await rows()).toMatchObject([{ reason: null }])
    expect(await entries(world)).toHaveLength(1)
  })

  it('is shown in a new book, although it was shown in a book with the same slug that was removed', async () => {
    const world = new World()
    const target = `${BASE}/b/party`
    const page = await aPage(post('Hello', { target }))
    const create = () => world.api('POST', '/api/books', { slug: 'party', title: 'Party', moderation: 'none' })
    await create()
    await mention(world, page.url, target)
    expect(await entries(world, 'published', 'party')).toHaveLength(1)
    await world.api('DELETE', '/api/books/party?confirm=party')
    for (let minute = 0; minute < 26; minute++) await world.sweep(later(48 * HOUR + minute * 60_000), 'expired_books')
    await passes(HOUR)
    expect((await create()).status).toBe(201)
    await page.serve(post('Hello again', { target }))
    await mention(world, page.url, target)
    expect(await entries(world, 'published', 'party')).toHaveLength(1)
  })

  it('with five mentions stays within the limits of the Free plan', async () => {
    const world = await withModeration(new World())
    const slugs = ['a', 'b', 'c', 'd', 'e']
    for (const slug of slugs) await world.api('POST', '/api/books', { slug, title: slug, moderation: 'first' })
    const links = slugs.map((slug) => `<a href="${BASE}/b/${slug}">${slug}</a>`).join('')
    const page = await aPage(post('Hello', { more: links }))
    const other = new World({}, world.queued)
    await other.request('/')
    for (const slug of slugs) await send(other, page.url, `${BASE}/b/${slug}`)
    world.invocations.length = 0
    const consumer = new World({}, world.queued)
    await consumer.drain()
    expect(consumer.worst()).toBeLessThanOrEqual(50)
    expect(consumer.worst(({ queries }) => queries)).toBeLessThanOrEqual(50)
    expect(await entries(world, 'held', 'e')).toHaveLength(1)
    await passes(HOUR)
    await page.serve({ status: 410 })
    for (const slug of slugs) await send(other, page.url, `${BASE}/b/${slug}`)
    await new World({}, world.queued).drain()
    expect(await entries(world, 'held', 'e')).toEqual([])
  })
})
