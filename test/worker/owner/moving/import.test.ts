import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../../../src/kit/lib/bytes'
import { insertChunks } from '../../../../src/owner/moving/importing/store'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { tablesWith } from '../../../support/search'
import { TOKEN, World } from '../../../support/world'
import {
  counts,
  entries,
  FILES,
  fixture,
  importFile,
  post,
  sweepUntilDone,
  theImport,
  toNdjson,
  upload,
} from './imports'

describe('a file of another system', () => {
  it.each(Object.entries(FILES))('%s is imported once, however often it is sent', async (_, file) => {
    const world = new World()
    const dry = await importFile(world, file, '?dry_run=true')
    expect(await entries()).toEqual([])
    const first = await importFile(world, file)
    expect(first).toMatchObject({ state: 'done', imported: dry.imported, skipped: dry.skipped, read: dry.read })
    const rows = await entries()
    expect(first.imported).toBeGreaterThan(1)
    expect(rows).toHaveLength(first.imported - first.replies)
    expect(rows.map(({ created_at, id }) => id.slice(4, 14) > '00N' && created_at > 0)).not.toContain(false)

    const again = await importFile(world, file)
    expect(again).toMatchObject({ state: 'done', imported: 0, replies: 0 })
    expect(again.skipped.already_imported).toBe(first.imported)
    expect(await entries()).toEqual(rows)
    const published = rows.filter(({ status }) => status === 'published').length
    expect(await counts()).toMatchObject({ comment_count: rows.length, published_count: published })
    expect(rows.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(rows.map((_, i) => i + 1))
    const { data } = (await world.api<{ data: unknown[] }>('GET', '/api/comments', undefined, {})).body
    expect(data).toHaveLength(published)
    for (const secret of ['@mail.example', '@sunny.example', '203.0.113.', '198.51.100', '293ec5b0']) {
      expect(await tablesWith(secret)).toEqual([])
    }
    expect(await env.DB.prepare('select count(*) as n from import_chunks').first('n')).toBe(0)
    expect(await env.DB.prepare('select count(*) as n from messages').first('n')).toBe(0)
  })

  it('keeps the time, the name, the website, the text and the state, and makes a reply of what the owner answered', async () => {
    const world = new World()
    const done = await importFile(world, fixture('wordpress.xml'), '?format=wordpress')
    expect(done).toMatchObject({ read: 5, imported: 3, replies: 1, skipped: { not_a_comment: 1, deleted: 1 } })
    expect(done.examples.map(({ id, reason }) => [id, reason])).toEqual([
      ['13', 'not_a_comment'],
      ['15', 'deleted'],
    ])
    expect(fixture('wordpress.xml').slice(done.examples[0]?.position).startsWith('<wp:comment>')).toBe(true)
    expect(await entries()).toMatchObject([
      {
        status: 'published',
        name: 'Tom « the cat',
        website: 'http://tom.example/',
        body: 'Row one\nRow two\n\n1 < 2 ’ really',
        reply: 'Thank you, Tom!',
        created_at: Date.UTC(2010, 6, 20, 12, 8, 8),
      },
      { status: 'held', name: 'Waits', reply: null },
    ])
    const path = '/api/comments?status=held'
    const { body } = await world.api<{ data: { reason: string }[] }>('GET', path)
    expect(body.data).toMatchObject([{ reason: 'imported' }])
  })

  it('is published only if it says so, or nothing', async () => {
    const world = new World()
    const given = [{}, { status: 'published' }, { status: 'pending' }, { status: false }, { is_private: 1 }]
    const lines = given.map((more, i) =>
      JSON.stringify({ type: 'entry', id: `${i}`, name: `${i}`, body: 'x', ...more })
    )
    expect((await post(world, lines.join('\n'))).status).toBe(202)
    await world.drain()
    const { results } = await env.DB.prepare('select name, status, is_private from comments order by name').all()
    expect(results.map(({ status, is_private }) => [status, is_private])).toEqual([
      ['published', 0],
      ['published', 0],
      ['held', 0],
      ['held', 0],
      ['hidden', 1],
    ])
  })

  it('is not imported again although the owner has deleted an entry of it', async () => {
    const world = new World()
    await importFile(world, fixture('isso.json'))
    const [first] = await entries()
    expect((await world.api('DELETE', `/api/comments/${first?.id}`)).status).toBe(204)
    expect(await importFile(world, fixture('isso.json'))).toMatchObject({ imported: 0 })
    expect(await entries()).toHaveLength(1)
  })

  it('goes into the book that was chosen, also if another book has it', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'old', title: 'Old' })
    await importFile(world, fixture('artalk.json'))
    expect(await importFile(world, fixture('artalk.json'), '?book=old')).toMatchObject({ imported: 2 })
    expect(await counts('old')).toMatchObject({ comment_count: 2, published_count: 1 })
    expect((await upload(world, fixture('artalk.json'), '?book=none')).status).toBe(404)
  })

  it('goes into the book that was chosen, also if it is our own export of a book that was deleted', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'old', title: 'Old', moderation: 'none' })
    const { id } = await aComment(world, { book: 'old' })
    const headers = { Authorization: `Bearer ${TOKEN}`, 'X-Backup-Key': btoa('k'.repeat(32)) }
    const body = await (await world.request('/api/export', { headers })).text()
    await world.api('DELETE', '/api/books/old?confirm=old')
    expect(await importFile(world, body, '?book=main')).toMatchObject({ imported: 1 })
    expect(await importFile(world, body, '?book=main')).toMatchObject({ imported: 0 })
    const { body: list } = await world.api<{ data: { id: string; body: string }[] }>('GET', '/api/comments')
    expect(list.data).toMatchObject([{ id: expect.not.stringMatching(id), body: 'Hello' }])
  })

  it('loses no entry if two sites in it use the same id', async () => {
    const world = new World()
    const { id } = await aComment(world)
    const { body } = await world.api<{ created_at: string }>('GET', `/api/comments/${id}`)
    await world.api('DELETE', `/api/comments/${id}`)
    const line = (site: string) => JSON.stringify({ type: 'entry', version: 1, ...body, site })
    const { body: started } = await post(world, `${line('a')}\n${line('b')}\n`)
    await world.drain()
    expect(await theImport(world, started.id)).toMatchObject({ imported: 2 })
    expect(await entries()).toHaveLength(2)
    expect(await counts()).toMatchObject({ published_count: 2 })
  })

  it('tells endpoints about the entries only if the owner asks for it', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    await importFile(world, fixture('commento.json'))
    expect(await box.received()).toEqual([])
    await importFile(world, fixture('disqus.xml'), '?webhooks=true')
    const received = (await box.received()).map(({ body }) => JSON.parse(body))
    expect(received.map(({ type }) => type)).toEqual(['comment.published', 'comment.published'])
    expect(received.map(({ data }) => data.comment.created_at).toSorted()[0]).toBe('2011-08-31T15:16:29.000Z')
    const one = (await entries()).find(({ name }) => name === 'mikhail')
    await world.api('DELETE', `/api/comments/${one?.id}`)
    expect(await tablesWith('mikhail')).toEqual([])
  })

  it('keeps no names or addresses of people in its report, and nothing that the parser knew', async () => {
    const world = new World()
    const rows = ['Ada Unwanted,,1', 'ada@unwanted.example,,2', '1234,,3', ',Bea Wanted,4 hello']
    const { examples } = await importFile(
      world,
      `id,name,message\n${rows.map((row) => row.replace(/\d$/, '')).join('\n')}\n`
    )
    expect(examples.map(({ id }) => id)).toEqual(['', '', '1234'])
    expect(await tablesWith('nwanted')).toEqual([])
    for (const file of ['commento.json', 'wordpress.xml']) await importFile(world, fixture(file))
    const { results } = await env.DB.prepare('select distinct parser from imports').all()
    expect(results).toEqual([{ parser: '{}' }])
  })

  it('forgets what earlier versions kept about people as soon as another import begins', async () => {
    const world = new World()
    await importFile(world, fixture('commento.json'))
    const report = JSON.stringify({ read: 1, examples: [{ position: 0, id: 'ada@old.example', reason: 'no_text' }] })
    const parser = JSON.stringify({ people: { '-1': ['Ada Old', '', false] } })
    await env.DB.prepare('update imports set report = ?, parser = ?').bind(report, parser).run()
    await importFile(world, fixture('isso.json'))
    expect([...(await tablesWith('ada@old.example')), ...(await tablesWith('Ada Old'))]).toEqual([])
  })

  it('keeps the position in its own file, and a reply by the owner in a later request finds its entry', async () => {
    const world = new World()
    const { body } = await toNdjson(fixture('wordpress.xml'))
    const lines = body.trimEnd().split('\n')
    const at = lines.findIndex((line) => JSON.parse(line).by_owner === true)
    const send = async (some: string[]) => {
      const { status, body: sent } = await post(world, some.join('\n'), '?format=wordpress')
      await world.drain()
      expect(status).toBe(202)
      return theImport(world, sent.id)
    }
    expect(await send(lines.slice(0, at))).toMatchObject({ replies: 0 })
    expect(await send(lines.slice(at))).toMatchObject({ replies: 1 })
    expect((await entries()).map(({ reply }) => reply)).toContain('Thank you, Tom!')
  })
})

/** The lines of an export, and of what the reader makes of other files. */
const LINES = [
  { type: 'guesthook.export', version: 1 },
  { type: 'book', slug: 'main' },
  { type: 'entry', id: '7', name: 'Ada', body: 'Hello', created_at: '2001-01-01T00:00:00Z' },
  { type: 'entry', name: 'Bob', body: 'Bye' },
  { type: 'skipped', id: '8', reason: 'deleted', position: 42 },
  { type: 'skipped', id: 'somebody', reason: 'something' },
  { type: 'end' },
]
const NDJSON = LINES.map((line) => `${JSON.stringify(line)}\n`).join('')

describe('NDJSON', () => {
  it('is imported as it is, also packed with gzip, and counts what the reader has skipped', async () => {
    const world = new World()
    const packed = new Blob([NDJSON]).stream().pipeThrough(new CompressionStream('gzip'))
    const { status, body } = await post(world, await new Response(packed).arrayBuffer())
    expect(status).toBe(202)
    await world.drain()
    expect(await theImport(world, body.id)).toMatchObject({
      state: 'done',
      format: 'guesthook',
      read: 3,
      imported: 2,
      skipped: { deleted: 1 },
      examples: [{ position: 42, id: '8', reason: 'deleted' }],
    })
    // Without a time, an entry goes right before the one in front of it.
    expect((await entries()).map(({ name }) => name)).toEqual(['Bob', 'Ada'])
  })

  it.each<[string, string[], (i: number) => number]>([
    ['of one time', Array(60).fill('2003-05-06'), (i) => i],
    ['of two days, the latest first', [...Array(40).fill('2003-05-07'), ...Array(20).fill('2003-05-06')], (i) => i],
    [
      'of two days, the oldest first',
      [...Array(10).fill('2003-05-06'), ...Array(50).fill('2003-05-07')],
      (i) => 59 - i,
    ],
  ])('keeps the order of its entries %s', async (_, days, nth) => {
    const world = new World()
    const rows = days.map((day, i) => `Guest,${day},N${i}`)
    await importFile(world, `name,date,message\n${rows.join('\n')}\n`)
    const { body } = await world.api<{ data: { body: string }[] }>('GET', '/api/comments?limit=100')
    expect(body.data.map((entry) => entry.body)).toEqual(days.map((_, i) => `N${nth(i)}`))
  })

  it('counts each entry with a text that was too long: the text, the name, the reply, an answer, a mood', async () => {
    const world = new World()
    const entry = { type: 'entry', name: 'Ada', body: 'Hello', created_at: '2001-05-06T00:00:00Z' }
    const long = [
      { body: 'x'.repeat(6_000) },
      { body: `${'x'.repeat(6_000)}…` },
      { name: 'x'.repeat(200) },
      { reply: 'x'.repeat(6_000) },
      { answers: [{ question: 'Why?', answer: 'x'.repeat(300) }] },
      { extra: { mood: 'x'.repeat(300) } },
    ]
    const short = [{}, { body: 'And so on …' }, { body: `${' '.repeat(6_000)}x` }]
    const lines = [...long, ...short].map((more, i) => `${JSON.stringify({ ...entry, id: `${i}`, ...more })}\n`)
    const { body } = await post(world, lines.join(''), '?format=guesthook')
    await world.drain()
    expect(await theImport(world, body.id)).toMatchObject({ imported: 9, shortened: long.length })
  })

  it('may begin with a byte order mark, as a program for Windows saves it', async () => {
    const world = new World()
    const { status, body } = await post(world, `\ufeff${LINES.map((line) => JSON.stringify(line)).join('\r\n')}`)
    expect(status).toBe(202)
    await world.drain()
    expect(await theImport(world, body.id)).toMatchObject({ read: 3, imported: 2, skipped: { deleted: 1 } })
  })

  it('keeps the web addresses of an export: profiles, and those that are long because they are percent-encoded', async () => {
    const world = new World()
    const websites = ['https://social.example/@ada', `https://example.com/${'%D0%B9'.repeat(280)}`]
    const dropped = ['https://example.com/?mail=ada@mail.example', 'ada@mail.example']
    const lines = [...websites, ...dropped].map((website, i) => {
      const created_at = new Date(1_600_000_000_000 + i).toISOString()
      return JSON.stringify({ type: 'entry', id: `${i}`, name: 'Ada', body: 'Hello', website, created_at })
    })
    await post(world, lines.join('\n'))
    await world.drain()
    expect((await entries()).map(({ website }) => website)).toEqual([...websites, null, null])
  })

  it('is read to its end although lines are broken, endless or not UTF-8', async () => {
    const world = new World()
    const broken = [
      '{"type":"entry","name":"Cut',
      '[]',
      `{"type":"entry","body":"${'x'.repeat(400_000)}"}`,
      '{"type":"entry","name":"Next","body":"Hello"}',
      '{"type":"entry","name":{},"body":[1]}',
    ]
    const bytes = new TextEncoder().encode(`${NDJSON}${broken.join('\n')}\n`)
    const { body } = await post(world, new Uint8Array([...bytes, 0xff, 0xfe, 0x0a]))
    await world.drain()
    expect(await theImport(world, body.id)).toMatchObject({
      state: 'done',
      imported: 3,
      skipped: { not_understood: 2, too_large: 1, no_text: 1, deleted: 1 },
    })
    expect((await entries()).map(({ name }) => name)).toContain('Next')
  })
})

/** A CSV file with many rows. */
function manyRows(count: number, text = 'x'.repeat(300)): string {
  const rows = Array.from(
    { length: count },
    (_, i) => `Guest ${i},2001-01-01T00:00:${String(i % 60).padStart(2, '0')}Z,${i} ${text}`
  )
  return `name,date,message\n${rows.join('\n')}\n`
}

describe('an import', () => {
  it('runs in small steps within the limits of the Free plan, and writes few rows', async () => {
    const world = new World()
    const done = await importFile(world, manyRows(400))
    expect(done).toMatchObject({ state: 'done', imported: 400, position: done.size })
    expect(await counts()).toMatchObject({ comment_count: 400, published_count: 400 })
    const steps = world.invocations.filter(({ door }) => door === 'queue')
    expect(steps.length).toBeGreaterThanOrEqual(16)
    for (const { counts } of steps) {
      expect(counts.queries).toBeLessThanOrEqual(10)
      expect(counts.d1RoundTrips + counts.queueCalls).toBeLessThanOrEqual(5)
    }
    const rows = steps.reduce((sum, { counts }) => sum + counts.rowsWritten, 0)
    // An entry with its index, and what remembers it; a few more rows for each step.
    expect(rows).toBeLessThanOrEqual(400 * 3 + steps.length * 6)
  })

  it('takes a file of 10 MiB in an upload of a few calls, and refuses a larger one', async () => {
    const world = new World()
    const file = new Uint8Array(10 * 1_024 * 1_024).fill(32)
    file.set(new TextEncoder().encode(NDJSON))
    const { status } = await post(world, file)
    expect(status).toBe(202)
    expect(world.invocations[0]?.counts.queries).toBeLessThanOrEqual(25)
    expect(
      await env.DB.prepare('select count(*) as n, sum(length(content)) as size from import_chunks').first()
    ).toEqual({
      n: 140,
      size: Math.ceil(file.length / 3) * 4,
    })
    expect(await post(world, new Uint8Array(file.length + 1))).toMatchObject({ status: 413 })
  })

  it('continues after the process was killed at any call, and imports nothing twice', async () => {
    const file = manyRows(60)
    for (let calls = 1; ; calls++) {
      for (const isCommitted of [false, true]) {
        const world = new World()
        await world.api('POST', '/api/books', { slug: `b${calls}${isCommitted}`.toLowerCase(), title: 'x' })
        const book = `b${calls}${isCommitted}`.toLowerCase()
        world.recorder.death = { callsLeft: calls, isCommitted }
        const { body, status } = await upload(world, file, `?book=${book}`).catch(() => ({
          body: { id: '' },
          status: 0,
        }))
        await world.drain().catch(() => undefined)
        const hasDied = (world.recorder.death?.callsLeft ?? 0) <= 0
        world.recorder.death = undefined
        world.loseQueue()
        const id =
          body.id || (await env.DB.prepare('select id from imports where book = ?').bind(book).first<string>('id'))
        if (id !== null) {
          const row = await sweepUntilDone(world, id)
          if (status !== 202 && row.state === 'failed') expect(row.error).toContain('interrupted')
          else expect(row).toMatchObject({ state: 'done', imported: 60 })
        }
        const again = await importFile(world, file, `?book=${book}`)
        expect(again.state).toBe('done')
        expect(await counts(book)).toMatchObject({ comment_count: 60, published_count: 60 })
        const { n } = (await env.DB.prepare('select count(*) as n from comments where book = ?')
          .bind(book)
          .first<{ n: number }>()) ?? { n: 0 }
        expect(n).toBe(60)
        if (!hasDied) return
      }
    }
  }, 60_000)

  it('is done once although two consumers work on it at the same time', async () => {
    const world = new World()
    const { body } = await upload(world, manyRows(60))
    while (world.queued.length > 0) {
      const message = world.queued.shift()
      if (!message) break
      await Promise.all([world.consume(message), world.consume(message)])
    }
    expect(await theImport(world, body.id)).toMatchObject({ state: 'done', imported: 60 })
    expect(await counts()).toMatchObject({ comment_count: 60, published_count: 60 })
  })

  it.each([false, true])(
    'that fails does not keep the next one waiting, whichever call fails (committed: %s)',
    async (isCommitted) => {
      vi.spyOn(console, 'error').mockReturnValue()
      const world = new World()
      for (let callsLeft = 1, isFaulty = true; isFaulty; callsLeft++) {
        world.recorder.fault = { callsLeft, isCommitted }
        const first = await upload(world, fixture('isso.json'))
        isFaulty = world.recorder.fault === undefined
        world.recorder.fault = undefined
        if (first.status < 400) {
          await world.drain()
          continue
        }
        const { status, body } = await upload(world, fixture('isso.json'))
        expect([callsLeft, status < 400]).toEqual([callsLeft, true])
        expect(await env.DB.prepare('select count(distinct import_id) as n from import_chunks').first('n')).toBe(1)
        await world.drain()
        expect(await theImport(world, body.id)).toMatchObject({ state: 'done' })
      }
      expect(await counts()).toMatchObject({ comment_count: 2 })
    }
  )

  it('can be canceled, and only one runs at a time', async () => {
    const world = new World()
    const { body } = await upload(world, manyRows(60))
    expect(await upload(world, fixture('isso.json'))).toMatchObject({ status: 409, body: { code: 'import_running' } })
    const canceled = await world.api('POST', `/api/import/${body.id}/cancel`)
    expect(canceled.body).toMatchObject({ state: 'canceled' })
    await world.drain()
    expect(await theImport(world, body.id)).toMatchObject({ state: 'canceled', imported: 0 })
    expect(await env.DB.prepare('select count(*) as n from import_chunks').first('n')).toBe(0)
    expect(await importFile(world, fixture('isso.json'))).toMatchObject({ imported: 2 })
    const { body: list } = await world.api<{ data: { state: string }[] }>('GET', '/api/import')
    expect(list.data.map(({ state }) => state)).toEqual(['done', 'canceled'])
  })

  it('that was canceled while its file was uploaded keeps nothing of the file', async () => {
    const world = new World()
    await upload(world, manyRows(5))
    await env.DB.prepare(`update imports set state = 'canceled', run_at = null`).run()
    await env.DB.prepare('delete from import_chunks').run()
    const { id } = (await env.DB.prepare('select id from imports').first<{ id: string }>()) ?? { id: '' }
    await world.env.DB.batch(insertChunks(world.env, id, utf8('Hello')))
    expect(await env.DB.prepare('select count(*) as n from import_chunks').first('n')).toBe(0)
  })

  it('fails with a reason if its book is deleted', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'old', title: 'Old' })
    const { body } = await upload(world, manyRows(60), '?book=old')
    await world.api('DELETE', '/api/books/old')
    await world.drain()
    expect(await theImport(world, body.id)).toMatchObject({ state: 'failed', error: expect.stringContaining('book') })
  })
})

describe('the list of imports', () => {
  it('keeps the latest hundred', async () => {
    const world = new World()
    await importFile(world, fixture('isso.json'))
    const rows = Array.from({ length: 150 }, (_, i) => `imp_0000000000${String(i).padStart(16, '0')}`)
    await env.DB.prepare(
      `insert or ignore into imports (id, state, format, book, dry_run, webhooks, origin, size, rev, created_at)
       select value, 'done', 'csv', 'main', 0, 0, '', 1, '', 1 from json_each(?)`
    )
      .bind(JSON.stringify(rows))
      .run()
    await importFile(world, fixture('isso.json'))
    expect(await env.DB.prepare('select count(*) as n from imports').first('n')).toBe(100)
  })
})

describe('an upload', () => {
  const database = new Uint8Array(4_096)
  new TextEncoder().encodeInto('SQLite format 3\0', database)

  it.each([
    ['nothing', '', 'empty_file'],
    ['an archive', 'PK\u0003\u0004', 'unknown_format'],
    ['anything', 'just words', 'unknown_format'],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x3c, 0]), 'unknown_format'],
    ['broken gzip', new Uint8Array([0x1f, 0x8b, 8, 1, 2, 3]), 'not_gzip'],
    ['the database of Isso', database, 'sqlite_database'],
    ['NDJSON of another program', '{"id":"1","text":"x"}\n', 'unknown_format'],
  ])('that is %s is refused with a reason', async (_, file, code) => {
    for (const query of ['', '?format=isso'])
      expect(await post(new World(), file, query)).toMatchObject({ status: 422, body: { code } })
    expect(await env.DB.prepare('select count(*) as n from imports').first('n')).toBe(0)
  })

  it.each(Object.entries(FILES))('of %s as it is names the command that reads it', async (_, file) => {
    const { status, body } = await post(new World(), file)
    expect([status, body.code]).toEqual([422, 'unknown_format'])
    expect(body.detail).toContain('npm run import')
  })

  it('that is a database names the command that reads it', async () => {
    expect((await post(new World(), database)).body.detail).toContain('sqlite3 -json comments.db')
  })

  it('that would unpack to more than the limit is refused', async () => {
    const zeros = new Blob([new Uint8Array(11 * 1_024 * 1_024)]).stream().pipeThrough(new CompressionStream('gzip'))
    const bomb = await new Response(zeros).arrayBuffer()
    expect(bomb.byteLength).toBeLessThan(20_000)
    expect(await post(new World(), bomb)).toMatchObject({ status: 413 })
  })

  it('is only for the owner', async () => {
    const world = new World()
    const response = await world.request('/api/import', { method: 'POST', body: NDJSON })
    expect(response.status).toBe(401)
    const wrong = { Authorization: `Bearer ${TOKEN}x` }
    expect((await world.request('/api/import', { headers: wrong })).status).toBe(401)
  })
})
