/*
 * The baseline: the least that a Worker can do with the same data. It runs one D1 INSERT for a POST and reads 20 rows
 * for a GET, without routing, validation, messages or queues.
 */
export const BARE_WORKER = `
const COLUMNS = 'id, book, name, website, body, status, created_at, edited_at'
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (pathname === '/insert') {
      const { name, body } = await request.json()
      const id = 'cmt_' + crypto.randomUUID()
      await env.DB.prepare('insert into entries (id, book, name, body, status, created_at) values (?1, ?2, ?3, ?4, ?5, ?6)')
        .bind(id, 'main', name, body, 'published', Date.now()).run()
      return Response.json({ id }, { status: 201 })
    }
    if (pathname === '/rows') {
      const { results } = await env.DB.prepare('select ' + COLUMNS + ' from entries order by id desc limit 20').all()
      return Response.json({ data: results })
    }
    return new Response('ok')
  }
}`

export const BARE_SCHEMA = `create table entries (id text primary key, book text not null, name text not null, website text,
  body text not null, status text not null, created_at integer not null, edited_at integer) without rowid`
