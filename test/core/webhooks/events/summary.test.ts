import fc from 'fast-check'
import { expect, it } from 'vitest'
import { summarize } from '../../../../src/webhooks/rules/events/summary'

const NOW = '2026-11-28T10:00:00Z'

function textOf(percent: number, is_full: boolean): string {
  return summarize({ id: 'msg_1', type: 'storage.warning', timestamp: NOW, data: { percent, is_full } }).text
}

it('the summary of storage.warning depends on whether the database is full, not on a percentage of its own', () => {
  expect(textOf(95, true)).not.toBe(textOf(95, false))
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), fc.boolean(), (percent, isFull) => {
      expect(textOf(percent, isFull)).toBe(textOf(50, isFull))
    })
  )
})
