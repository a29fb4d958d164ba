import { expect, it } from 'vitest'
import TEXTS from '../../../../public/explanations.json'
import type { DeliveryReason } from '../../../../src/webhooks/rules/delivering/delivery-state'
import type { ErrorClass } from '../../../../src/webhooks/rules/delivering/outcome'
import { FORMATS, formatOf } from '../../../../src/webhooks/rules/events/formats'
import type { ParkedReason } from '../../../../src/webhooks/send/deliver/parked'
import { explainFailure } from '../../../../src/webhooks/send/http/explain-failure'

/** The type checker finds a reason or an error class without a text. 429 explains `rate_limited`. */
const { reasons, classes, statuses, challenge, owner, service, integrator, broken_off, inbound, inbound_tokens } =
  TEXTS satisfies {
    reasons: Record<DeliveryReason | ParkedReason, string>
    classes: Record<Exclude<ErrorClass, 'rate_limited' | `url_${string}`>, string>
    statuses: { 429: string }
    challenge: object
    owner: object
    service: object
    integrator: object
    broken_off: object
    inbound: object
    inbound_tokens: object
  }

it('every text that explains a failure is a sentence, and only the deadline is filled in', () => {
  const texts = [reasons, classes, statuses, challenge, owner, integrator, broken_off].flatMap((some) =>
    Object.values<string>(some)
  )
  expect(texts.length).toBeGreaterThan(50)
  for (const text of texts) expect(text).toMatch(/^[A-Z][^{}]*({deadline}[^{}]*)?\.$/)
  expect(texts.filter((text) => text.includes('{deadline}'))).toEqual([classes.deadline, broken_off.deadline])
})

it('says that a receiver sent Retry-After only if it did', () => {
  const failure = { error_class: 'http_5xx', status_code: 503, response_excerpt: null } as const
  const explain = (pairs: [string, string][], trigger: 'auto' | 'test' = 'auto') =>
    explainFailure(
      TEXTS,
      { ...failure, response_headers: JSON.stringify(pairs), trigger },
      { isOwner: true, format: 'standard' }
    )
  expect(explain([['retry-after', '60']])).toContain('Retry-After')
  expect(explain([['retry-after', 'soon']])).not.toContain('Retry-After')
  expect(explain([['x-note', 'retry-after']])).not.toContain('Retry-After')
  // Nothing retries a test.
  expect(explain([['retry-after', '60']], 'test')).not.toContain('Retry-After')
})

it('a text for a status says the status', () => {
  for (const [status, text] of [statuses, challenge].flatMap((some) => Object.entries<string>(some)))
    expect(text).toContain(`(${status})`)
})

it('a service that checks no signature is explained by its name, without signatures', () => {
  for (const text of Object.values(service)) expect(text).toMatch(/^{service} [^{}]*\.$/)
  for (const format of FORMATS.filter((name) => formatOf(name).service))
    for (const status_code of [400, 401, 403, 404, 422, 500]) {
      const error_class: ErrorClass = status_code < 500 ? 'http_4xx' : 'http_5xx'
      const failure = { error_class, status_code, response_excerpt: null }
      const text = explainFailure(TEXTS, failure, { isOwner: true, format })
      expect(text).toContain(formatOf(format).service)
      expect(text).not.toMatch(/signature|secret/i)
    }
})

it('a service that cannot be reached is not explained as if it were a receiver of the reader', () => {
  const ofReceivers = /Return 2xx|is running|firewall|curl|logs/
  const failures = [
    ...Object.keys(classes).map((name) => [name, null] as const),
    ...Object.keys(statuses).map((status) => [Number(status) < 500 ? 'http_4xx' : 'http_5xx', Number(status)] as const),
  ]
  for (const [error_class, status_code] of failures) {
    if (['sender_fault', 'no_email', 'email_refused', 'receiver_refused'].includes(error_class)) continue
    const failure = { error_class: error_class as ErrorClass, status_code, response_excerpt: null }
    expect(explainFailure(TEXTS, failure, { isOwner: true, format: 'slack' })).not.toMatch(ofReceivers)
  }
})

it('a challenge is explained before the format of the endpoint is', () => {
  const failure = { error_class: 'http_4xx', status_code: 401, response_excerpt: null } as const
  const reader = { isOwner: false, format: 'slack', isChallenge: true } as const
  expect(explainFailure(TEXTS, failure, reader)).toBe(challenge[401])
})

it('a test or a challenge does not promise what only a delivery does', () => {
  const throttled = { error_class: 'rate_limited', status_code: 429, response_excerpt: null } as const
  const reader = { isOwner: false, format: 'standard' } as const
  expect(explainFailure(TEXTS, { ...throttled, trigger: 'auto' }, reader)).toBe(statuses[429])
  for (const isOwner of [true, false])
    expect(explainFailure(TEXTS, { ...throttled, trigger: 'test' }, { ...reader, isOwner })).toBe(challenge[429])
  const gone = { error_class: 'gone', status_code: 410, response_excerpt: null } as const
  for (const failure of [throttled, gone, { ...gone, error_class: 'http_5xx', status_code: 502 } as const])
    expect(explainFailure(TEXTS, failure, { ...reader, isChallenge: true })).not.toMatch(
      /attempt|the endpoint|Deliveries/
    )
})

it('an integrator reads nothing that only the owner can do', () => {
  const only = /SECRETS_KEY|wrangler|Worker|Routing|your endpoints|Enable|the format of|rate limit of/
  const failures = [...Object.keys(classes).map((name) => [name, null] as const)]
  const statusFailures = Object.keys(statuses).map((status) => ['http_4xx', Number(status)] as const)
  for (const [error_class, status_code] of [...failures, ...statusFailures]) {
    const failure = { error_class: error_class as ErrorClass, status_code, response_excerpt: null }
    if (error_class !== 'receiver_refused')
      expect(explainFailure(TEXTS, failure, { isOwner: false, format: 'standard' })).not.toMatch(only)
    expect(explainFailure(TEXTS, failure, { isOwner: true, format: 'standard' })).not.toBeNull()
  }
})

it('every text that explains why a request failed is a sentence, and only what is known is filled in', () => {
  const texts = [inbound, inbound_tokens].flatMap((some) => Object.values<string>(some))
  expect(texts.length).toBeGreaterThan(15)
  for (const text of texts) expect(text).toMatch(/^([A-Z]|{kept})([^{}]|{(size|fields|parts|proof)})*\.$/)
  for (const name of Object.keys(inbound_tokens)) expect(Object.keys(inbound)).toContain(name)
})
