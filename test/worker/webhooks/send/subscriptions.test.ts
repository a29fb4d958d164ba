import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { all, statement } from '../../../../src/kit/db/statements'
import { wantsType } from '../../../../src/webhooks/rules/events/filter'
import { isWanted } from '../../../../src/webhooks/send/publish/subscriptions'

/*
 * Dispatch, pull and replay select with the SQL of `isWanted`. The dashboard shows what an endpoint gets with
 * `wantsType`. Both must agree.
 */

/** A message, and the endpoint `ep_1`. */
interface Subscription {
  type: string
  filters: string[]
  book: string | null
  books: readonly string[] | null
  about: string | null
  audience: string | null
  erased_at: number | null
}

/** The endpoint wants everything but the event type, perhaps. */
const SUBSCRIPTION: Subscription = {
  type: 'ping',
  filters: [],
  book: null,
  books: null,
  about: null,
  audience: null,
  erased_at: null,
}

/** Selects, for each case, whether the SQL rule matches: 1 or 0. */
const SELECT_IN_SQL = statement<{ cases: string }, { is_wanted: number }>(`
  with m as (
    select value ->> 'type' as type, value ->> 'book' as book, value ->> 'about' as about,
      value ->> 'audience' as audience, value ->> 'erased_at' as erased_at,
      'ep_1' as id, value ->> 'filters' as event_types, value ->> 'books' as books
    from json_each(:cases)
  )
  select ${isWanted('m')} as is_wanted
  from m`)

async function selectInSql(cases: Subscription[]): Promise<boolean[]> {
  const rows = await all(SELECT_IN_SQL(env, { cases: JSON.stringify(cases) }))
  return rows.map((row) => row.is_wanted === 1)
}

function selectInTypeScript({ type, filters, book, books, about, audience, erased_at }: Subscription): boolean {
  const isForBook = books === null || book === null || books.includes(book)
  const isForEndpoint = about !== 'ep_1' && (audience ?? 'ep_1') === 'ep_1'
  return erased_at === null && isForEndpoint && isForBook && wantsType(filters, type)
}

describe('the SQL rule and the TypeScript rule for what an endpoint wants', () => {
  it.each([
    ['*', 'ping', true],
    ['ping', 'ping', true],
    ['comment.*', 'comment.published', true],
    ['comment.*', 'comment.reply.published', true],
    ['comment.reply.*', 'comment.reply.published', true],
    ['comment', 'comment.published', false],
    ['comment.*', 'comment', false],
    ['comment.*', 'commentary.published', false],
    ['comment.*', 'a.comment.published', false],
    ['comment.published', 'comment.published.late', false],
    ['Comment.*', 'comment.published', false],
    ['comment.publishe_', 'comment.published', false],
    ['c_mment.*', 'comment.published', false],
  ])('agree for the filter %s and the event type %s', async (filter, type, expected) => {
    const filters = ['other', filter]
    expect(await selectInSql([{ ...SUBSCRIPTION, filters, type }])).toEqual([expected])
    expect(wantsType(filters, type)).toBe(expected)
  })

  it('agree for an endpoint without filters', async () => {
    expect(await selectInSql([SUBSCRIPTION])).toEqual([false])
    expect(wantsType([], 'ping')).toBe(false)
  })

  it('agree for any message and any endpoint', async () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', 'A', '_', 'ab'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('.'))
    const family = name.map((start) => `${start}.*`)
    const filters = fc.array(fc.oneof(fc.constant('*'), name, family), { maxLength: 3 })
    const endpoint = fc.constantFrom(null, null, 'ep_1', 'ep_2')
    const subscription = fc.record({
      type: name,
      filters,
      book: fc.constantFrom(null, 'main', 'other'),
      books: fc.constantFrom(null, [], ['main'], ['main', 'other']),
      about: endpoint,
      audience: endpoint,
      erased_at: fc.constantFrom(null, null, null, 1),
    })
    const cases = fc.array(subscription, { minLength: 100, maxLength: 200 })
    const seen = new Set<boolean>()
    await fc.assert(
      fc.asyncProperty(cases, async (cases) => {
        const expected = cases.map(selectInTypeScript)
        for (const isWanted of expected) seen.add(isWanted)
        expect(await selectInSql(cases)).toEqual(expected)
      }),
      { numRuns: 20 }
    )
    expect(seen).toEqual(new Set([true, false]))
  })
})
