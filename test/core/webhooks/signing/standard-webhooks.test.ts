import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { type Bytes, toHex, utf8 } from '../../../../src/kit/lib/bytes'
import { hmacSha256 } from '../../../../src/kit/lib/hmac'
import { formatSigningSecret, parseSigningSecret } from '../../../../src/webhooks/rules/signing/secret'
import { signContent, type WebhookHeaders } from '../../../../src/webhooks/rules/signing/standard-webhooks'
import { anyText, someBytes, withOneByteChanged } from '../../../support/arbitraries'
import { verifyAsSource } from './verify-as-source'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const TIME = 1614265330
const BODY = '{"test": 2432232314}'
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const HEADERS: WebhookHeaders = {
  'webhook-id': ID,
  'webhook-timestamp': String(TIME),
  'webhook-signature': SIGNATURE,
}
const KEY = keyOf(SECRET)
const OTHER_KEY = new Uint8Array(32).fill(7)

function keyOf(secret: string): Bytes {
  const parsed = parseSigningSecret(secret)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

const key = someBytes(24, 64)
const id = fc.stringMatching(/^[A-Za-z0-9_]{1,40}$/)
const timestamp = fc.integer({ min: 1_000_000_000, max: 9_999_999_999 })
const body = fc.oneof(anyText, someBytes(0, 200))
const mask = fc.integer({ min: 1, max: 255 })
const base64Character = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const printable = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code))

/** The same text except for one character. */
function withOneCharacterChanged(text: string, index: number, char: string): string {
  const at = index % text.length
  fc.pre(text[at] !== char)
  return text.slice(0, at) + char + text.slice(at + 1)
}

describe('signing', () => {
  it('reproduces the published example', async () => {
    const signed = await signContent([KEY], { id: ID, timestamp: TIME, body: BODY })
    expect(signed).toEqual(HEADERS)
  })

  it('signs a string as UTF-8 bytes', async () => {
    const text = '{"name":"Zoë 🎉"}'
    const content = { id: ID, timestamp: TIME }
    const ofText = await signContent([KEY], { ...content, body: text })
    const ofBytes = await signContent([KEY], { ...content, body: utf8(text) })
    expect(ofText).toEqual(ofBytes)
  })

  it('lists one signature for each key, in the order of the keys', async () => {
    const content = { id: ID, timestamp: TIME, body: BODY }
    const both = await signContent([OTHER_KEY, KEY], content)
    const other = await signContent([OTHER_KEY], content)
    expect(both['webhook-signature']).toBe(`${other['webhook-signature']} ${SIGNATURE}`)
  })
})

describe('a source', () => {
  const now = { id: ID, timestamp: TIME }

  it('accepts the published example as text and as bytes', async () => {
    expect(await verifyAsSource([SECRET], HEADERS, BODY, TIME)).toBe('verified')
    expect(await verifyAsSource([SECRET], HEADERS, utf8(BODY), TIME)).toBe('verified')
  })

  it('accepts what was signed, for any body, ID, time, and keys', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(key, { minLength: 1, maxLength: 3 }),
        id,
        timestamp,
        body,
        async (keys, id, timestamp, body) => {
          const headers = await signContent(keys, { id, timestamp, body })
          expect(await verifyAsSource(keys.map(formatSigningSecret), headers, body, timestamp)).toBe('verified')
        }
      )
    )
  })

  it('rejects a body with any byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(key, someBytes(1, 200), fc.nat(), mask, async (key, body, index, change) => {
        const headers = await signContent([key], { ...now, body })
        const changed = withOneByteChanged(body, index, change)
        const verified = await verifyAsSource([formatSigningSecret(key)], headers, changed, TIME)
        expect(verified).toBe('signature_mismatch')
      })
    )
  })

  it('rejects a body with a byte added or removed', async () => {
    await fc.assert(
      fc.asyncProperty(key, someBytes(1, 50), async (key, body) => {
        const headers = await signContent([key], { ...now, body })
        for (const changed of [body.slice(0, -1), Uint8Array.of(...body, 0)]) {
          const verified = await verifyAsSource([formatSigningSecret(key)], headers, changed, TIME)
          expect(verified).toBe('signature_mismatch')
        }
      })
    )
  })

  it('rejects an ID with any character changed', async () => {
    await fc.assert(
      fc.asyncProperty(id, fc.nat(), printable, async (id, index, char) => {
        const headers = await signContent([KEY], { id, timestamp: TIME, body: BODY })
        const changed = withOneCharacterChanged(id, index, char)
        headers['webhook-id'] = changed
        // A blank header counts as missing.
        const reason = changed.trim() === '' ? 'missing_header' : 'signature_mismatch'
        expect(await verifyAsSource([SECRET], headers, BODY, TIME)).toBe(reason)
      })
    )
  })

  it('rejects a timestamp with any character changed', async () => {
    await fc.assert(
      fc.asyncProperty(timestamp, fc.nat(), printable, async (timestamp, index, char) => {
        const headers = await signContent([KEY], { id: ID, timestamp, body: BODY })
        headers['webhook-timestamp'] = withOneCharacterChanged(String(timestamp), index, char)
        expect(await verifyAsSource([SECRET], headers, BODY, timestamp)).not.toBe('verified')
      })
    )
  })

  it('rejects a different timestamp within the tolerance', async () => {
    const headers = { ...HEADERS, 'webhook-timestamp': String(TIME + 1) }
    expect(await verifyAsSource([SECRET], headers, BODY, TIME)).toBe('signature_mismatch')
  })

  it('rejects a signature with any character of its base64 changed', async () => {
    await fc.assert(
      fc.asyncProperty(body, fc.nat(42), base64Character, async (body, index, char) => {
        const headers = await signContent([KEY], { ...now, body })
        const mac = headers['webhook-signature'].slice(3)
        headers['webhook-signature'] = `v1,${withOneCharacterChanged(mac, index, char)}`
        expect(await verifyAsSource([SECRET], headers, body, TIME)).toBe('signature_mismatch')
      }),
      { numRuns: 500 }
    )
  })

  it('rejects other last characters that lenient base64 decodes to the same bytes', async () => {
    for (const last of ['F', 'G', 'H']) {
      const headers = { ...HEADERS, 'webhook-signature': SIGNATURE.replace('E=', `${last}=`) }
      expect(await verifyAsSource([SECRET], headers, BODY, TIME)).toBe('signature_mismatch')
    }
  })

  it('rejects a signature made with another key', async () => {
    await fc.assert(
      fc.asyncProperty(key, fc.nat(), mask, async (key, index, change) => {
        const other = withOneByteChanged(key, index, change)
        const headers = await signContent([other], { ...now, body: BODY })
        const verified = await verifyAsSource([formatSigningSecret(key)], headers, BODY, TIME)
        expect(verified).toBe('signature_mismatch')
      })
    )
  })

  it('rejects everything if there is no secret', async () => {
    expect(await verifyAsSource([], HEADERS, BODY, TIME)).toBe('no_secret')
  })
})

describe('during a secret rotation', () => {
  const content = { id: ID, timestamp: TIME, body: BODY }
  const OTHER_SECRET = formatSigningSecret(OTHER_KEY)

  it.each([
    ['signed with both secrets and verified with the new one', [KEY, OTHER_KEY], [SECRET]],
    ['signed with both secrets and verified with the old one', [KEY, OTHER_KEY], [OTHER_SECRET]],
    ['signed with the old secret and verified with both', [OTHER_KEY], [SECRET, OTHER_SECRET]],
    ['signed with the new secret and verified with both', [KEY], [SECRET, OTHER_SECRET]],
    ['signed with both secrets and verified with both', [OTHER_KEY, KEY], [SECRET, OTHER_SECRET]],
  ])('a request is valid if it was %s', async (_, signing, checking) => {
    const headers = await signContent(signing, content)
    expect(await verifyAsSource(checking, headers, BODY, TIME)).toBe('verified')
  })

  it('a request is rejected if neither secret matches', async () => {
    const headers = await signContent([KEY, OTHER_KEY], content)
    const strangers = [new Uint8Array(32), new Uint8Array(32).fill(1)].map(formatSigningSecret)
    expect(await verifyAsSource(strangers, headers, BODY, TIME)).toBe('signature_mismatch')
  })
})

describe('the timestamp', () => {
  const TOLERANCE_SECONDS = 300

  it.each([
    ['accepted', 'exactly five minutes old', TOLERANCE_SECONDS, 'verified'],
    ['too old', 'five minutes and a second old', TOLERANCE_SECONDS + 1, 'timestamp_too_old'],
    ['too old', 'a day old', 86_400, 'timestamp_too_old'],
    ['accepted', 'exactly five minutes in the future', -TOLERANCE_SECONDS, 'verified'],
    ['too new', 'five minutes and a second in the future', -TOLERANCE_SECONDS - 1, 'timestamp_too_new'],
    ['too new', 'a day in the future', -86_400, 'timestamp_too_new'],
    ['too old', 'half a second more than five minutes old', 300.5, 'timestamp_too_old'],
    ['accepted', 'half a second less than five minutes old', 299.5, 'verified'],
  ])('is %s if it is %s', async (_verdict, _when, age, expected) => {
    expect(await verifyAsSource([SECRET], HEADERS, BODY, TIME + age)).toBe(expected)
  })

  it.each([
    ['a word', 'yesterday'],
    ['a fraction', '1614265330.5'],
    ['prefixed with a plus sign', '+1614265330'],
    ['negative', '-1614265330'],
    ['zero', '0'],
    ['prefixed with a zero', '01614265330'],
    ['in exponential notation', '1614265330e0'],
    ['hexadecimal', '0x6037bd32'],
    ['written with digit separators', '1_614_265_330'],
    ['written in full-width digits', '１６１４２６５３３０'],
    ['a date', '2021-02-25T15:02:10Z'],
    ['in milliseconds', '1614265330000'],
    ['a list of two timestamps', '1614265330,1614265330'],
  ])('is rejected if it is %s', async (_, stamp) => {
    const headers = { ...HEADERS, 'webhook-timestamp': stamp }
    expect(await verifyAsSource([SECRET], headers, BODY, TIME)).not.toBe('verified')
  })
})

describe('headers', () => {
  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const)(
    'must include %s with a value',
    async (name) => {
      const { [name]: _, ...rest } = HEADERS
      expect(await verifyAsSource([SECRET], rest, BODY, TIME)).toBe('missing_header')
      const empty = { ...HEADERS, [name]: '' }
      expect(await verifyAsSource([SECRET], empty, BODY, TIME)).not.toBe('verified')
    }
  )

  const mac = SIGNATURE.slice(3)
  function verifyListed(listed: string) {
    return verifyAsSource([SECRET], { ...HEADERS, 'webhook-signature': listed }, BODY, TIME)
  }

  it.each([
    ['after a signature of a future version', `v2,${mac} ${SIGNATURE}`],
    ['after an asymmetric signature', `v1a,bm90IG91cnM= ${SIGNATURE}`],
    ['before other signatures', `${SIGNATURE} v1a,bm90IG91cnM= v9,x`],
    ['after an invalid signature of the same version', `v1,bm90IG91cnM= ${SIGNATURE}`],
    ['after malformed items', `rubbish v1 v1, ,v1 ${SIGNATURE}`],
    ['after two spaces', `v2,x  ${SIGNATURE}`],
  ])('may list the signature %s', async (_, listed) => {
    expect(await verifyListed(listed)).toBe('verified')
  })

  it.each([
    ['only under another version', `v2,${mac}`],
    ['under the asymmetric version', `v1a,${mac}`],
    ['without a version', mac],
    ['with an equals sign instead of the comma', `v1=${mac}`],
    ['twice, separated by a comma', `v1,${mac},v1,${mac}`],
    ['if it is truncated', SIGNATURE.slice(0, -4)],
    ['if it is empty', 'v1,'],
    ['in hexadecimal', `v1,${Buffer.from(mac, 'base64').toString('hex')}`],
  ])('must not list the signature %s', async (_, listed) => {
    expect(await verifyListed(listed)).not.toBe('verified')
  })
})

describe('the standardwebhooks library', () => {
  // The library uses the real time.
  const seconds = () => Math.floor(Date.now() / 1_000)

  it('verifies our signatures for any JSON and any secret', async () => {
    await fc.assert(
      fc.asyncProperty(key, id, fc.json(), async (key, id, body) => {
        const headers = await signContent([OTHER_KEY, key], { id, timestamp: seconds(), body })
        const webhook = new Webhook(formatSigningSecret(key))
        expect(webhook.verify(body, { ...headers })).toEqual(JSON.parse(body))
      })
    )
  })

  it('rejects a body that was changed after we signed it', async () => {
    const headers = await signContent([KEY], { id: ID, timestamp: seconds(), body: BODY })
    const webhook = new Webhook(SECRET)
    expect(webhook.verify(BODY, { ...headers })).toEqual(JSON.parse(BODY))
    expect(() => webhook.verify(`${BODY} `, { ...headers })).toThrow()
  })

  it('makes signatures that we verify, for any JSON and any secret', async () => {
    await fc.assert(
      fc.asyncProperty(key, id, timestamp, fc.json(), async (key, id, timestamp, body) => {
        const webhook = new Webhook(formatSigningSecret(key))
        const headers = {
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': webhook.sign(id, new Date(timestamp * 1_000), body),
        }
        const secret = formatSigningSecret(key)
        expect(await verifyAsSource([secret], headers, body, timestamp)).toBe('verified')
      })
    )
  })
})

describe('HMAC-SHA256', () => {
  it.each([
    [1, new Uint8Array(20).fill(0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      2,
      utf8('Jefe'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      6,
      new Uint8Array(131).fill(0xaa),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('reproduces test case %i of RFC 4231', async (_, key, data, mac) => {
    expect(toHex(await hmacSha256(key, utf8(data)))).toBe(mac)
  })
})
