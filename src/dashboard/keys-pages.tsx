import { Hono } from 'hono'
import { formatPublicKey } from '../core/signing/ed25519'
import type { HonoEnv } from '../env'
import { parseFields, readForm } from '../http/form'
import { publicOrigin } from '../http/origin'
import { keyRotation } from '../signing-keys/schemas'
import { type KeyPairRow, listKeyPairs, publicBytes, rotateKeyPair } from '../signing-keys/store'
import { CopyButton, Dashboard } from '../ui/dashboard'
import { GraceSelect } from '../ui/grace-select'
import { renderPage } from '../ui/render'
import { RelativeTime } from '../ui/time'
import { countToReseal, RESEALED_PER_SWEEP } from './rotate-secrets-key'

/** `/admin/keys`: the signing keys, and the rotation of SECRETS_KEY. */
export const keyPages = new Hono<HonoEnv>()

const DONE: Record<string, string> = {
  rotated: 'Key rotated. The old key will keep signing for the period you chose.',
  replaced: 'Key replaced. The old key no longer signs.',
}

keyPages.get('/', async (c) => {
  const now = Date.now()
  const [pairs, toReseal] = await Promise.all([listKeyPairs(c.env, now), countToReseal(c.env)])
  const notice = DONE[c.req.query('done') ?? '']
  const address = `${publicOrigin(c)}/.well-known/webhook-keys`
  return renderPage(c, <KeysPage pairs={pairs} toReseal={toReseal} address={address} notice={notice} now={now} />)
})

keyPages.post('/rotate', async (c) => {
  const text = (await readForm(c)).get('grace_seconds')
  const { grace_seconds } = parseFields(keyRotation, { grace_seconds: Number(text || 'NaN') })
  await rotateKeyPair(c.env, grace_seconds * 1_000, Date.now())
  return c.redirect(`/admin/keys?done=${grace_seconds === 0 ? 'replaced' : 'rotated'}`, 303)
})

function KeysPage(props: {
  pairs: KeyPairRow[]
  toReseal: number | null
  address: string
  notice: string | undefined
  now: number
}) {
  const { pairs, toReseal, address, notice, now } = props
  return (
    <Dashboard title="Keys" section="/admin/keys" notice={notice}>
      <section class="card">
        <h2>Signing keys</h2>
        <p>
          Every webhook is signed twice: with the secret of its endpoint, and with this key (Ed25519, <code>v1a</code>).
          Receivers that verify with the public key do not have to store a secret. You can also fetch the public key as
          a JWK set: <a href={address}>{address}</a>
        </p>
        <p>
          Signature not matching? <a href="/admin/signature">Find out why.</a>
        </p>
        {pairs.map((pair) => (
          <PublicKey pair={pair} now={now} />
        ))}
        <form method="post" action="/admin/keys/rotate">
          <GraceSelect label="Rotate the key. Keep signing with the old key for" />
          <button type="submit">Rotate key</button>
        </form>
      </section>
      <section class="card">
        <h2>Secrets at rest</h2>
        <Sealing toReseal={toReseal} />
      </section>
    </Dashboard>
  )
}

function PublicKey({ pair, now }: { pair: KeyPairRow; now: number }) {
  const text = formatPublicKey(publicBytes(pair))
  return (
    <div>
      <p class="secret">
        <code>{text}</code> <CopyButton text={text} label="Copy the public key" />
      </p>
      <p class="hint">
        kid <code>{pair.kid}</code>, created <RelativeTime at={pair.created_at} now={now} />
        {pair.retire_at !== null && (
          <>
            , stops signing <RelativeTime at={pair.retire_at} now={now} />
          </>
        )}
      </p>
    </div>
  )
}

function Sealing({ toReseal }: { toReseal: number | null }) {
  if (toReseal === null) {
    return (
      <p>
        Stored secrets are encrypted under <code>SECRETS_KEY</code>. To rotate it, set <code>SECRETS_KEY_PREVIOUS</code>{' '}
        to the old value and <code>SECRETS_KEY</code> to a new one, then come back to this page.
      </p>
    )
  }
  if (toReseal === 0) {
    return (
      <p class="notice good">
        All secrets are encrypted under the new <code>SECRETS_KEY</code>. Wait one day, until the stored responses to
        requests with an <code>Idempotency-Key</code> have expired, then delete <code>SECRETS_KEY_PREVIOUS</code>.
      </p>
    )
  }
  return (
    <p class="notice wait">
      Rotating <code>SECRETS_KEY</code>: {toReseal === 1 ? '1 secret is' : `${toReseal} secrets are`} still encrypted
      under the old key. Each minute, the sweep re-encrypts the secrets of up to {RESEALED_PER_SWEEP} endpoints,{' '}
      {RESEALED_PER_SWEEP} sources and {RESEALED_PER_SWEEP} signing keys.
    </p>
  )
}
