import { OWNER } from './seed.mjs'
import { FULL_BOOKS, HOSTS, PAGES, servePages } from './strangers-book.mjs'

/* The doors at which strangers have used up the most time. None may take more than the Free plan allows. */

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = { 'content-type': 'application/json' }

export function strangersDoors({ get, post, consume }) {
  return [
    ...FULL_BOOKS.map((slug) => afterChange(get(`page of 20 entries of ${slug}, after a change`, `/b/${slug}`), slug)),
    afterChange(get('list of 100 long entries, after a change', '/api/comments?book=texts&limit=100'), 'texts'),
    get('list of 100 long entries', '/api/comments?book=texts&limit=100'),
    get('card.png', '/card.png'),
    post('sign, against 200 blocked texts and 100 bans', '/api/comments', (_, i) => ({
      headers: JSON_TYPE,
      body: JSON.stringify({ book: 'rules', name: 'Eve', body: `${i} ${'blocked text '.repeat(290)}` }),
    })),
    post('sign, with 6,500 unknown fields', '/api/comments', () => ({
      headers: JSON_TYPE,
      body: JSON.stringify(Object.fromEntries(Array.from({ length: 6_500 }, (_, i) => [`k${i}`, 0]))),
    })),
    ...Object.entries(HOSTS).map(([name, hostOf]) =>
      post(`webmention, with the longest host that is ${name}`, '/webmention', ({ url }) => ({
        headers: { 'content-type': FORM },
        body: new URLSearchParams({ source: `https://${hostOf(1)}/`, target: `${url}/` }),
      }))
    ),
    edit({ post }),
    ...Object.keys(PAGES).map((page) => reading(page, consume)),
    importing(consume),
  ]
}

/** The owner changes the book, so the page has to be rendered again. */
function afterChange(door, slug) {
  const before = async ({ url }) => {
    const body = JSON.stringify({ title: `Book ${Math.random()}` })
    const { status } = await fetch(`${url}/api/books/${slug}`, {
      method: 'PATCH',
      headers: { ...OWNER, ...JSON_TYPE },
      body,
    })
    if (status !== 200) throw new Error(`The book ${slug} was not changed: ${status}`)
  }
  return { ...door, before }
}

/** A guest changes an entry to the most expensive one. */
function edit() {
  const send = async ({ url }, path, method, token, body) => {
    const headers = { ...JSON_TYPE, ...(token && { authorization: `Bearer ${token}` }) }
    return fetch(url + path, { method, headers, body: JSON.stringify({ name: 'Eve', body }) })
  }
  return {
    name: 'edit of an entry',
    times: 20,
    before: async (program) => {
      program.state.made = await (await send(program, '/api/comments', 'POST', null, `Hello ${Math.random()}`)).json()
    },
    call: async (program, i) => {
      const { id, edit_token } = program.state.made
      const response = await send(program, `/api/comments/${id}`, 'PATCH', edit_token, `${i} ${'*a* '.repeat(900)}`)
      return response.status
    },
  }
}

/** A page that mentions a book is fetched and read. */
function reading(page, consume) {
  return {
    name: `read a page that mentions a book: ${page}`,
    times: 5,
    prepare: async ({ state }) => {
      state.pages = await servePages()
    },
    before: async ({ url, state }) => {
      state.source = state.pages.serve(PAGES[page](`<a href="${url}/">x</a>`, new URL(url).host))
      const body = new URLSearchParams({ source: state.source, target: `${url}/` })
      const sent = await fetch(`${url}/webmention`, { method: 'POST', body })
      if (sent.status !== 202) throw new Error(await sent.text())
    },
    call: ({ worker, state }) => consume(worker, 'guesthook-patient', { kind: 'mention', source: state.source }),
    after: ({ state }) => state.pages.close(),
  }
}

/** NDJSON in which each line is as short, or as broken, as it can be. */
function importing(consume) {
  return {
    name: 'a step of an import',
    times: 5,
    prepare: async ({ url, db }) => {
      await db.prepare("update imports set state = 'failed', run_at = null").run()
      const body = `{"type":"entry"}\n${'{\n'.repeat(2_000_000)}`
      const sent = await fetch(`${url}/api/import`, { method: 'POST', headers: OWNER, body })
      if (!sent.ok) throw new Error(await sent.text())
    },
    before: async ({ db, state }) => {
      state.id = (await db.prepare('select id from imports order by id desc limit 1').first()).id
    },
    call: ({ worker, state }) => consume(worker, 'guesthook-patient', { kind: 'import', import_id: state.id }),
  }
}
