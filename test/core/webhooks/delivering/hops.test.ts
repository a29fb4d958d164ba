import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forwardedHeaders } from '../../../../src/webhooks/rules/delivering/connection-headers'
import { checkHeaders } from '../../../../src/webhooks/rules/delivering/custom-headers'
import { HOPS_HEADER, readHops } from '../../../../src/webhooks/rules/delivering/hops'
import { anyText } from '../../../support/arbitraries'

describe('the number of hops', () => {
  it.each([
    [null, 0],
    ['', 0],
    ['0', 0],
    ['2', 2],
    [' 3 ', 3],
    ['0, 3', 3],
    ['3, 0', 3],
    ['two', 0],
    ['1'.repeat(500), 1_000],
  ])('of %j is %i', (value, hops) => {
    expect(readHops(value)).toBe(hops)
  })

  it('is a small number for any value', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const hops = readHops(value)
        return Number.isInteger(hops) && hops >= 0 && hops <= 1_000
      })
    )
  })

  it('is neither forwarded as received nor set by the owner of an endpoint', () => {
    expect(
      forwardedHeaders([
        ['guesthook-hops', '0'],
        ['x-other', 'a'],
      ])
    ).toEqual([['x-other', 'a']])
    for (const name of [HOPS_HEADER, HOPS_HEADER.toLowerCase(), 'Guesthook-Other'])
      expect(checkHeaders({ [name]: '0' }).ok, name).toBe(false)
  })
})
