import { expect, it } from 'vitest'
import TEXTS from '../../../public/explanations.json'
import type { DeliveryReason } from '../../../src/webhooks/rules/delivering/delivery-state'
import type { ErrorClass } from '../../../src/webhooks/rules/delivering/outcome'
import type { ParkedReason } from '../../../src/webhooks/send/parked'

/** The type checker finds a reason or an error class without a text. 429 explains `rate_limited`. */
const { reasons, classes, statuses, challenge, owner, broken_off, inbound, inbound_tokens } = TEXTS satisfies {
  reasons: Record<DeliveryReason | ParkedReason, string>
  classes: Record<Exclude<ErrorClass, 'rate_limited' | `url_${string}`>, string>
  statuses: { 429: string }
  challenge: object
  owner: object
  broken_off: object
  inbound: object
  inbound_tokens: object
}

it('every text that explains a failure is a sentence, and only the deadline is filled in', () => {
  const texts = [reasons, classes, statuses, challenge, owner, broken_off].flatMap((some) =>
    Object.values<string>(some)
  )
  expect(texts.length).toBeGreaterThan(50)
  for (const text of texts) expect(text).toMatch(/^[A-Z][^{}]*({deadline}[^{}]*)?\.$/)
  expect(texts.filter((text) => text.includes('{deadline}'))).toEqual([classes.deadline, broken_off.deadline])
})

it('a text for a status says the status', () => {
  for (const [status, text] of [statuses, challenge].flatMap((some) => Object.entries<string>(some)))
    expect(text).toContain(`(${status})`)
})

it('every text that explains why a request failed is a sentence, and only what is known is filled in', () => {
  const texts = [inbound, inbound_tokens].flatMap((some) => Object.values<string>(some))
  expect(texts.length).toBeGreaterThan(15)
  for (const text of texts) expect(text).toMatch(/^([A-Z]|{kept})([^{}]|{(size|fields|parts|proof)})*\.$/)
  for (const name of Object.keys(inbound_tokens)) expect(Object.keys(inbound)).toContain(name)
})
