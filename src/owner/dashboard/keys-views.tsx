import { Dashboard, Secret } from '../../kit/html/dashboard'
import { GraceSelect } from '../../kit/html/grace-select'
import { Card } from '../../kit/html/parts/card'
import { Fold, Form, Submit } from '../../kit/html/parts/form'
import { RelativeTime } from '../../kit/html/time'
import { LIFETIME_MS } from '../../kit/http/act-once'
import { DASHBOARD } from '../../kit/lib/paths'
import { spanInWords } from '../../kit/lib/time'
import { formatPublicKey } from '../../webhooks/rules/signing/ed25519'
import { type KeyPairRow, publicBytes } from '../../webhooks/signing-keys/store'
import { RESEALED_PER_SWEEP, type RotationState } from './rotate-secrets-key'

interface KeysProps {
  pairs: KeyPairRow[]
  /** The rotation of SECRETS_KEY that is under way, if there is one. */
  rotation: RotationState | null
  fault: string | undefined
  address: string
  now: number
}

export function KeysPage({ pairs, rotation, fault, address, now }: KeysProps) {
  const sealing = fault ? (
    <p class="notice bad">{fault}</p>
  ) : (
    <p>
      Stored secrets are encrypted with <code>SECRETS_KEY</code>. To rotate it, set <code>SECRETS_KEY_PREVIOUS</code> to
      the old value and <code>SECRETS_KEY</code> to a new one, then come back to this page.
    </p>
  )
  return (
    <Dashboard title="Signing keys" section={DASHBOARD.signingKeys}>
      <Card title="Public keys">
        <p>
          Every webhook is signed twice: with the secret of its endpoint, and with this key (Ed25519, <code>v1a</code>).
          Receivers that verify with the public key do not have to store a secret. You can also fetch the public key as
          a JWK set: <a href={address}>{address}</a>
        </p>
        <p>
          Signature not matching? <a href={DASHBOARD.signature}>Find out why.</a>
        </p>
        {pairs.map((pair) => (
          <PublicKey pair={pair} now={now} />
        ))}
        <Fold summary="Rotate the key…">
          <p>
            From then on, requests to all endpoints are signed with the old key and a new one. A receiver that stores
            the old public key accepts them only until the old key stops signing, so give it the new one.
          </p>
          <Form action={`${DASHBOARD.signingKeys}/rotate`}>
            <GraceSelect label="Keep signing with the old key for" />
            <Submit label="Rotate key" />
          </Form>
        </Fold>
      </Card>
      <Card title="Stored secrets">{rotation ? <Rotation {...rotation} /> : sealing}</Card>
    </Dashboard>
  )
}

function PublicKey({ pair, now }: { pair: KeyPairRow; now: number }) {
  const text = formatPublicKey(publicBytes(pair))
  return (
    <div>
      <Secret text={text} label="Copy the public key" />
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

function Rotation({ stale, isStuck, first }: RotationState) {
  if (stale > 0 && !isStuck) {
    const left = stale === 1 ? '1 secret is' : `${stale} secrets are`
    return (
      <p class="notice wait">
        Rotating <code>SECRETS_KEY</code>: {left} still encrypted with the old key. Up to {RESEALED_PER_SWEEP} are
        encrypted again each minute.
      </p>
    )
  }
  return (
    <>
      {stale > 0 && <Unreadable stale={stale} first={first} />}
      <p class="notice good">
        {stale > 0 ? 'All other' : 'All'} secrets are encrypted with the new <code>SECRETS_KEY</code>. Wait{' '}
        {spanInWords(LIFETIME_MS)}, until the stored responses to requests with an <code>Idempotency-Key</code> have
        expired, then delete <code>SECRETS_KEY_PREVIOUS</code>.
      </p>
    </>
  )
}

const PAGES = { endpoint: DASHBOARD.endpoints, source: DASHBOARD.sources, 'signing key': null }

function Unreadable({ stale, first }: Pick<RotationState, 'stale' | 'first'>) {
  return (
    <div class="notice bad">
      <p>
        {stale === 1 ? '1 secret' : `${stale} secrets`} cannot be decrypted with <code>SECRETS_KEY</code> or{' '}
        <code>SECRETS_KEY_PREVIOUS</code>. If an even older key decrypts them, set it as{' '}
        <code>SECRETS_KEY_PREVIOUS</code>. Otherwise, replace them: rotate the URL of the source and enter its secret
        again, delete the endpoint and register it again, or rotate the signing key.
      </p>
      <ul>
        {first.map(({ kind, id }) => (
          <li>
            {kind} {PAGES[kind] ? <a href={`${PAGES[kind]}/${id}`}>{id}</a> : <code>{id}</code>}
          </li>
        ))}
      </ul>
      {stale > first.length && <p>These are the first {first.length}.</p>}
    </div>
  )
}
