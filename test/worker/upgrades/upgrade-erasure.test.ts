import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { migrate, OLD_DATABASES, type OldDatabase, readTables, restore, restoreMigrated } from './old-databases'

/*
 * Migration 0008 changes rows: it erases what earlier versions left behind, and fills the columns that erasure needs.
 */

/** The fixtures contain an entry with these words, which was deleted. */
const DELETED_WORDS = 'The words of a deleted entry'
const NEWEST = OLD_DATABASES.filter(({ name }) => name.startsWith('5291525'))

const RECEIVER = 'http://127.0.0.1:9/closed'

/** @param changes statements that run before the migrations */
async function upgrade(old: OldDatabase, changes: string[] = []) {
  if (changes.length === 0) await restoreMigrated(old, RECEIVER)
  else {
    await restore(old, RECEIVER)
    await env.DB.batch(changes.map((sql) => env.DB.prepare(sql)))
    await migrate()
  }
  return readTables(Object.keys(old.facts.rows))
}

describe.each(OLD_DATABASES)('migrating $name', (old) => {
  it('erases the text of deleted entries, even where a receiver repeated it', async () => {
    const tables = await upgrade(old, [
      `update attempts set response_excerpt = 'You sent: ${DELETED_WORDS}'
       where message_id in (select id from messages where payload like '%${DELETED_WORDS}%')`,
    ])
    expect(JSON.stringify(tables)).not.toContain(DELETED_WORDS)
    expect(JSON.stringify(tables)).toContain('A second entry')
    const { messages = [], deliveries = [] } = tables
    const erased = messages.filter(({ erased_at }) => erased_at !== null)
    expect(erased.map(({ type, payload }) => [type, payload])).toEqual([['comment.published', '']])
    const ids = erased.map(({ id }) => id)
    const waiting = deliveries.filter(({ message_id, status }) => ids.includes(message_id) && status === 'pending')
    expect(waiting).toEqual([])
  })

  it('lists the messages about each entry', async () => {
    const { comments = [], messages = [] } = await upgrade(old)
    expect(comments.length).toBeGreaterThan(4)
    for (const { id, message_ids } of comments) {
      const about = messages.filter(
        ({ type, payload }) => type !== 'comment.removed' && String(payload).includes(`"${id}"`)
      )
      const ids = about.filter(({ type }) => String(type).startsWith('comment.')).map((message) => message.id)
      expect(JSON.parse(String(message_ids)).toSorted()).toEqual(ids.toSorted())
    }
  })

  it('removes the URLs of deleted endpoints and the keys of visitors', async () => {
    const { endpoints = [], comments = [] } = await upgrade(old)
    const urls = endpoints.map(({ status, url }) => [status === 'deleted', url === ''])
    expect(urls).toContainEqual([true, true])
    expect(urls.every(([isDeleted, isEmpty]) => isDeleted === isEmpty)).toBe(true)
    expect(comments.filter(({ author_key }) => author_key !== null)).toEqual([])
  })
})

describe.each(OLD_DATABASES.filter(({ facts }) => facts.inbound))('migrating the entries in $name', (old) => {
  it('links an entry to the webhook that created it', async () => {
    const { comments = [], inbound_messages = [] } = await upgrade(old)
    const signed = inbound_messages.filter(({ comment_id }) => comment_id !== null)
    expect(signed).toHaveLength(1)
    expect(comments.flatMap(({ id, inbound_id }) => (inbound_id === null ? [] : [[id, inbound_id]]))).toEqual(
      signed.map(({ id, comment_id }) => [comment_id, id])
    )
  })
})

describe.each(NEWEST)('odd data in $name', (old) => {
  const message = (id: string, type: string, payload: string) =>
    `insert into messages (id, type, created_at, payload) values ('${id}', '${type}', 1, '${payload}')`

  it.each(['', 'not JSON', 'null', '[1]', '{"data":7}', '{"data":{"comment":{"id":null}}}'])(
    'does not stop the migrations: a payload of %j',
    async (payload) => {
      const types = ['comment.published', 'comment.held', 'comment.updated', 'comment.removed', 'order.shipped']
      const { messages = [] } = await upgrade(
        old,
        types.map((type) => message(`msg_${type}`, type, payload))
      )
      const odd = messages.filter(({ created_at }) => created_at === 1)
      expect(odd.map((row) => [row.payload, row.erased_at])).toEqual(types.map(() => [payload, null]))
    }
  )

  it('does not stop the migrations: a webhook whose entry was deleted, and a test with an example', async () => {
    const { messages = [], comments = [] } = await upgrade(old, [
      `update inbound_messages set comment_id = 'cmt_gone'`,
      message('msg_test', 'comment.published', '{"data":{"comment":{"id":"cmt_example"}}}'),
      `update messages set audience = 'ep_1' where id = 'msg_test'`,
    ])
    expect(messages.find(({ id }) => id === 'msg_test')).toMatchObject({ erased_at: null })
    expect(comments.every(({ inbound_id }) => inbound_id === null)).toBe(true)
  })
})
