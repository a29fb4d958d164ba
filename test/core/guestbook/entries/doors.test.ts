import { expect, it } from 'vitest'
import { DOORS } from '../../../../src/guestbook/signing/doors'

it('every exception from a rule for entries has a reason', () => {
  const reasons = Object.values(DOORS).flatMap((exempt) => Object.values(exempt))
  expect(reasons.filter((reason) => !/^\w+ .{5,}/.test(reason))).toEqual([])
})
