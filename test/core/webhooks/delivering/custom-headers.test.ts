import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkHeaders,
  mergeHeaders,
  REDACTED,
  redactHeaders,
} from '../../../../src/webhooks/rules/delivering/custom-headers'

const TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
const name = fc.string({ unit: fc.constantFrom(...TOKEN), minLength: 1, maxLength: 40 }).map((text) => `X-Own-${text}`)
const value = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 200 }).map((text) => `v${text.trim()}`)
const headers = fc.dictionary(name, value, { maxKeys: 8, noNullPrototype: true })

function faults(given: Record<string, string>) {
  const checked = checkHeaders(given)
  return checked.ok ? [] : checked.error
}

describe('custom headers', () => {
  it('that are valid are read unchanged by the platform', () => {
    fc.assert(
      fc.property(headers, (given) => {
        fc.pre(checkHeaders(given).ok)
        const parsed = new Headers(given)
        const read = Object.keys(given).map((name) => [name, parsed.get(name)])
        expect(read).toEqual(Object.entries(given))
      })
    )
  })

  it('may have any token as a name, and any visible ASCII text as a value', () => {
    fc.assert(
      fc.property(name, value, (name, value) => {
        expect(checkHeaders({ [name]: value })).toEqual({ ok: true, value: { [name]: value } })
      })
    )
  })

  it.each([
    'Host',
    'content-type',
    'Content-Length',
    'TRANSFER-ENCODING',
    'Connection',
    'User-Agent',
    'webhook-id',
    'Webhook-Signature',
    'X-Hub-Signature-256',
    'X-Forwarded-For',
    'Proxy-Authorization',
    'Sec-Fetch-Mode',
    'cf-connecting-ip',
    'Origin',
  ])('cannot set %s', (name) => {
    expect(faults({ [name]: 'x' })[0]?.fault).toContain('cannot be set')
  })

  it.each([
    ['an empty name', '', 'x'],
    ['a space in the name', 'X Y', 'x'],
    ['a colon in the name', 'X:', 'x'],
    ['a letter outside ASCII in the name', 'X-Ü', 'x'],
    ['a line feed in the value', 'X-A', 'x\r\nX-B: y'],
    ['a NUL in the value', 'X-A', 'x\0y'],
    ['a letter outside ASCII in the value', 'X-A', 'ü'],
    ['an empty value', 'X-A', ''],
    ['a space before the value', 'X-A', ' x'],
    ['a space after the value', 'X-A', 'x '],
    ['a value that is too long', 'X-A', 'x'.repeat(1_025)],
    ['a name that is too long', 'X'.repeat(101), 'x'],
  ])('are rejected with %s', (_, name, value) => {
    expect(faults({ [name]: value })).toEqual([{ name, fault: expect.any(String) }])
  })

  it('are rejected if a name appears twice, or if there are more than 16', () => {
    expect(faults({ 'X-A': '1', 'x-a': '2' })).toHaveLength(2)
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`X-${i}`, 'x']))
    expect(faults(many)).toEqual([{ name: '', fault: expect.stringContaining('up to 16') }])
  })
})

describe('redacting custom headers', () => {
  it.each([
    ['Authorization', 'Basic YTpi'],
    ['X-Api-Key', 'abc'],
    ['X-Auth-Token', '1'],
    ['Cookie', 'a=b'],
    ['X-Whatever', 'Bearer abc'],
    ['X-Whatever', 'c2VjcmV0LW9mLW1pbmU0Mg=='],
  ])('hides the value of %s: %s', (name, value) => {
    expect(redactHeaders({ [name]: value })).toEqual({ [name]: REDACTED })
  })

  it.each([
    ['X-Site', 'blog'],
    ['X-Environment', 'production-environment'],
    ['Accept-Language', 'de, en'],
    ['X-Version', '12'],
  ])('keeps the value of %s: %s', (name, value) => {
    expect(redactHeaders({ [name]: value })).toEqual({ [name]: value })
  })
})

describe('merging custom headers', () => {
  it('keeps every stored value if the redacted headers are sent back unchanged', () => {
    fc.assert(
      fc.property(headers, (before) => {
        expect(mergeHeaders(before, redactHeaders(before))).toEqual({ ok: true, value: before })
      })
    )
  })

  it('takes new values, drops headers that are left out, and rejects a redacted value that is not stored', () => {
    const before = { 'X-Key': 'old', 'X-Other': 'o' }
    expect(mergeHeaders(before, { 'x-key': REDACTED })).toEqual({
      ok: true,
      value: { 'x-key': 'old' },
    })
    expect(mergeHeaders(before, { 'X-Key': 'new' })).toEqual({
      ok: true,
      value: { 'X-Key': 'new' },
    })
    expect(mergeHeaders(before, { 'X-New': REDACTED })).toEqual({ ok: false, error: 'X-New' })
  })
})
