import { createCipheriv, createDecipheriv } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, toBase64, utf8 } from '../../../src/core/lib/bytes'
import {
  boxHead,
  NONCE_BYTES,
  openSecret,
  parseSecretsKey,
  sealSecret,
} from '../../../src/core/lib/secret-box'
import { someBytes, wellFormedText, withOneByteChanged } from '../../support/arbitraries'

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i)
const NONCE = new Uint8Array(NONCE_BYTES).fill(9)
const PLAINTEXT = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const CONTEXT = 'ep_01JD9Z6Y3T8W5Q7R2K4M6N8P0A'

const key = someBytes(32, 32)
const nonce = someBytes(NONCE_BYTES, NONCE_BYTES)
const mask = fc.integer({ min: 1, max: 255 })

describe('a sealed secret', () => {
  it('opens to the same text, for any key, text, context and nonce', async () => {
    await fc.assert(
      fc.asyncProperty(
        key,
        wellFormedText,
        wellFormedText,
        nonce,
        async (key, text, context, nonce) => {
          const box = await sealSecret(key, text, context, nonce)
          expect(await openSecret(key, box, context)).toEqual({ ok: true, value: text })
        }
      )
    )
  })

  it('opens to an empty text, which is not nothing', async () => {
    const box = await sealSecret(KEY, '', CONTEXT, NONCE)
    expect(await openSecret(KEY, box, CONTEXT)).toEqual({ ok: true, value: '' })
  })

  it('is a head that names the key, the nonce, and what another AES-256-GCM opens', async () => {
    const box = await sealSecret(KEY, PLAINTEXT, CONTEXT, NONCE)
    const head = box.slice(0, 6)
    expect(head).toEqual(await boxHead(KEY))
    expect(head[0]).toBe(2)
    expect(box.slice(6, 18)).toEqual(NONCE)
    expect(box.length).toBe(6 + 12 + PLAINTEXT.length + 16)
    const other = createDecipheriv('aes-256-gcm', KEY, NONCE)
    other.setAAD(Buffer.concat([head, Buffer.from(CONTEXT)])).setAuthTag(box.slice(-16))
    expect(other.update(box.slice(18, -16), undefined, 'utf8') + other.final('utf8')).toBe(
      PLAINTEXT
    )
  })

  it('begins with the same eight characters under one key, and with others under another', async () => {
    await fc.assert(
      fc.asyncProperty(key, key, nonce, async (one, two, nonce) => {
        fc.pre(toBase64(one) !== toBase64(two))
        const prefix = toBase64(await boxHead(one))
        const begins = async (key: Bytes) =>
          toBase64(await sealSecret(key, PLAINTEXT, CONTEXT, nonce)).startsWith(prefix)
        expect(prefix).toHaveLength(8)
        expect(await begins(one)).toBe(true)
        expect(await begins(two)).toBe(false)
      })
    )
  })

  it('of the first version still opens', async () => {
    const cipher = createCipheriv('aes-256-gcm', KEY, NONCE).setAAD(Buffer.from(CONTEXT))
    const sealed = Buffer.concat([cipher.update(PLAINTEXT, 'utf8'), cipher.final()])
    const box: Bytes = Uint8Array.of(1, ...NONCE, ...sealed, ...cipher.getAuthTag())
    expect(await openSecret(KEY, box, CONTEXT)).toEqual({ ok: true, value: PLAINTEXT })
    expect((await openSecret(KEY, box, `${CONTEXT}B`)).ok).toBe(false)
  })

  it('does not open with another key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), mask, async (index, change) => {
        const box = await sealSecret(KEY, PLAINTEXT, CONTEXT, NONCE)
        const opened = await openSecret(withOneByteChanged(KEY, index, change), box, CONTEXT)
        expect(opened).toEqual({ ok: false, error: 'cannot_open' })
      })
    )
  })

  it('does not open in another row', async () => {
    await fc.assert(
      fc.asyncProperty(wellFormedText, wellFormedText, async (row, other) => {
        fc.pre(row !== other)
        const box = await sealSecret(KEY, PLAINTEXT, row, NONCE)
        const opened = await openSecret(KEY, box, other)
        expect(opened).toEqual({ ok: false, error: 'cannot_open' })
      })
    )
  })

  it('does not open with any one byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), mask, async (index, change) => {
        const box = await sealSecret(KEY, PLAINTEXT, CONTEXT, NONCE)
        const opened = await openSecret(KEY, withOneByteChanged(box, index, change), CONTEXT)
        expect(opened.ok).toBe(false)
      })
    )
  })

  it('does not open when it is cut short anywhere, or longer', async () => {
    const box = await sealSecret(KEY, PLAINTEXT, CONTEXT, NONCE)
    for (let length = 1; length < box.length; length++) {
      const opened = await openSecret(KEY, box.slice(0, length), CONTEXT)
      expect(opened).toEqual({ ok: false, error: 'cannot_open' })
    }
    const longer = await openSecret(KEY, Uint8Array.of(...box, 0), CONTEXT)
    expect(longer).toEqual({ ok: false, error: 'cannot_open' })
  })

  it.each([
    ['nothing at all', []],
    ['version 0', [0]],
    ['version 3', [3]],
    ['version 255', [255]],
  ])('of an unknown version is named so: %s', async (_, first) => {
    const box = await sealSecret(KEY, PLAINTEXT, CONTEXT, NONCE)
    const other = first.length ? Uint8Array.of(...first, ...box.slice(1)) : new Uint8Array()
    expect(await openSecret(KEY, other, CONTEXT)).toEqual({ ok: false, error: 'unknown_version' })
  })

  it('does not open to bytes that are not text', async () => {
    const cipher = createCipheriv('aes-256-gcm', KEY, NONCE).setAAD(Buffer.from(CONTEXT))
    const sealed = Buffer.concat([cipher.update(Uint8Array.of(0xff, 0xfe)), cipher.final()])
    const box: Bytes = Uint8Array.of(1, ...NONCE, ...sealed, ...cipher.getAuthTag())
    expect(await openSecret(KEY, box, CONTEXT)).toEqual({ ok: false, error: 'cannot_open' })
  })
})

describe('SECRETS_KEY', () => {
  it('reads as the 32 bytes that it was written from', () => {
    fc.assert(
      fc.property(key, (bytes) => {
        expect(parseSecretsKey(toBase64(bytes))).toEqual({ ok: true, value: bytes })
      })
    )
  })

  it.each([
    ['empty', ''],
    ['31 bytes', toBase64(new Uint8Array(31))],
    ['33 bytes', toBase64(new Uint8Array(33))],
    ['16 bytes', toBase64(new Uint8Array(16))],
    ['32 bytes in hexadecimal', '00'.repeat(32)],
    ['32 letters', 'x'.repeat(32)],
    ['without padding', toBase64(KEY).replace('=', '')],
    ['with a line feed after', `${toBase64(KEY)}\n`],
    ['in the URL alphabet', toBase64(utf8('?'.repeat(32))).replaceAll('/', '_')],
  ])('is refused when it is %s, with the way to make one', (_, text) => {
    const error = expect.stringContaining('openssl rand -base64 32')
    expect(parseSecretsKey(text)).toEqual({ ok: false, error })
  })
})
