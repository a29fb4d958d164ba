import { describe, expect, it } from 'vitest'
import { compareBody } from '../../../../browser/signature/compare-body'
import { readPasted } from '../../../../browser/signature/read-pasted'

const HEADERS = {
  'content-type': 'application/json',
  'webhook-id': 'msg_1',
  'webhook-timestamp': '1764000000',
  'webhook-signature': 'v1,AAAA= v1a,BBBB==',
}

describe('the headers of a pasted request', () => {
  const entries = Object.entries(HEADERS)
  it.each([
    ['lines', entries.map(([name, value]) => `${name}: ${value}`).join('\r\n')],
    ['lines in capitals', entries.map(([name, value]) => `${name.toUpperCase()}:${value}`).join('\n')],
    ['JSON', JSON.stringify(HEADERS, null, 2)],
    ['JSON in one line', JSON.stringify(HEADERS)],
    ['JSON with lists', JSON.stringify(Object.fromEntries(entries.map(([name, value]) => [name, [value]])))],
    ['a curl command', entries.map(([name, value]) => `-H '${name}: ${value}' \\`).join('\n')],
  ])('are found in %s', (_, text) => {
    expect(readPasted('whsec_x', text, '{}')).toEqual({
      secret: 'whsec_x',
      body: '{}',
      id: HEADERS['webhook-id'],
      timestamp: HEADERS['webhook-timestamp'],
      signature: HEADERS['webhook-signature'],
    })
  })

  it('are empty if they are missing', () => {
    expect(readPasted('', 'content-type: text/plain', '')).toMatchObject({ id: '', timestamp: '', signature: '' })
  })
})

describe('the comparison of a body with the message', () => {
  const sent = ['{"id":"msg_1","data":{"body":"Hello"}}', '{"text":"Ada: Hello"}']

  it('finds the body of any format, also with the text of the owner behind it', () => {
    const own = `${sent[0]?.slice(0, -1)},"text":"New!"}`
    for (const body of [...sent, own]) expect(compareBody(sent, 'msg_1', body)).toMatchObject({ verdict: 'good' })
  })

  it('finds where a body differs from the closest one', () => {
    const found = compareBody(sent, 'msg_1', '{"id":"msg_1","data":{"body":"Hallo"}}')
    expect(found).toMatchObject({ part: 'body', verdict: 'bad' })
    expect(found?.text).toContain('character 32')
    expect(found?.text).toContain('"ello')
    expect(found?.text).toContain('"allo')
  })

  it('says in words that only white space at the end differs', () => {
    const [body = ''] = sent
    const textOf = (pasted: string, known = sent) => compareBody(known, 'msg_1', pasted)?.text ?? ''
    for (const end of ['\n', '\r\n', '\n\n']) expect(textOf(body + end)).toContain('an extra line break at its end')
    expect(textOf(`${body}  `)).toContain('extra white space at its end')
    expect(textOf(body, [`${body}\n`])).toContain('lacks the line break at its end')
    for (const text of [textOf(`${body}\n`), textOf(`${body} `)]) expect(text).not.toContain('""')
  })

  it('is not possible for a message for people, which depends on more than the event', () => {
    expect(compareBody(sent, 'msg_1', 'Ada signed your guestbook')).toBeNull()
  })
})
