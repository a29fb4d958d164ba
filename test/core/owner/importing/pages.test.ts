import { describe, expect, it } from 'vitest'
import { entriesOf, read } from './read'

/* Old guestbooks as pages of HTML: a text always stays with the guest who wrote it. */

async function readPage(html: string) {
  const file = await read(html, 'html')
  const { entries, skipped } = entriesOf(file)
  const times = entries.map(({ time }) => String(time).slice(0, 10))
  return { said: entries.map(({ name, body }) => `${name}: ${body}`), times, skipped, advice: file.advice }
}

const GUESTS = ['Alice', 'Bob', 'Cleo', 'Dora', 'Emil']
const SAID = GUESTS.map((name) => `${name}: Text of ${name}`)
const DATES = GUESTS.map((_, i) => `2004-05-0${i + 1}`)

/** @returns a page with an entry of each guest */
function page(entry: (name: string, date: string, i: number) => string, between = '\n'): string {
  return `<html><head><title>Our site</title></head><body>${GUESTS.map((name, i) => entry(name, `2004-05-0${i + 1}`, i)).join(between)}</body></html>`
}

const LAYOUTS: Record<string, string> = {
  'blocks with a line between them': page(
    (name, date) => `<div><b>${name}</b> ${date}<p>Text of ${name}</p></div>`,
    '<hr>'
  ),
  'blocks without a line': page((name, date) => `<div><b>${name}</b> ${date}<p>Text of ${name}</p></div>`),
  'classes for the name and the date': page(
    (name, date) =>
      `<div class="entry"><span class="name">${name}</span>\n<span class="date">${date}</span><p>Text of ${name}</p></div>`
  ),
  'classes without spaces between them': page(
    (name, date) =>
      `<div class="entry"><span class="author">${name}</span><span class="date">${date}</span> Text of ${name}</div>`
  ),
  'an element for the time': page(
    (name, date) =>
      `<section><strong>${name}</strong> <time datetime="${date}">a day in May</time><p>Text of ${name}</p></section>`
  ),
  'an element for the time in an element for the date': page(
    (name, date) =>
      `<li><b class="author">${name}</b><div class="comment-date"><time datetime="${date}T00:00:00Z">1 days ago</time></div><p>Text of ${name}</p></li>`
  ),
  'the name and the time in an element for the date': page(
    (name, date) =>
      `<div class="entry"><p class="posted">by <span class="author">${name}</span>, <time datetime="${date}">yesterday</time></p><p>Text of ${name}</p></div>`
  ),
  'one element for the name and the date': page(
    (name, date) => `<div class="entry"><p class="author date" title="${date}">${name}</p><p>Text of ${name}</p></div>`
  ),
  'items of a list': page(
    (name, date) => `<li><span class="author">${name}</span><div class="date">${date}</div><p>Text of ${name}</p></li>`
  ),
  'labels in items of a list': page(
    (name, date) => `<li>Name: ${name}<br>Date: ${date}<br>Message: Text of ${name}</li>`
  ),
  'small headings': page(
    (name, date) => `<article><h4>${name}</h4><p>Text of ${name}</p><small>${date}</small></article>`
  ),
  'links to the guests': page(
    (name, date) => `<li><a href="http://${name}.example/">${name}</a> ${date}<br>Text of ${name}`
  ),
  'a class for odd and even entries': page(
    (name, date, i) =>
      `<div class="entry ${i % 2 ? 'odd' : 'even'}"><div class="head"><b>${name}</b>, ${date}</div><div class="text">Text of ${name}</div></div>`
  ),
  'lines only above and below all entries': `<h2>Book</h2><hr>${page((name, date) => `<p><b>${name}</b> ${date}<br>Text of ${name}</p>`)}<hr>`,
}

describe('a page', () => {
  it.each(Object.entries(LAYOUTS))('with %s is read', async (_, html) => {
    expect(await readPage(html)).toEqual({ said: SAID, times: DATES, skipped: [] })
  })

  it('can have two entries and one line', async () => {
    const { said, times } = await readPage(
      '<div><b>Alice</b> 2004-05-01<p>Great site!</p></div><hr><div><b>Bob</b> 2004-06-01<p>Hello</p></div>'
    )
    expect(said).toEqual(['Alice: Great site!', 'Bob: Hello'])
    expect(times).toEqual(['2004-05-01', '2004-06-01'])
  })

  it('has a heading, which is not part of the first entry', async () => {
    const entries = GUESTS.map((name, i) => `<b>${name}</b> 2004-05-0${i + 1}<br>Text of ${name}`).join('<hr>')
    expect((await readPage(`<h1>Guestbook</h1>${entries}`)).said).toEqual(SAID)
    const welcome = await readPage(`<h1>Guestbook</h1><p>Welcome! <a href="/sign">Sign it</a></p>${entries}`)
    expect(welcome.said).toEqual(SAID)
    expect(welcome.skipped).toMatchObject([{ reason: 'not_understood' }])
  })

  it('has a footer, which is not part of the last entry', async () => {
    const { said, skipped } = await readPage(
      `<div id="all">${page((name, date) => `<b>${name}</b> ${date}<br>Text of ${name}`, '<hr>')}</div><div>Copyright</div>`
    )
    expect(said).toEqual(SAID)
    expect(skipped).toHaveLength(1)
  })

  it('can do without dates if its elements have the same shape', async () => {
    const html = page((name) => `<div class="post"><b>${name}</b><p>Text of ${name}</p></div>`)
    expect(await readPage(html)).toMatchObject({ said: SAID, skipped: [] })
  })

  it('can have bold words in its texts', async () => {
    const { said } = await readPage(
      page((name, date) => `<p><span class="name">${name}</span> ${date}<br>I <b>love</b> it</p>`)
    )
    expect(said).toEqual(GUESTS.map((name) => `${name}: I love it`))
  })

  it.each(['b', 'span'])('can have words of somebody else in its texts, with the name in a <%s>', async (tag) => {
    const text = 'My grandmother wrote: be kind to all.'
    const { said, skipped } = await readPage(
      page(
        (name, date) =>
          `<li><${tag} class="author">${name}</${tag}> <span class="date">${date}</span><p>${text}</p><p>Bye</p></li>`
      )
    )
    expect(said).toEqual(GUESTS.map((name) => `${name}: ${text}\nBye`))
    expect(skipped).toEqual([])
  })

  it('can say who wrote before each text', async () => {
    const { said } = await readPage(
      page((name, date) => `<div class="c"><i class="author">${name}</i> wrote:<p>Text of ${name}</p>${date}</div>`)
    )
    expect(said).toEqual(SAID)
  })

  it('has the same texts as before if it needs no names of classes, so that nothing is imported twice', async () => {
    const list = await readPage(page((name, date) => `<li><b>${name}</b><div>${date}</div><p>Text of ${name}</p></li>`))
    expect(list.said).toEqual(GUESTS.map((name) => `${name}: - ${name}\nText of ${name}`))
    const lines = await readPage(page((name) => `<b>${name}</b> is here<br>Location: Rome`, '<hr>'))
    expect(lines.said).toEqual(GUESTS.map((name) => `${name}: ${name} is here`))
  })

  it('can have answers in entries, which are of somebody else', async () => {
    const { said } = await readPage(
      page(
        (name, date) =>
          `<div class="c"><b class="author">${name}</b> ${date}<p>Text of ${name}</p><div class="c"><b class="author">Owner</b> ${date}<p>Thanks</p></div></div>`
      )
    )
    expect(said).toEqual(SAID.flatMap((text) => [text, 'Owner: Thanks']))
  })
})

describe('a page that is not understood', () => {
  it.each([
    ['the name stands before the element with the text', (name: string) => `<b>${name}</b> 2004-05-01<p>Text</p>`],
    [
      'only a line above and below',
      (name: string) =>
        `${name === 'Alice' ? '<hr>' : ''}<b>${name}</b> 2004-05-01<br>Text<br>${name === 'Emil' ? '<hr>Footer' : ''}`,
    ],
    ['the name stands in another block', (name: string) => `<div><b>${name}</b> 2004-05-01</div><div>Text</div>`],
    ['there are no texts', (name: string) => `<li><p><b>${name}</b> 2004-05-01</p></li>`],
    ['there are no names', () => '<p>Text</p>'],
  ])('has no entries with wrong names, and a hint: %s', async (_, entry) => {
    const { said, skipped, advice } = await readPage(page(entry))
    expect(said).toEqual([])
    expect(skipped.length).toBeGreaterThan(0)
    expect(advice).toMatch(/<hr>.*Name:.*CSV/s)
  })
})
