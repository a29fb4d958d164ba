import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlatformError, judgeFailure, judgeResponse } from '../../../../src/webhooks/rules/delivering/outcome'

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)

describe('a response', () => {
  it.each([
    [200, 'delivered', null],
    [201, 'delivered', null],
    [202, 'delivered', null],
    [204, 'delivered', null],
    [299, 'delivered', null],
    [300, 'refused', 'redirect'],
    [301, 'refused', 'redirect'],
    [302, 'refused', 'redirect'],
    [304, 'refused', 'redirect'],
    [307, 'refused', 'redirect'],
    [308, 'refused', 'redirect'],
    [399, 'refused', 'redirect'],
    [400, 'refused', 'http_4xx'],
    [401, 'refused', 'http_4xx'],
    [404, 'refused', 'http_4xx'],
    [408, 'refused', 'http_4xx'],
    [409, 'refused', 'http_4xx'],
    [410, 'refused', 'gone'],
    [411, 'refused', 'http_4xx'],
    [428, 'refused', 'http_4xx'],
    [429, 'refused', 'rate_limited'],
    [430, 'refused', 'http_4xx'],
    [499, 'refused', 'http_4xx'],
    [500, 'refused', 'http_5xx'],
    [502, 'refused', 'http_5xx'],
    [503, 'refused', 'http_5xx'],
    [504, 'refused', 'http_5xx'],
    [519, 'refused', 'http_5xx'],
    [520, 'unreachable', 'origin_unreachable'],
    [521, 'unreachable', 'origin_unreachable'],
    [525, 'unreachable', 'origin_unreachable'],
    [526, 'unreachable', 'origin_unreachable'],
    [530, 'unreachable', 'origin_unreachable'],
    [531, 'refused', 'http_5xx'],
    [599, 'refused', 'http_5xx'],
    [0, 'refused', 'http_unexpected'],
    [101, 'refused', 'http_unexpected'],
    [199, 'refused', 'http_unexpected'],
    [600, 'refused', 'http_unexpected'],
    [999, 'refused', 'http_unexpected'],
  ])('with status %i has the outcome %s and the error class %s', (status, outcome, error_class) => {
    const verdict = judgeResponse(status, null, NOW)
    expect(verdict).toEqual({ outcome, error_class, retry_after_ms: null })
  })

  it('is a success only with a 2xx status, and only a success has no error class', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), (status) => {
        const { outcome, error_class } = judgeResponse(status, '5', NOW)
        expect(outcome === 'delivered').toBe(Math.floor(status / 100) === 2)
        expect(error_class === null).toBe(outcome === 'delivered')
      })
    )
  })

  it.each([
    [429, '120', 120_000],
    [503, '120', 120_000],
    [429, 'Tue, 24 Nov 2026 10:01:00 GMT', 60_000],
    [503, 'Tue, 24 Nov 2026 10:01:00 GMT', 60_000],
    [429, '999999', 86_400_000],
    [429, 'soon', null],
    [503, '', null],
    [200, '120', null],
    [204, '120', null],
    [521, '120', null],
  ])('with status %i and Retry-After %j has a retry_after_ms of %s', (status, header, delay) => {
    expect(judgeResponse(status, header, NOW).retry_after_ms).toBe(delay)
  })
})

describe('a status', () => {
  it.each([520, 530])('of %i is a platform error', (status) => {
    expect(isPlatformError(status)).toBe(true)
  })

  it.each([200, 502, 519, 531])('of %i is not a platform error', (status) => {
    expect(isPlatformError(status)).toBe(false)
  })
})

describe('a request that throws', () => {
  it.each([
    ['TimeoutError', 'The operation was aborted due to timeout', 'timed_out', 'deadline'],
    ['AbortError', 'The operation was aborted', 'timed_out', 'deadline'],
    ['TimeoutError', 'internal error', 'timed_out', 'deadline'],
    ['Error', 'internal error; reference = 0123456789abcdef', 'unreachable', 'dns_or_tls'],
    ['Error', 'Internal Error', 'unreachable', 'dns_or_tls'],
    ['TypeError', 'DNS lookup failed', 'unreachable', 'dns_or_tls'],
    ['Error', 'TLS peer certificate is not trusted', 'unreachable', 'dns_or_tls'],
    ['Error', 'SSL handshake failed', 'unreachable', 'dns_or_tls'],
    ['Error', 'Network connection lost.', 'unreachable', 'connection_lost'],
    ['TypeError', 'fetch failed', 'unreachable', 'connection_lost'],
    ['Error', '', 'unreachable', 'connection_lost'],
  ])('%s %j has the outcome %s and the error class %s', (name, message, outcome, error_class) => {
    const verdict = judgeFailure({ name, message })
    expect(verdict).toEqual({ outcome, error_class, retry_after_ms: null })
  })
})
