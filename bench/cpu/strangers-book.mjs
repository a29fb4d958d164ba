import { createServer } from 'node:http'

/* Books and pages that strangers have filled with what takes the most time to show or to read. */

/** @returns different characters, which the parser of a host compares with each other */
export function chinese(length, start = 0) {
  return Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 37 + start * 977) % 20_000))).join('')
}

/** As long as DNS allows, and longer. */
export const HOSTS = {
  allowed: (i) => [0, 1, 2, 3, 4].map((j) => chinese(12, 5 * i + j)).join('.'),
  long: (i) => chinese(1_500, i),
}

const BOOKS = {
  smileys: (i) => `${i} ${':) '.repeat(1_325)}`,
  markup: (i) => `${i} ${'*a* '.repeat(990)}`,
  lines: (i) => `${i}\n${'a\n'.repeat(1_990)}`,
  links: (i) => Array.from({ length: 50 }, (_, j) => `https://${HOSTS.allowed(50 * i + j)}/`).join(' '),
  texts: (i) => `${i} ${'&'.repeat(3_900)}`,
}
export const FULL_BOOKS = Object.keys(BOOKS)

/** Creates a book for each kind of entry, and one with as many rules as a book can have. */
export async function fillBooks(create) {
  for (const [slug, bodyOf] of Object.entries(BOOKS)) {
    await create('/api/books', { slug, title: slug, markup: true })
    const entries = slug === 'texts' ? 100 : 20
    for (let i = 0; i < entries; i++) await create('/api/comments', { book: slug, name: 'Eve', body: bodyOf(i) })
  }
  const words = Array.from({ length: 200 }, (_, i) => `${'blocked text '.repeat(7)}${i}`)
  await create('/api/books', { slug: 'rules', title: 'rules', blocked_words: words })
  for (let i = 0; i < 100; i++) {
    const by = ['name', 'website', 'word'][i % 3]
    await create('/api/books/rules/bans', { by, value: by === 'website' ? `site${i}.example` : `banned ${i}` })
  }
}

const KB = 1_000
const repeat = (unit, bytes = 500 * KB) => unit.repeat(Math.ceil(bytes / unit.length)).slice(0, bytes)

/** What a page that mentions a book can consist of. @param link to the book */
export const PAGES = {
  'elements, then the link': (link) => repeat('<div></div>') + link,
  'entries, then the link': (link) => `<div class="h-entry e-content">${repeat('<p>x</p>')}${link}`,
  'the link, then cards': (link) => `<div class="h-entry">${link}${repeat('<p class="e-content p-name h-card">x</p>')}`,
  'links to the host': (link, host) => repeat(`<a href="//${host}/y">y</a>`) + link,
}

/** Serves pages on this machine, each at an address of its own, because a page is read at most once an hour. */
export async function servePages() {
  const pages = new Map()
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(pages.get(request.url))
    pages.delete(request.url)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  let count = 0
  const serve = (html) => {
    count += 1
    pages.set(`/${count}`, html)
    return `http://127.0.0.1:${server.address().port}/${count}`
  }
  return { serve, close: () => server.close() }
}
