import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STRING_FORMATS } from '../../../../src/webhooks/event-types/formats'

/** The validator's own formats, in a copy of the package that nothing has changed. */
const { format: THEIRS } = createRequire(import.meta.url)('@cfworker/json-schema') as { format: typeof STRING_FORMATS }
const names = Object.keys(STRING_FORMATS)

const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'))
const date = fc
  .tuple(fc.constantFrom('0000', '1900', '2000', '2024', '2026'), two(13), two(32))
  .map((all) => all.join('-'))
const zone = fc.constantFrom('Z', 'z', '', '+01:00', '-23:59', '+24:00', '.5Z', '.25+02:30')
const time = fc.tuple(two(24), two(60), two(61), zone).map(([h, m, s, z]) => `${h}:${m}:${s}${z}`)
const dateTime = fc.tuple(date, fc.constantFrom('T', 't', ' '), time).map((all) => all.join(''))
const piece = fc.constantFrom(
  ...[
    'a',
    'Z',
    '0',
    '7',
    '255',
    '256',
    '01',
    ':',
    '::',
    '.',
    '..',
    '/',
    '?',
    '#',
    '@',
    '-',
    '--',
    '_',
    '~',
    '~0',
    '~1',
    '+',
  ],
  ...[
    '%',
    '%20',
    '%zz',
    '{',
    '}',
    '{a}',
    '{?q,r*}',
    '[',
    ']',
    '[::1]',
    '"',
    '" "',
    '\\',
    ' ',
    'ä',
    '|',
    "'",
    '!',
    '$',
    '&',
    '=',
  ],
  ...[
    'P',
    'T',
    '1Y',
    '2M',
    '3D',
    '4W',
    '5H',
    '6S',
    'http',
    'https://',
    'mailto:',
    'example.com',
    '127.0.0.1',
    'fe80',
    'ffff',
  ]
)
const pieces = fc.array(piece, { maxLength: 9 }).map((all) => all.join(''))
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.emailAddress()
)
const text = fc.oneof(date, time, dateTime, pieces, address, fc.domain(), fc.uuid(), fc.string())

describe('each format', () => {
  it('is one of the validator’s. One of those is in no specification: without it, any text is accepted', () => {
    expect([...names, 'json-pointer-uri-fragment'].toSorted()).toEqual(Object.keys(THEIRS).toSorted())
  })

  it.each(names.filter((name) => name !== 'url'))('accepts all that the validator’s own accepts: %s', (name) => {
    fc.assert(
      fc.property(text, (one) => {
        const isFault = name === 'uri-reference' && one.includes('"')
        if (THEIRS[name]?.(one) && !STRING_FORMATS[name]?.(one) && !isFault)
          throw new Error(`refuses ${JSON.stringify(one)}`)
      }),
      { numRuns: 3_000 }
    )
  })

  it.each(
    Object.entries({
      date: ['2026-02-28', '2024-02-29'],
      time: ['23:59:60Z', '10:00:00.5+01:00'],
      'date-time': ['2026-11-30T10:00:00Z'],
      duration: ['P1Y2M3DT4H5M6S', 'P4W', 'PT1S'],
      email: ['ada@example.com', '"a b"@[127.0.0.1]'],
      hostname: ['example.com', 'a', `${'a'.repeat(63)}.example`],
      ipv4: ['127.0.0.1'],
      ipv6: ['::1', 'fe80::1', '::ffff:127.0.0.1'],
      'json-pointer': ['', '/a~1b/0'],
      'relative-json-pointer': ['0', '1/a', '2#'],
      regex: ['^a+$'],
      uri: ['https://example.com/?q=%20#top', 'mailto:ada@example.com', 'http://[::1]/'],
      'uri-reference': ['', '/a?b#c', '../a'],
      'uri-template': ['/a{?q}', '/{id}/b'],
      url: ['https://example.com/'],
      uuid: ['01234567-89ab-cdef-0123-456789ABCDEF'],
    })
  )('accepts %s', (name, texts) => {
    expect(texts.filter((one) => !STRING_FORMATS[name]?.(one))).toEqual([])
  })

  it.each(
    Object.entries({
      date: ['2026-02-30', '2026-13-01', '26-01-01', '2026-01-01T'],
      time: ['24:00:00Z', '10:60:00Z', '10:00:00', '10:00'],
      'date-time': ['2026-02-30T10:00:00Z', '2026-11-30', '2026-11-30T10:00:00', '2026-11-30T10:00:00Z '],
      duration: ['P', 'PT', '1Y', 'P1H', 'PT1Y'],
      email: ['ada', 'ada@', '@example.com', 'a b@example.com', 'a@b@c'],
      hostname: ['', '-a', 'a-', 'a..b', 'a.', 'a_b', 'a b', 'a'.repeat(64), `${'a.'.repeat(127)}a`],
      ipv4: ['256.0.0.1', '1.2.3', '1.2.3.4.5', 'a.b.c.d', '1..2.3'],
      ipv6: ['', '1', ':::', '::1]/', '1:2:3:4:5:6:7:8:9', 'g::'],
      'json-pointer': ['a', '/~2', '/~'],
      'relative-json-pointer': ['', 'a', '/a', '-1', '1~'],
      regex: ['(', '[', '\\Z', 'a{2,1}'],
      uri: ['', 'a', '/a', '//example.com', 'http://a b', 'http://ä.example', 'http://%zz', '1:a'],
      'uri-reference': ['a b', '\\', '<', '%', 'ä'],
      'uri-template': ['{', '}', '{}', 'a b', '%zz'],
      url: ['', 'a', '/a', 'http://'],
      uuid: ['', '0123456789abcdef0123456789abcdef', '01234567-89ab-cdef-0123-456789abcdeg'],
    })
  )('refuses %s', (name, texts) => {
    expect(texts.filter((one) => STRING_FORMATS[name]?.(one))).toEqual([])
  })
})
