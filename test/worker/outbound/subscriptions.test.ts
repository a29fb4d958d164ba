import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filtersFor } from '../../../src/core/events/filter'
import { all, statement } from '../../../src/db/statements'
import { wantsType } from '../../../src/outbound/publish/subscriptions'

/*
 * Dispatch matches an event type by comparing `filtersFor` with the endpoint's filters. Pull and replay match it with
 * the SQL of `wantsType`. Both must select the same endpoints.
 */

interface Subscription {
  type: string
  filters: string[]
}

/** Selects, for each case, whether the SQL rule matches: 1 or 0. */
const MATCH_IN_SQL = statement<{ cases: string }, { matches: number }>(`
  with m as (select value ->> 'type' as type, value ->> 'filters' as filters from json_each(:cases))
  select ${wantsType('m.filters')} as matches
  from m`)

async function matchInSql(cases: Subscription[]): Promise<boolean[]> {
  const rows = await all(MATCH_IN_SQL(env, { cases: JSON.stringify(cases) }))
  return rows.map(({ matches }) => matches === 1)
}

function matchInTypeScript({ type, filters }: Subscription): boolean {
  return filtersFor(type).some((filter) => filters.includes(filter))
}

describe('the SQL rule and the TypeScript rule for event filters', () => {
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
    const subscription = { type, filters: ['other', filter] }
    expect(await matchInSql([subscription])).toEqual([expected])
    expect(matchInTypeScript(subscription)).toBe(expected)
  })

  it('agree for an endpoint without filters', async () => {
    expect(await matchInSql([{ type: 'ping', filters: [] }])).toEqual([false])
    expect(matchInTypeScript({ type: 'ping', filters: [] })).toBe(false)
  })

  it('agree for any event type and any filters', async () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', 'A', '_', 'ab'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('.'))
    const family = name.map((start) => `${start}.*`)
    const filters = fc.array(fc.oneof(fc.constant('*'), name, family), { maxLength: 3 })
    const cases = fc.array(fc.record({ type: name, filters }), { minLength: 100, maxLength: 200 })
    const seen = new Set<boolean>()
    await fc.assert(
      fc.asyncProperty(cases, async (cases) => {
        const expected = cases.map(matchInTypeScript)
        for (const matches of expected) seen.add(matches)
        expect(await matchInSql(cases)).toEqual(expected)
      }),
      { numRuns: 20 }
    )
    expect(seen).toEqual(new Set([true, false]))
  })
})
