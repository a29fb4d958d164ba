import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameBrowser, readCountry } from '../../../src/access/rules/browser'

const MOZILLA = 'Mozilla/5.0'
const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'

describe('the name of a browser', () => {
  it.each([
    [`${MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0`, 'Firefox on Linux'],
    [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, 'Chrome on Windows'],
    [
      `${MOZILLA} (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`,
      'Edge on Windows',
    ],
    [`${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/26.0 Safari/605`, 'Safari on macOS'],
    [
      `${MOZILLA} (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605 Version/26.0 Mobile/15E148 Safari/604.1`,
      'Safari on iOS',
    ],
    [`${MOZILLA} (Linux; Android 10; K) ${WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36`, 'Chrome on Android'],
    [
      `${MOZILLA} (Linux; Android 10; K) ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
      'Samsung Internet on Android',
    ],
    ['curl/8.14.1', 'curl'],
    ['node', 'Node.js'],
    [`${MOZILLA} (X11; Linux x86_64)`, 'a program on Linux'],
    ['', 'an unknown program'],
    [undefined, 'an unknown program'],
  ])('in %s is known', (header, name) => {
    expect(nameBrowser(header)).toBe(name)
  })

  it('never quotes the header', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        expect(nameBrowser(text)).toMatch(/^[A-Za-z. ]+$/)
      })
    )
  })
})

it('a country is a code of two letters, and neither Tor nor unknown', () => {
  expect(['DE', 'XX', 'T1', 'de', 'DEU', '', null, undefined, 7].map(readCountry)).toEqual([
    'DE',
    ...Array(8).fill(null),
  ])
})
