import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { diagnose, type Evidence, type Finding } from '../../../../browser/signature/diagnose'
import { utf8 } from '../../../../src/kit/lib/bytes'
import { formatPublicKey, importPrivateKey, publicKeyOf } from '../../../../src/webhooks/rules/signing/ed25519'
import { formatSigningSecret } from '../../../../src/webhooks/rules/signing/secret'
import { signContent } from '../../../../src/webhooks/rules/signing/standard-webhooks'
import { someBytes } from '../../../support/arbitraries'

const TIME = 1_764_000_000
const KEY = Uint8Array.from({ length: 32 }, (_, i) => i + 1)
const SECRET = formatSigningSecret(KEY)
const SEED = new Uint8Array(32).fill(7)
const ID = 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A'
const BODY = '{"id":"msg_1","n":1,"text":"line\\nline"}'

async function evidence(changes: Partial<Evidence> = {}, signedBody = BODY): Promise<Evidence> {
  const content = { id: ID, timestamp: TIME, body: signedBody }
  const headers = await signContent([KEY], content, [await importPrivateKey(SEED)])
  return {
    secret: SECRET,
    id: ID,
    timestamp: String(TIME),
    signature: headers['webhook-signature'],
    body: BODY,
    ...changes,
  }
}

async function look(given: Evidence, now = TIME) {
  const findings = await diagnose(given, now)
  const bad = findings.filter(({ verdict }) => verdict === 'bad')
  return {
    findings,
    bad,
    parts: bad.map(({ part }) => part),
    text: bad.map((f) => f.text).join(' '),
  }
}

function hmac(key: string | Uint8Array, text: string): string {
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`
}

describe('the diagnosis of a signature', () => {
  it('reports no problem if the signature verifies with the secret or the public key', async () => {
    expect((await look(await evidence())).bad).toEqual([])
    const publicKey = formatPublicKey(await publicKeyOf(SEED))
    expect((await look(await evidence({ secret: publicKey }))).bad).toEqual([])
  })

  it('knows that only the secret can be wrong, if the rest is as it was sent', async () => {
    const sent = await evidence()
    const secret = formatSigningSecret(new Uint8Array(32))
    const findingOf = async (wanted: Finding['part'], given: Evidence, known: Evidence | null = sent) =>
      (await diagnose(given, TIME, known)).find(({ part }) => part === wanted)
    const bodyOf = (given: Evidence, known: Evidence | null = sent) => findingOf('body', given, known)
    expect(await bodyOf({ ...sent, secret })).toMatchObject({ verdict: 'good' })
    expect(await findingOf('secret', { ...sent, secret })).toMatchObject({ verdict: 'bad' })
    expect(await findingOf('secret', { ...sent, secret, timestamp: String(TIME - 1) })).toMatchObject({
      verdict: 'good',
    })
    const changed = await bodyOf({ ...sent, secret, timestamp: String(TIME - 1) })
    expect(changed).toMatchObject({ verdict: 'good', text: expect.stringMatching(/timestamp.*secret/) })
    expect(changed?.text).not.toMatch(/ID/)
    // What is not known, or known to be wrong, is not said.
    expect(await bodyOf({ ...sent, secret }, null)).toBeUndefined()
    expect(await bodyOf({ ...sent, secret, body: `${BODY}!` })).toBeUndefined()
    expect(await bodyOf(sent)).toBeUndefined()
    const publicKey = formatPublicKey(await publicKeyOf(new Uint8Array(32).fill(8)))
    expect((await bodyOf({ ...sent, secret: publicKey }))?.text).not.toMatch(/secret/)
    expect(await findingOf('secret', { ...sent, secret: publicKey })).toMatchObject({ verdict: 'good' })
  })

  it('reports a problem for any signature that does not verify', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes(24, 64), fc.string(), async (key, body) => {
        const given = await evidence({ secret: formatSigningSecret(key), body })
        expect((await look(given)).bad).not.toEqual([])
      })
    )
  })

  it('never throws, whatever a person pastes', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 80 })
    const pasted = fc.record({
      secret: text,
      id: text,
      timestamp: text,
      signature: text,
      body: text,
    })
    await fc.assert(
      fc.asyncProperty(pasted, async (given) => {
        expect((await diagnose(given, TIME)).length).toBeGreaterThan(0)
      })
    )
  })

  it.each([
    ['a missing header', { id: '' }, 'headers', 'webhook-id'],
    ['a timestamp in milliseconds', { timestamp: `${TIME}000` }, 'timestamp', 'milliseconds'],
    ['a date instead of a timestamp', { timestamp: '2026-11-24' }, 'timestamp', 'number of seconds'],
    ['a missing secret', { secret: '' }, 'secret', 'whsec_'],
    ['a secret without its prefix', { secret: SECRET.slice(6) }, 'secret', 'whsec_'],
    ['white space around the secret', { secret: `${SECRET}\n` }, 'secret', 'white space'],
    ['a truncated header', { signature: 'v1' }, 'signature', 'comma'],
    ['a hexadecimal signature', { signature: `v1,${'ab'.repeat(32)}` }, 'signature', 'hexadecimal'],
    ['a short signature', { signature: 'v1,AAAA' }, 'signature', '32 bytes'],
  ])('explains %s', async (_, changes, part, text) => {
    const found = await look(await evidence(changes))
    expect(found.parts).toContain(part)
    expect(found.text).toContain(text)
  })

  it('reports how far the timestamp is off', async () => {
    expect((await look(await evidence(), TIME + 300)).bad).toEqual([])
    const late = await look(await evidence(), TIME + 301)
    expect(late.parts).toEqual(['timestamp'])
    expect(late.text).toContain('301 seconds ago')
    expect((await look(await evidence(), TIME - 400)).text).toMatch(/400 seconds.*future/)
  })

  it.each([
    ['parsed and serialized again with indentation', JSON.stringify(JSON.parse(BODY), null, 2)],
    ['extended with a line feed', `${BODY}\n`],
    ['surrounded by spaces', `  ${BODY} `],
  ])('detects a body that was %s', async (_, body) => {
    const bySecret = await look(await evidence({ body }))
    expect(bySecret.parts).toEqual(['body'])
    const publicKey = formatPublicKey(await publicKeyOf(SEED))
    expect((await look(await evidence({ body, secret: publicKey }))).parts).toEqual(['body'])
  })

  it('says what is at the end of a body and nobody sees, instead of a cause that does not fit', async () => {
    const extended = await look(await evidence({ body: `${BODY}\n` }))
    expect(extended.text).toContain('extra line break at its end')
    expect((await look(await evidence({}, `${BODY}\n`))).text).toContain('lacks the line break at its end')
    expect((await look(await evidence({ body: ` ${BODY}` }))).text).not.toContain('at its end')
  })

  it('detects that line endings were converted', async () => {
    const signed = '{\r\n"a": 1\r\n}'
    const found = await look(await evidence({ body: '{\n"a": 1\n}' }, signed))
    expect(found.parts).toEqual(['body'])
  })

  it.each([
    ['the text of the secret as the key', hmac(SECRET, `${ID}.${TIME}.${BODY}`), /text of the secret/],
    ['the undecoded base64 as the key', hmac(SECRET.slice(6), `${ID}.${TIME}.${BODY}`), /text of the secret/],
    ['the body alone', hmac(KEY, BODY), /Only.*body/],
    ['a text without the ID', hmac(KEY, `${TIME}.${BODY}`), /ID.*not/],
  ])('detects a signature made with %s', async (_, signature, text) => {
    expect((await look(await evidence({ signature }))).text).toMatch(text)
  })

  it('shows the expected signature if no common mistake explains the mismatch', async () => {
    const found = await look(await evidence({ signature: hmac('other', 'x') }))
    expect(found.parts).toEqual(['result'])
    expect(found.text).toContain(hmac(KEY, `${ID}.${TIME}.${BODY}`))
    expect(found.text).toContain(`${utf8(BODY).length} bytes`)
  })

  it('reports a malformed public key, one with which anyone can sign, and a malformed v1a signature', async () => {
    const keys = [
      'whpk_',
      'whpk_AAAA',
      formatPublicKey(new Uint8Array(32).fill(2)),
      formatPublicKey(new Uint8Array(32)),
    ]
    for (const secret of keys) {
      const found = await look(await evidence({ secret, signature: 'v1a,AAAA' }))
      expect(found.parts).toEqual(expect.arrayContaining(['signature', 'result']))
    }
  })

  it('finds the signature of a rotated secret, and of a key, among many', async () => {
    const given = await evidence()
    const signature = `${'v1,AAAA v2,x '.repeat(20)}${given.signature}`
    for (const secret of [SECRET, formatPublicKey(await publicKeyOf(SEED))])
      expect((await look({ ...given, secret, signature })).parts).toEqual(['signature'])
  })

  it('says that a browser without Ed25519 cannot check v1a signatures', async () => {
    const given = await evidence({ secret: formatPublicKey(await publicKeyOf(SEED)) })
    const spy = vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('', 'NotSupportedError'))
    const found = await look(given)
    spy.mockRestore()
    expect(found.parts).toEqual(['result'])
    expect(found.text).toContain('Ed25519')
  })
})
