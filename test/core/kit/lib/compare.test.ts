import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparePairs, jsonPairs, MAX_VALUES } from '../../../../src/kit/lib/compare'
import { toHar } from '../../../../src/kit/lib/requests/har'

it('a text with very many values is not parsed', () => {
  expect(jsonPairs(`[${'{},'.repeat(200_000)}{}]`)).toBeNull()
  expect(jsonPairs('['.repeat(100_000))).toBeNull()
})

describe('two lists of named values', () => {
  const pair = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'))

  it('have no difference only if they have the same values for each name, in the same order', () => {
    fc.assert(
      fc.property(fc.array(pair), fc.array(pair), (before, after) => {
        const found = comparePairs(before, after)
        expect(comparePairs(before, before)).toEqual([])
        for (const name of ['a', 'b', 'c']) {
          const values = (list: [string, string][]) => list.filter(([key]) => key === name).map(([, value]) => value)
          const isDifferent = JSON.stringify(values(before)) !== JSON.stringify(values(after))
          expect(found.some((one) => one.name === name)).toBe(isDifferent)
        }
      })
    )
  })
})

describe('the values of a JSON text', () => {
  it('have paths, and are found in the order of the text', () => {
    expect(jsonPairs('{"a":{"b":[1,"x"]},"c":null,"d":{},"e":[]}')).toEqual([
      ['a.b.0', '1'],
      ['a.b.1', '"x"'],
      ['c', 'null'],
      ['d', '{}'],
      ['e', '[]'],
    ])
    expect(jsonPairs('nonsense')).toBeNull()
  })

  it('are numbers as they were written, so that an ID that became text is a difference', () => {
    expect(jsonPairs('{"a":1e400,"b":820982911946154508,"c":"820982911946154508","d":[1.50]}')).toEqual([
      ['a', '1e400'],
      ['b', '820982911946154508'],
      ['c', '"820982911946154508"'],
      ['d.0', '1.50'],
    ])
  })

  it('are not listed if there are too many, and deep nesting breaks nothing', () => {
    expect(jsonPairs(JSON.stringify(Array(MAX_VALUES + 1).fill(0)))).toBeNull()
    expect(jsonPairs(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)).toBeNull()
  })

  it('are never more than the limit, whatever a stranger sends', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const pairs = jsonPairs(text)
        expect(pairs === null || pairs.length <= MAX_VALUES).toBe(true)
      })
    )
  })
})

describe('an HTTP Archive', () => {
  const request = {
    at: 0,
    method: 'POST',
    url: 'https://a.example/in?x=1',
    headers: [['Content-Type', 'text/plain']] as const,
  }

  it('has the request with its query, headers and body', () => {
    const body = new TextEncoder().encode('Zoë') as Uint8Array<ArrayBuffer>
    expect(toHar({ ...request, body })).toMatchObject({
      log: {
        version: '1.2',
        entries: [
          {
            startedDateTime: '1970-01-01T00:00:00.000Z',
            request: {
              queryString: [{ name: 'x', value: '1' }],
              headers: [{ name: 'Content-Type', value: 'text/plain' }],
              postData: { mimeType: 'text/plain', text: 'Zoë' },
              bodySize: 4,
            },
          },
        ],
      },
    })
  })

  it('has a body that is not text in base64', () => {
    const har = JSON.stringify(toHar({ ...request, body: new Uint8Array([255, 0, 1]) }))
    expect(har).toContain('"text":"/wAB","encoding":"base64"')
  })
})
