import { describe, expect, it } from 'vitest'
import { MAX_PARSED_BODY_BYTES, readContent } from '../../../src/core/verifying/request'
import { providerOf, requestWith, sampleOf, verifyFor } from './samples'

describe('a body', () => {
  it('with tens of thousands of form fields is parsed and verified quickly', async () => {
    const body = Array.from({ length: 60_000 }, (_, i) => `a&b${i}=${i}`).join('&')
    const request = requestWith(body, [
      ['content-type', 'application/x-www-form-urlencoded'],
      ['x-twilio-signature', 'bm9uZQ=='],
    ])
    expect(Object.keys(readContent(request) as object).length).toBeLessThanOrEqual(1_000)
    const { reason } = await verifyFor(providerOf('twilio'), ['s'], request)
    expect(reason).toBe('signature_mismatch')
  }, 5_000)

  it('over 1 MB is verified, but not parsed', async () => {
    const body = JSON.stringify('x'.repeat(MAX_PARSED_BODY_BYTES))
    const request = requestWith(body, [['linear-signature', '00']])
    expect(readContent(request)).toBeNull()
    // Linear sends its timestamp in the body.
    const { reason } = await verifyFor(providerOf('linear'), ['s'], request)
    expect(reason).toBe('body_too_large')
    const github = providerOf('github')
    const signed = await sampleOf({ ...github, sample: { body } })
    const verification = await verifyFor(github, [signed.secret], signed.request)
    expect(verification).toMatchObject({ verified: true })
  })

  it('may start with a byte order mark', () => {
    expect(readContent(requestWith('\uFEFF{"a":1}'))).toEqual({ a: 1 })
  })
})
