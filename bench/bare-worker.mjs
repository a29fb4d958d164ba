/*
 * The measure: the least a Worker can do. One D1 INSERT for a POST, 20 rows read for a GET, nothing else.
 */
export const BARE_WORKER = `
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (pathname === '/insert') {
      const { name, body } = await request.json()
      await env.DB.prepare('insert into entries (name, body) values (?1, ?2)').bind(name, body).run()
      return Response.json({ ok: true }, { status: 201 })
    }
    if (pathname === '/rows') {
      const { results } = await env.DB.prepare('select id, name, body from entries order by id desc limit 20').all()
      return Response.json({ data: results })
    }
    return new Response('ok')
  }
}`

export const BARE_SCHEMA =
  'create table entries (id integer primary key, name text not null, body text not null)'
