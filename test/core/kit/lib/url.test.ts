import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { hostOf, originOf, parseUrl } from '../../../../src/kit/lib/url'

const han = (length: number) => Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('')
const label = fc.string({
  unit: fc.constantFrom('a', '-', '1', 'é', '中', '🎉', '\u3300'),
  minLength: 1,
  maxLength: 12,
})
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
const rest = fc.constantFrom('', '/', ':8080/a?b#c', '?q=@', '/a/../b', '#@:')
const start = fc.constantFrom(
  'https://',
  'HTTP:\\\\',
  'https:',
  '  https://',
  'ht\ntps://',
  'https://u:p@',
  'foo://',
  ''
)

describe('a URL that a stranger wrote', () => {
  it('is parsed as everywhere else, if its host can exist', () => {
    fc.assert(
      fc.property(start, host, rest, (before, name, after) => {
        const text = before + name + after
        const expected = URL.parse(text)
        const isShort = (expected?.hostname ?? '').split('.').every((one) => one.length <= 63)
        expect(parseUrl(text)?.href).toBe(isShort ? expected?.href : undefined)
      })
    )
  })

  it.each([
    ['https://', ''],
    ['https:', ''],
    ['https:/\\/\\', ''],
    ['\u0001 \thttps://', ''],
    ['ht\ttps:\n//', ''],
    ['https://user:password@', ''],
    ['https://a@b@', ''],
    ['//', 'https://example.com'],
    ['\\\\', 'https://example.com'],
  ])('with a long host is not given to the parser: %j', (before, base) => {
    const parse = vi.spyOn(URL, 'parse')
    for (const long of [
      han(64),
      han(3_900),
      `${'中'.repeat(63)}.`.repeat(4),
      '%E4%B8%AD'.repeat(30),
      'a'.repeat(254),
    ]) {
      for (const after of ['', '.example/', ':443', '?a', '#a']) {
        expect(parseUrl(before + long + after, base || undefined)).toBeNull()
      }
    }
    expect(parse).not.toHaveBeenCalled()
    parse.mockRestore()
  })

  it('may be long behind its host, up to a limit', () => {
    expect(parseUrl(`https://example.com/${'a'.repeat(4_000)}`)?.host).toBe('example.com')
    expect(parseUrl(`https://example.com/${'a'.repeat(4_096)}`)).toBeNull()
    expect(parseUrl(`/${'a/'.repeat(1_000)}`, 'https://example.com')?.host).toBe('example.com')
  })

  it('has a host that DNS allows after it was converted, so that parsing the result gives the same', () => {
    const grows = Array.from({ length: 4 }, () => '\u3300'.repeat(60)).join('.')
    expect(URL.parse(`https://${grows}`)?.hostname.length).toBeGreaterThan(253)
    expect(parseUrl(`https://${grows}`)).toBeNull()
    fc.assert(
      fc.property(host, (name) => {
        const { href } = parseUrl(`https://${name}/`) ?? {}
        if (href !== undefined) expect(parseUrl(href)?.href).toBe(href)
      })
    )
  })

  it('that is not valid has no host and no origin', () => {
    expect([hostOf('https://example.com:8080/a'), hostOf('nonsense')]).toEqual(['example.com:8080', ''])
    expect([originOf('https://example.com/a'), originOf(`https://${'a'.repeat(300)}/`)]).toEqual([
      'https://example.com',
      '',
    ])
  })
})
