import { describe, expect, it } from 'vitest'
import { earlierPages, filteredBy, newerPage, olderPage } from '../../../../src/kit/html/contexts/address'
import { readTimes, readTyped, TIME_NAMES } from '../../../../src/kit/html/typed-filter'
import { DAY_MS, HOUR_MS } from '../../../../src/kit/lib/time'

const NOW = Date.parse('2026-11-24T10:00:00Z')
const typedIn = (query: string) => readTyped(new URLSearchParams(query), ['q', ...TIME_NAMES])

describe('a filter by time', () => {
  it.each([
    ['range=hour', NOW - HOUR_MS, undefined],
    ['range=week', NOW - 7 * DAY_MS, undefined],
    ['since=2026-11-24T09:30', NOW - HOUR_MS / 2, undefined],
    ['since=2026-11-24T10:00&until=2026-11-24T10:00', NOW, NOW + 59_999],
    ['range=hour&until=2026-11-24T10:00', undefined, NOW + 59_999],
    ['range=constructor&since=yesterday', undefined, undefined],
    ['', undefined, undefined],
  ])('reads %s', (query, since, until) => {
    const { q: _, ...times } = typedIn(query)
    expect(readTimes(times, NOW)).toEqual({ since, until })
  })

  it('forgets a range that is none, or that a typed time replaces', () => {
    expect(typedIn('range=year').range).toBe('')
    expect(typedIn('range=day&since=2026-11-24T09:30')).toEqual({
      q: '',
      range: '',
      since: '2026-11-24T09:30',
      until: '',
    })
    expect(typedIn('range=day&q=%20a%20')).toEqual({ q: 'a', range: 'day', since: '', until: '' })
  })
})

describe('the address of a list', () => {
  it('changes one filter, keeps the others, and starts at the first page', () => {
    const address = '/admin/inbound?q=a&status=failed&cursor=in_2&trail=in_1&done=x'
    expect(filteredBy(address, { status: '' })).toBe('/admin/inbound?q=a')
    expect(filteredBy(address, { range: 'hour', since: '' })).toBe('/admin/inbound?q=a&status=failed&range=hour')
  })

  it('has the numbers of the pages before, as long as the trail knows all of them', () => {
    let address = '/list?q=a'
    const visited: string[] = []
    for (let page = 1; page <= 20; page++) {
      expect(earlierPages(address, 'cursor')).toEqual(visited)
      expect(newerPage(address, 'cursor')).toBe(visited.at(-1) ?? null)
      visited.push(address)
      address = olderPage(address, 'cursor', `c${page}`)
    }
    for (let page = 21; page < 25; page++) address = olderPage(address, 'cursor', `c${page}`)
    expect(earlierPages(address, 'cursor')).toBeNull()
    expect(newerPage(address, 'cursor')).toContain('cursor=c23')
  })
})
