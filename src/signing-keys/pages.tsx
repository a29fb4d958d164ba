import { Hono } from 'hono'
import { formatPublicKey } from '../core/signing/ed25519'
import { countToReseal } from '../db/reseal'
import type { HonoEnv } from '../env'
import { parseFields, readForm } from '../http/form'
import { publicOrigin } from '../http/origin'
import { CopyButton, Dashboard } from '../ui/dashboard'
import { GraceSelect } from '../ui/grace-select'
import { renderPage } from '../ui/render'
import { RelativeTime } from '../ui/time'
import { keyRotation } from './schemas'
import { type KeyPairRow, listKeyPairs, publicBytes, rotateKeyPair } from './store'

/** `/admin/keys`: what receivers verify with, and what secrets are sealed with. */
export const keyPages = new Hono<HonoEnv>()

const DONE: Record<string, string> = {
  rotated: 'Rotated. The old key still signs for as long as you chose.',
  replaced: 'Replaced. The old key no longer signs.',
}

keyPages.get('/', async (c) => {
  const now = Date.now()
  const [pairs, toReseal] = await Promise.all([listKeyPairs(c.env, now), countToReseal(c.env)])
  const notice = DONE[c.req.query('done') ?? '']
  const view = (
    <KeysPage
      pairs={pairs}
      toReseal={toReseal}
      address={`${publicOrigin(c)}/.well-known/webhook-keys`}
      notice={notice}
      now={now}
    />
  )
  return renderPage(c, view)
})

keyPages.post('/rotate', async (c) => {
  const grace = Number((await readForm(c)).get('grace_seconds') || 'NaN')
  const { grace_seconds } = parseFields(keyRotation, { grace_seconds: grace })
  await rotateKeyPair(c.env, grace_seconds * 1_000, Date.now())
  return c.redirect(`/admin/keys?done=${grace === 0 ? 'replaced' : 'rotated'}`, 303)
})

interface KeysProps {
  pairs: KeyPairRow[]
  toReseal: number | null
  address: string
  notice: string | undefined
  now: number
}

function KeysPage({ pairs, toReseal, address, notice, now }: KeysProps) {
  return (
    <Dashboard title="Keys" section="/admin/keys" notice={notice}>
      <section class="card">
        <h2>Signing keys</h2>
        <p>
          Besides the endpoint’s own secret, every request is signed with this key (Ed25519,{' '}
          <code>v1a</code>). A receiver that verifies with the public half holds nothing that must
          be kept secret. It is also at <a href={address}>{address}</a>, as a JWK set.
        </p>
        <p>
          <a href="/admin/signature">Why does a signature not match?</a> shows which part does not.
        </p>
        {pairs.map((pair) => (
          <PublicKey pair={pair} now={now} />
        ))}
        <form method="post" action="/admin/keys/rotate">
          <GraceSelect label="Rotate; the old key signs on for" />
          <button type="submit">Rotate</button>
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
        kid <code>{pair.kid}</code>, made <RelativeTime at={pair.created_at} now={now} />
        {pair.retire_at !== null && (
          <>
            , signs its last <RelativeTime at={pair.retire_at} now={now} />
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
        Signing secrets are encrypted under <code>SECRETS_KEY</code>. To rotate it, set{' '}
        <code>SECRETS_KEY_PREVIOUS</code> to the old value and <code>SECRETS_KEY</code> to a new
        one, then look here.
      </p>
    )
  }
  return toReseal === 0 ? (
    <p class="notice good">
      Everything is encrypted under the new <code>SECRETS_KEY</code>. After a day, when the last
      kept answer has expired, delete <code>SECRETS_KEY_PREVIOUS</code>.
    </p>
  ) : (
    <p class="notice wait">
      <code>SECRETS_KEY</code> is being rotated: {toReseal} still under the old one. The sweep does
      100 a minute.
    </p>
  )
}
