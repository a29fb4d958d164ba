import { describe, expect, it } from 'vitest'
import { gistOf } from '../../../../src/kit/lib/text/gist'
import { answerInWords } from '../../../../src/webhooks/endpoints/last-answers'

describe('the words of a response', () => {
  it.each([
    ['relation "contacts" does not exist\nLINE 1: INSERT', 'relation "contacts" does not exist'],
    ['\n\n  late\n', 'late'],
    ['{"error":"rate_limited","message":"Wait \\"20\\" minutes."}', 'Wait "20" minutes.'],
    ['{"errors":[{"detail":"no such hook"', 'no such hook'],
    ['{"message":"cut', '{"message":"cut'],
    ['<!doctype html><title>503 Down</title><p>x', '503 Down'],
    ['<p>Go <b>away</b></p>', 'Go  away'],
    ['500 Internal Server Error\n\n  no such table', 'no such table'],
    ['Internal Server Error', 'Internal Server Error'],
    [' \n', null],
  ])('are on one line: %j', (body, gist) => {
    expect(gistOf(body)).toBe(gist)
  })

  it('are short', () => {
    expect([...(gistOf('ä'.repeat(1_000)) ?? '')]).toHaveLength(120)
  })
})

describe('an answer in words', () => {
  const none = { status_code: null, error_class: null, response_excerpt: null } as const

  it('is the status with what the body says', () => {
    expect(answerInWords({ ...none, status_code: 500, response_excerpt: 'no table\nat x' })).toBe('500: no table')
    expect(answerInWords({ ...none, status_code: 204 })).toBe('204')
  })

  it('says why there is none', () => {
    expect(answerInWords({ ...none, error_class: 'deadline' })).toContain('15 seconds')
  })
})
