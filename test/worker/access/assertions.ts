import { toBase64Url, utf8 } from '../../../src/kit/lib/bytes'

/*
 * Makes assertions of Cloudflare Access, real and forged.
 */

export const AUD = 'a1b2c3d4'.repeat(8)
export const ISSUER = 'https://example.cloudflareaccess.com'
export const EMAIL = 'ada@example.com'

const RS256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

type Json = Record<string, unknown>
export interface Signer {
  pair: CryptoKeyPair
  jwk: JsonWebKey & { kid: string }
}

export async function newSigner(kid: string, modulusLength = 2_048): Promise<Signer> {
  const parameters = { ...RS256, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) }
  const pair = (await crypto.subtle.generateKey(parameters, true, ['sign', 'verify'])) as CryptoKeyPair
  const { kty, n, e } = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey
  return { pair, jwk: { kid, kty, n, e, alg: 'RS256', use: 'sig' } as Signer['jwk'] }
}

/** The response of the certs endpoint. Cloudflare also lists its keys as certificates, which we ignore. */
export function certs(...signers: Signer[]): string {
  return JSON.stringify({ keys: signers.map(({ jwk }) => jwk), public_cert: {}, public_certs: [] })
}

export function claimsAt(now: number): Json {
  const seconds = Math.floor(now / 1_000)
  const times = { iat: seconds - 10, nbf: seconds - 10, exp: seconds + 3_600 }
  return {
    aud: [AUD],
    email: EMAIL,
    iss: ISSUER,
    ...times,
    type: 'app',
    sub: 'c2f5',
    country: 'DE',
    identity_nonce: 'x',
  }
}

export function part(value: unknown): string {
  return toBase64Url(utf8(typeof value === 'string' ? value : JSON.stringify(value)))
}

export async function signature({ pair }: Signer, text: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.sign(RS256, pair.privateKey, utf8(text))))
}

/** Signs whatever is given, with RS256. */
export async function assertion(signer: Signer, claims: unknown, header: Json = {}): Promise<string> {
  const text = `${part({ alg: 'RS256', kid: signer.jwk.kid, typ: 'JWT', ...header })}.${part(claims)}`
  return `${text}.${await signature(signer, text)}`
}

/** Signs with HS256 and a key that everybody knows. */
async function withHmac(secret: string, kid: string, claims: Json): Promise<string> {
  const text = `${part({ alg: 'HS256', kid, typ: 'JWT' })}.${part(claims)}`
  const key = await crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return `${text}.${toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(text))))}`
}

export type Forged = [why: string, token: string]

/** @returns more than a hundred assertions, of which none is valid */
export async function forgeries(real: Signer, other: Signer, now: number): Promise<Forged[]> {
  const groups = await Promise.all([
    wrongAlgorithms(real, now),
    wrongClaims(real, now),
    wrongKeys(real, other, now),
    wrongForms(real, now),
    flips(await assertion(real, claimsAt(now))),
  ])
  return groups.flat()
}

async function wrongAlgorithms(real: Signer, now: number): Promise<Forged[]> {
  const claims = claimsAt(now)
  const names = ['none', 'None', 'NONE', 'nOnE', '', 'rs256', 'RS384', 'RS512', 'PS256', 'ES256', 'EdDSA', 'HS256']
  const values = [...names, null, 256, ['RS256'], { alg: 'RS256' }, undefined]
  const signed = values.map(async (alg): Promise<Forged> => [`alg ${alg}`, await assertion(real, claims, { alg })])
  const unsigned = ['none', 'None', 'NONE', 'RS256'].map((alg): Forged => {
    return [`alg ${alg}, no signature`, `${part({ alg, kid: real.jwk.kid })}.${part(claims)}.`]
  })
  const spki = toBase64Url(new Uint8Array((await crypto.subtle.exportKey('spki', real.pair.publicKey)) as ArrayBuffer))
  const pem = `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`
  const secrets = [String(real.jwk.n), JSON.stringify(real.jwk), spki, pem, real.jwk.kid, '', 'secret'].filter(Boolean)
  const hmacs = secrets.map(async (secret): Promise<Forged> => {
    return [`HS256 with ${secret.slice(0, 12)}`, await withHmac(secret, real.jwk.kid, claims)]
  })
  return [...(await Promise.all(signed)), ...unsigned, ...(await Promise.all(hmacs))]
}

async function wrongClaims(real: Signer, now: number): Promise<Forged[]> {
  const seconds = Math.floor(now / 1_000)
  const changes: Json[] = [
    { aud: undefined },
    { aud: [] },
    { aud: AUD.slice(1) },
    { aud: [AUD.toUpperCase()] },
    { aud: [[AUD]] },
    { aud: `${AUD} ` },
    { aud: { 0: AUD } },
    { aud: ['b'.repeat(64)] },
    { iss: undefined },
    { iss: `${ISSUER}/` },
    { iss: ISSUER.replace('https', 'http') },
    { iss: 'https://evil.cloudflareaccess.com' },
    { iss: `${ISSUER}.evil.example` },
    { iss: [ISSUER] },
    { exp: undefined },
    { exp: seconds - 1 },
    { exp: seconds },
    { exp: String(seconds + 3_600) },
    { exp: 1e300 },
    { exp: null },
    { exp: seconds + 400 * 86_400 },
    { iat: undefined },
    { iat: seconds + 600 },
    { iat: seconds + 7_200 },
    { iat: 0 },
    { iat: -1 },
    { iat: 'now' },
    { nbf: seconds + 600 },
    { nbf: 'now' },
    { nbf: null },
    { nbf: 1.5 },
    { email: undefined },
    { email: '' },
    { email: 'ada' },
    { email: [EMAIL] },
    { email: `${'a'.repeat(250)}@example.com` },
    { email: 'ada@example.com\nowner@example.com' },
    { email: 'a\u202eda@example.com' },
    { email: undefined, common_name: 'token.access' },
  ]
  const forged = changes.map(async (change): Promise<Forged> => {
    return [`claims ${JSON.stringify(change)}`, await assertion(real, { ...claimsAt(now), ...change })]
  })
  return Promise.all(forged)
}

async function wrongKeys(real: Signer, other: Signer, now: number): Promise<Forged[]> {
  const claims = claimsAt(now)
  const { kid } = real.jwk
  const headers: Json[] = [
    { kid },
    { kid, jwk: other.jwk },
    { kid, jku: 'https://evil.example/certs' },
    { kid, x5u: 'https://evil.example/cert.pem' },
    { kid, x5c: ['MIIB'] },
    { kid: '../../evil' },
    { kid: '__proto__' },
    { kid: 'constructor' },
    { kid: '' },
    { kid: undefined },
    { kid: 1 },
    { kid: [kid] },
    { kid: 'k'.repeat(300) },
    { kid: `${kid}\u0000` },
  ]
  const byOther = headers.map(async (header): Promise<Forged> => {
    return [`another key, ${JSON.stringify(header).slice(0, 40)}`, await assertion(other, claims, header)]
  })
  const critical: Forged = ['a critical extension', await assertion(real, claims, { crit: ['exp'] })]
  const unknown: Forged = ['an unknown key', await assertion(real, claims, { kid: 'unknown' })]
  return [...(await Promise.all(byOther)), critical, unknown]
}

async function wrongForms(real: Signer, now: number): Promise<Forged[]> {
  const claims = claimsAt(now)
  const token = await assertion(real, claims)
  const [head = '', body = '', tail = ''] = token.split('.')
  const huge = await assertion(real, { ...claims, groups: 'g'.repeat(9_000) })
  const deep = `${'['.repeat(200)}${']'.repeat(200)}`
  const forms: Forged[] = [
    ['empty', ''],
    ['dots', '..'],
    ['two parts', `${head}.${body}`],
    ['four parts', `${token}.${tail}`],
    ['five parts, as if encrypted', `${head}..${body}.${tail}.${tail}`],
    ['twice', `${token}, ${token}`],
    ['twice, the second one forged', `${token}, ${head}.${body}.x`],
    ['a scheme', `Bearer ${token}`],
    ['quotes', `"${token}"`],
    ['padding', `${head}=.${body}=.${tail}==`],
    ['the standard alphabet', `${head}.${body}.${tail.replaceAll('-', '+').replaceAll('_', '/')}+/`],
    ['percent-encoded', encodeURIComponent(`${token}%00`)],
    ['too large', huge],
    ['a signature of zeros', `${head}.${body}.${'A'.repeat(342)}`],
    ['half a signature', `${head}.${body}.${tail.slice(0, 171)}`],
    ['a signature with more bytes', `${head}.${body}.${tail.slice(0, -1)}AAAAA`],
    ['the claims of somebody else', `${head}.${part({ ...claims, email: 'eve@example.com' })}.${tail}`],
    ['claims that are a list', await assertion(real, [claims])],
    ['claims that are no JSON', await assertion(real, 'claims')],
    ['claims that are null', await assertion(real, null)],
    ['deep claims', await assertion(real, deep)],
    ['a header that is a list', `${part([])}.${body}.${tail}`],
    ['a header that is no JSON', `${part('{')}.${body}.${tail}`],
  ]
  return forms
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** One bit of one character changed, all over the token, and each of the last bits, which base64url may not use. */
function flips(token: string): Forged[] {
  const last = token.length - 1
  const places = Array.from({ length: 40 }, (_, i) => Math.floor((i * last) / 40)).filter((at) => token[at] !== '.')
  const flip = (at: number, bit: number): Forged => {
    const code = ALPHABET.indexOf(token[at] ?? '')
    return [
      `bit ${bit} of character ${at}`,
      `${token.slice(0, at)}${ALPHABET[code ^ (1 << bit)]}${token.slice(at + 1)}`,
    ]
  }
  return [...places.map((at) => flip(at, at % 6)), ...[0, 1, 2, 3, 4, 5].map((bit) => flip(last, bit))]
}
