import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newerPage, olderPage, rowsOf } from '../../../src/kit/html/contexts/address'

describe('the links of a list', () => {
  it('lead back through the same pages, whatever the filter, up to as many as the trail remembers', () => {
    const cursors = fc.uniqueArray(fc.stringMatching(/^msg_[0-9A-Z]{4}$/), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        cursors,
        fc.constantFrom<string[]>('/admin/messages', '/admin/messages?type=a.*&q=x%2Cy'),
        (list, first) => {
          const pages = [first]
          for (const cursor of list) pages.push(olderPage(pages.at(-1) ?? '', 'cursor', cursor))
          const back: (string | null)[] = [pages.at(-1) ?? null]
          for (let at = back[0] ?? null; at; at = newerPage(at, 'cursor')) back.push(newerPage(at, 'cursor'))
          const seen = back
            .filter((page) => page !== null)
            .map((page) => new URLSearchParams(page.split('?')[1]).toString())
          const wanted = pages.toReversed().map((page) => new URLSearchParams(page.split('?')[1]).toString())
          expect(seen).toEqual(wanted)
        }
      )
    )
  })

  it('do not carry along what belongs to one view only', () => {
    expect(olderPage('/x?done=saved&flash=abc&status=failed', 'cursor', 'msg_1')).toBe('/x?status=failed&cursor=msg_1')
    expect(newerPage('/x', 'cursor')).toBeNull()
    expect(rowsOf('/x?status=failed&done=y')).toBe('/x?status=failed&part=rows')
    expect(rowsOf('/x?cursor=msg_1')).toBeNull()
  })
})
