import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../../src/kit/lib/bytes'
import { indentJson, indentXml, toHexDump, viewBody } from '../../../../../src/kit/lib/requests/pretty-body'
import { someBytes } from '../../../../support/arbitraries'

describe('a formatted body', () => {
  it('indents JSON like JSON.stringify and keeps its value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const compact = JSON.stringify(value)
        const indented = indentJson(compact)
        expect(JSON.parse(indented)).toEqual(JSON.parse(compact))
        // JSON.stringify writes empty structures on one line, as indentJson does.
        expect(indented).toBe(JSON.stringify(value, null, 2))
      })
    )
  })

  it('shows text that only starts like JSON unchanged', () => {
    for (const text of ['[2026-11-24] Server restarted all right', '{"a": 1}\n{"a": 2}', '{ hello'])
      expect(viewBody(utf8(text), 'text/plain')).toMatchObject({ kind: 'text', text })
    const deep = '['.repeat(100) + ']'.repeat(100)
    expect(viewBody(utf8(deep), null).kind).toBe('json')
  })

  it('keeps numbers as written', () => {
    expect(indentJson('{"id":1990000000000000000001,"amount":17.50}')).toBe(
      '{\n  "id": 1990000000000000000001,\n  "amount": 17.50\n}'
    )
  })

  it('starts a line for each XML tag', () => {
    expect(indentXml('<?xml version="1.0"?><a><b x="1">text</b><c/></a>')).toBe(
      '<?xml version="1.0"?>\n<a>\n  <b x="1">text</b>\n  <c/>\n</a>'
    )
  })

  it('lists the fields of a form in order, including repeated fields', () => {
    const view = viewBody(utf8('b=2&a=1&b=%C3%BC'), 'application/x-www-form-urlencoded')
    expect(view).toMatchObject({
      kind: 'form',
      fields: [
        ['b', '2'],
        ['a', '1'],
        ['b', 'ü'],
      ],
    })
  })

  it('shows binary data as hexadecimal', () => {
    expect(viewBody(Uint8Array.of(0, 0x41, 0xff), null)).toMatchObject({ kind: 'hex' })
    expect(toHexDump(Uint8Array.of(0, 0x41, 0xff))).toMatch(/^00000000 {2}00 41 ff +\.A\.$/)
  })

  it('cuts a long text between characters', () => {
    const view = viewBody(utf8('€'.repeat(100_000)), 'text/plain')
    expect(view).toMatchObject({ kind: 'text', isCut: true })
    expect(view.text).toMatch(/^€+$/)
  })

  it('never throws, and limits the length of its text', () => {
    const nested = utf8('['.repeat(60_000))
    expect(viewBody(nested, 'application/json').text.length).toBeLessThan(4_000_000)
    fc.assert(
      fc.property(someBytes(0, 300), fc.option(fc.string(), { nil: null }), (body, type) => {
        const view = viewBody(body, type)
        expect(view.text.length).toBeLessThan(20_000)
      }),
      { numRuns: 500 }
    )
  })
})
