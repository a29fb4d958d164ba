import { freshId, randomBytes } from '../../../kit/db/ids'
import { seal } from '../../../kit/db/sealing'
import { Refusal } from '../../../kit/http/problem'
import { toBase64 } from '../../../kit/lib/bytes'
import { isUsable } from '../../rules/verifying/keys'
import { readContent } from '../../rules/verifying/request'
import { writeSample } from '../../rules/verifying/sample'
import type { Provider, PublicKeyScheme, Scheme } from '../../rules/verifying/scheme'
import { toSource } from '../../sources/cache'
import { readProviderTexts, textsAbout } from '../../sources/provider-texts'
import { openSource } from '../../sources/secrets'
import type { SourceRow } from '../../sources/store'
import { wakeInbound } from '../../work/send-orders'
import { explainUnusable } from '../messages/explain-reason'
import { addressOf } from '../messages/stored-request'
import { acceptInbound } from './accept'

/** What a sample is signed with. */
interface Signer {
  secret: string
  privateKey?: CryptoKey
  /** The key to verify the sample with, unless it is verified with the source's secret. */
  sample_key?: string
}

/**
 * Sends a source a signed request, as its provider would. Without a secret that can sign, the sample has its own key,
 * which is sealed and stored with the message.
 * @param options.maySign whether the caller may see what the source's secret signs.
 *   `body` replaces that of the provider's sample. @throws Refusal 422 if the secret is no valid key
 */
export async function sendSample(
  env: Env,
  row: SourceRow,
  { origin, body, maySign }: { origin: string; body?: string | undefined; maySign: boolean },
  now: number
) {
  const source = toSource(row)
  const { provider } = source
  const secrets = await openSource(env, row)
  const texts = textsAbout(await readProviderTexts(env), provider.slug)
  if (!(await isUsable(provider, secrets.current)))
    throw new Refusal(422, 'bad_secret', explainUnusable(provider, texts))
  const signer = await signerFor(provider, maySign ? secrets.current : undefined)
  const id = freshId('in', now)
  const request = await writeSample({
    provider,
    sample: texts.sample,
    address: addressOf(source, origin, `/in/${secrets.token}`),
    query: '',
    ...signer,
    now,
    unique: crypto.randomUUID(),
    body,
  })
  // An empty key marks a sample that is verified with the source's secret.
  const sample_key = signer.sample_key ? await seal(env, signer.sample_key, id) : ''
  const received = { source, origin, request, content: readContent(request), now }
  const accepted = await acceptInbound(env, received, { sample_key, id })
  await wakeInbound(env, [accepted.id])
  return accepted
}

async function signerFor(provider: Provider, current: string | undefined): Promise<Signer> {
  const [scheme] = provider.schemes
  if (!scheme || scheme.kind === 'unsigned') return { secret: '' }
  if ('key' in scheme && scheme.kind !== 'hmac') return signerWithPair(scheme)
  if (current !== undefined && canSign(scheme, current)) return { secret: current }
  const secret = makeSecret(scheme)
  return { secret, sample_key: secret }
}

/** A Standard Webhooks source may have a public key as its secret, and a public key cannot sign. */
function canSign(scheme: Scheme, secret: string): boolean {
  return !(scheme.kind === 'hmac' && scheme.key === 'base64' && secret.startsWith('whpk_'))
}

function makeSecret(scheme: Scheme): string {
  const secret = toBase64(randomBytes(32))
  if (scheme.kind === 'hmac' && scheme.keyPrefix) return scheme.keyPrefix + secret
  return scheme.kind === 'shared-secret' && scheme.format === 'basic' ? `sample:${secret}` : secret
}

const ALGORITHMS = {
  ed25519: { name: 'Ed25519' },
  'ecdsa-p256': { name: 'ECDSA', namedCurve: 'P-256' },
  'rsa-sha256': {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2_048,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: 'SHA-256',
  },
} as const

async function signerWithPair(scheme: PublicKeyScheme): Promise<Signer> {
  const pair = (await crypto.subtle.generateKey(ALGORITHMS[scheme.kind], true, ['sign', 'verify'])) as CryptoKeyPair
  const format = scheme.key === 'raw' ? 'raw' : 'spki'
  const exported = (await crypto.subtle.exportKey(format, pair.publicKey)) as ArrayBuffer
  const key = toBase64(new Uint8Array(exported))
  return { secret: key, privateKey: pair.privateKey, sample_key: key }
}
