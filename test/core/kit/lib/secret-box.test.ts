import { createCipheriv, createDecipheriv } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, toBase64, utf8 } from '../../../../src/kit/lib/bytes'
import { boxHead, NONCE_BYTES, openSecret, parseSecretsKey, sealSecret } from '../../../../src/kit/lib/secret-box'
import { someBytes, wellFormedText, withOneByteChanged } from '../../../support/arbitraries'

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i)
const NONCE = new Uint8Array(NONCE_BYTES).fill(9)
const PLAINTEXT = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const CONTEXT = 'ep_01JD9Z6Y3T8W5Q7R2K4M6N8P0A'

const key = someBytes(32, 32)
const nonce = someBytes(NONCE_BYTES, NONCE_BYTES)
const mask = fc.integer({ min: 1, max: 255 })

describe('a sealed secret', () => {
  it('decrypts to the same text for any key, text, context, and nonce', async () => {
    await fc.assert(
      fc.asyncProperty(key, wellFormedText, wellFormedText, nonce, async (key, text, context, nonce) => {
        const box = await sealSecret(key, text, context, nonce)
        expect(await openSecret(key, box, context)).toEqual({ ok: true, value: text })
      })
    )
  })

  it('decrypts to an empty text if that was sealed', async () => {
    const box = await sealSecret(KEY, '', CONTEXT, NONCE)
    expect(await openSecret(KEY, box, CONTEXT)).toEqual({ ok: true, value: '' })
  })

  it('consists of a header for the key, the nonce, and a ciphertext that another implementation decrypts', async () => {
    const box = await sealSecret(KEY, PLAINTEXT, CONTEXT, NONCE)
    const head = box.slice(0, 6)
    expect(head).toEqual(await boxHead(KEY))
    expect(head[0]).toBe(2)
    expect(box.slice(6, 18)).toEqual(NONCE)
    expect(box.length).toBe(6 + 12 + PLAINTEXT.length + 16)
    const other = createDecipheriv('aes-256-gcm', KEY, NONCE)
    other.setAAD(Buffer.concat([head, Buffer.from(CONTEXT)])).setAuthTag(box.slice(-16))
    expect(other.update(box.slice(18, -16), undefined, 'utf8') + other.final('utf8')).toBe(PLAINTEXT)
  })

  it('starts with eight base64 characters that depend only on the key', async () => {
    await fc.assert(
      fc.asyncProperty(key, key, nonce, async (one, two, nonce) => {
        fc.pre(toBase64(one) !== toBase64(two))
        const prefix = toBase64(await boxHead(one))
        const startsSo = async (key: Bytes) =>
          toBase64(await sealSecret(key, PLAINTEXT, CONTEXT, nonce)).startsWith(prefix)
        expect(prefix).toHaveLength(8)
        expect(await startsSo(one)).toBe(true)
        expect(await startsSo(two)).toBe(false)
      })
    )
  })

  it('can be decrypted if it has version 1', async () => {
    const cipher = createCipheriv('aes-256-gcm', KEY, NONCE).setAAD(Buffer.from(CONTEXT))
    const sealed = Buffer.concat([cipher.update(PLAINTEXT, 'utf8'), cipher.final()])
    const box: Bytes = Uint8Array.of(1, ...NONCE, ...sealed, ...cipher.getAuthTag())
    expect(await openSecret(KEY, box, CONTEXT)).toEqual({ ok: true, value: PLAINTEXT })
    expect((await openSecret(KEY, box, `${CONTEXT}B`)).ok).toBe(false)
  })

  it('cannot be decrypted with another key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), mask, async (index, change) => {
        const box = await sealSecret(KEY, PLAINTEXT, CONTEXT, NONCE)
        const opened = await openSecret(withOneByteChanged(KEY, index, change), box, CONTEXT)
        expect(opened).toEqual({ ok: false, error: 'cannot_open' })
      })
    )
  })

  it('cannot be decrypted in another row', async () => {
    await fc.assert(
      fc.asyncProperty(wellFormedText, wellFormedText, async (row, other) => {
        fc.pre(row !== other)
        const box = await sealSecret(KEY, PLAINTEXT, row, NONCE)
        const opened = await openSecret(KEY, box, other)
        expect(opened).toEqual({ ok: false, error: 'cannot_open' })
      })
    )
  })

  it('cannot be decrypted if any byte was changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), mask, async (index, change) => {
        const box = await sealSecret(KEY, PLAINTEXT, CONTEXT, NONCE)
        const opened = await openSecret(KEY, withOneByteChanged(box, index, change), CONTEXT)
        expect(opened.ok).toBe(false)
      })
    )
  })

  it('cannot be decrypted if it was truncated or extended', async () => {
    const box = await sealSecret(KEY, PLAINTEXT, CONTEXT, NONCE)
    for (let length = 1; length < box.length; length++) {
      const opened = await openSecret(KEY, box.slice(0, length), CONTEXT)
      expect(opened).toEqual({ ok: false, error: 'cannot_open' })
    }
    const longer = await openSecret(KEY, Uint8Array.of(...box, 0), CONTEXT)
    expect(longer).toEqual({ ok: false, error: 'cannot_open' })
  })

  it.each([
    ['no bytes', []],
    ['version 0', [0]],
    ['version 3', [3]],
    ['version 255', [255]],
  ])('reports an unknown version: %s', async (_, first) => {
    const box = await sealSecret(KEY, PLAINTEXT, CONTEXT, NONCE)
    const other = first.length ? Uint8Array.of(...first, ...box.slice(1)) : new Uint8Array()
    expect(await openSecret(KEY, other, CONTEXT)).toEqual({ ok: false, error: 'unknown_version' })
  })

  it('cannot be decrypted if the plaintext is not UTF-8', async () => {
    const cipher = createCipheriv('aes-256-gcm', KEY, NONCE).setAAD(Buffer.from(CONTEXT))
    const sealed = Buffer.concat([cipher.update(Uint8Array.of(0xff, 0xfe)), cipher.final()])
    const box: Bytes = Uint8Array.of(1, ...NONCE, ...sealed, ...cipher.getAuthTag())
    expect(await openSecret(KEY, box, CONTEXT)).toEqual({ ok: false, error: 'cannot_open' })
  })
})

describe('SECRETS_KEY', () => {
  it('decodes to its 32 bytes', () => {
    fc.assert(
      fc.property(key, (bytes) => {
        expect(parseSecretsKey(toBase64(bytes))).toEqual({ ok: true, value: bytes })
      })
    )
  })

  it.each([
    ['empty', ''],
    ['31 bytes long', toBase64(new Uint8Array(31))],
    ['33 bytes long', toBase64(new Uint8Array(33))],
    ['16 bytes long', toBase64(new Uint8Array(16))],
    ['32 bytes in hexadecimal', '00'.repeat(32)],
    ['32 ASCII letters', 'x'.repeat(32)],
    ['without padding', toBase64(KEY).replace('=', '')],
    ['followed by a line feed', `${toBase64(KEY)}\n`],
    ['written in the URL alphabet', toBase64(utf8('?'.repeat(32))).replaceAll('/', '_')],
  ])('is rejected if it is %s, with a command that generates one', (_, text) => {
    const error = expect.stringContaining('openssl rand -base64 32')
    expect(parseSecretsKey(text)).toEqual({ ok: false, error })
  })
})
