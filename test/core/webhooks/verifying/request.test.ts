import { describe, expect, it } from 'vitest'
import { MAX_FORM_FIELDS } from '../../../../src/kit/lib/form'
import { MAX_PARTS } from '../../../../src/kit/lib/json'
import { MAX_PARSED_BODY_BYTES, readContent } from '../../../../src/webhooks/rules/verifying/request'
import { countParses, providerOf, requestWith, sampleOf, verifyFor } from './samples'

const FORM: [string, string] = ['content-type', 'application/x-www-form-urlencoded']

function formOf(fields: number): string {
  return Array.from({ length: fields }, (_, i) => `b${i}=${i}`).join('&')
}

describe('a form', () => {
  const twilio = providerOf('twilio')

  it('is parsed and verified with up to 1,000 fields', async () => {
    const { request, secret } = await sampleOf(twilio, { body: formOf(MAX_FORM_FIELDS) })
    expect(Object.keys(readContent(request) as object)).toHaveLength(MAX_FORM_FIELDS)
    expect(await verifyFor(twilio, [secret], request)).toMatchObject({ verified: true })
  })

  it.each([
    ['fields', formOf(MAX_FORM_FIELDS + 1)],
    ['ampersands', '&'.repeat(100_000)],
    ['bytes', `a=${'b'.repeat(MAX_PARSED_BODY_BYTES)}`],
  ])('is not parsed with more %s, so a signature of its fields cannot be verified', async (_, body) => {
    const request = requestWith(body, [FORM, ['x-twilio-signature', 'bm9uZQ==']])
    const parsed = await countParses(async () => {
      expect(readContent(request)).toBeNull()
      expect(await verifyFor(twilio, ['s'], request)).toMatchObject({ verified: false, reason: 'body_too_large' })
    })
    expect(parsed).toBe(0)
  })

  it('is parsed once, although Twilio has three ways to sign it', async () => {
    const request = requestWith(formOf(900), [FORM, ['x-twilio-signature', 'bm9uZQ==']])
    const parsed = await countParses(async () => {
      const { checks, reason } = await verifyFor({ ...twilio }, ['s'], { ...request }, undefined, null)
      expect({ reason, checks: checks.length }).toEqual({ reason: 'signature_mismatch', checks: 3 })
    })
    expect(parsed).toBe(1)
  })
})

describe('a body', () => {
  it('with more than 20,000 names and values is not parsed', async () => {
    const mailgun = providerOf('mailgun')
    const { request } = await sampleOf(mailgun)
    const sample = new TextDecoder().decode(request.body)
    const long = requestWith(sample.replace('{', `{"list":[${Array(MAX_PARTS + 1).fill(0)}],`))
    expect(readContent(long)).toBeNull()
    // Mailgun sends its signature in the body.
    expect((await verifyFor(mailgun, ['s'], long)).reason).toBe('body_too_large')
    const garbage = requestWith('\0'.repeat(MAX_PARSED_BODY_BYTES))
    expect((await verifyFor(mailgun, ['s'], garbage)).reason).toBe('missing_header')
  })

  it('over 1 MB is verified, but not parsed', async () => {
    const body = JSON.stringify('x'.repeat(MAX_PARSED_BODY_BYTES))
    const request = requestWith(body, [['linear-signature', '00']])
    expect(readContent(request)).toBeNull()
    // Linear sends its timestamp in the body.
    const { reason } = await verifyFor(providerOf('linear'), ['s'], request)
    expect(reason).toBe('body_too_large')
    const github = providerOf('github')
    const signed = await sampleOf(github, { body })
    const verification = await verifyFor(github, [signed.secret], signed.request)
    expect(verification).toMatchObject({ verified: true })
  })

  it('of a form may hold JSON in the field payload, or in data if it has no other field', () => {
    const json = encodeURIComponent('{"a":1}')
    const contentOf = (form: string) => readContent(requestWith(form, [FORM]))
    expect(contentOf(`data=${json}`)).toEqual({ data: { a: 1 } })
    expect(contentOf(`data=${json}&b=2`)).toEqual({ data: '{"a":1}', b: '2' })
    expect(contentOf(`payload=${json}&b=2`)).toEqual({ payload: { a: 1 }, a: 1, b: '2' })
    expect(contentOf('data=text')).toEqual({ data: 'text' })
  })

  it('may start with a byte order mark', () => {
    expect(readContent(requestWith('\uFEFF{"a":1}'))).toEqual({ a: 1 })
  })
})
