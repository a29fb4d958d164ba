import { Dashboard, Secret } from '../../kit/html/dashboard'
import { GraceSelect } from '../../kit/html/grace-select'
import { Help, HelpParagraph } from '../../kit/html/help'
import { Card } from '../../kit/html/parts/card'
import { Fold, Form, Submit } from '../../kit/html/parts/form'
import { RelativeTime } from '../../kit/html/time'
import { LIFETIME_MS } from '../../kit/http/idempotency'
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
  const sealing = fault ? <p class="notice bad">{fault}</p> : <HelpParagraph of="sealing.what" />
  return (
    <Dashboard title="Signing keys" section="/admin/keys">
      <Card title="Public keys">
        <p>
          <Help of="signing.what" /> <a href={address}>{address}</a>
        </p>
        <HelpParagraph of="signing.check" />
        {pairs.map((pair) => (
          <PublicKey pair={pair} now={now} />
        ))}
        <Fold summary="Rotate the key…">
          <HelpParagraph of="signing.rotate" />
          <Form action="/admin/keys/rotate">
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
    return <HelpParagraph of="sealing.rotating" class="notice wait" left={left} rate={RESEALED_PER_SWEEP} />
  }
  return (
    <>
      {stale > 0 && <Unreadable stale={stale} first={first} />}
      <HelpParagraph
        of="sealing.done"
        class="notice good"
        all={stale > 0 ? 'All other' : 'All'}
        time={spanInWords(LIFETIME_MS)}
      />
    </>
  )
}

const PAGES = { endpoint: '/admin/endpoints', source: '/admin/sources', 'signing key': null }

function Unreadable({ stale, first }: Pick<RotationState, 'stale' | 'first'>) {
  return (
    <div class="notice bad">
      <p>
        {stale === 1 ? '1 secret' : `${stale} secrets`} <Help of="sealing.unreadable" />
      </p>
      <ul>
        {first.map(({ kind, id }) => (
          <li>
            {kind} {PAGES[kind] ? <a href={`${PAGES[kind]}/${id}`}>{id}</a> : <code>{id}</code>}
          </li>
        ))}
      </ul>
      {stale > first.length && <HelpParagraph of="sealing.first" count={first.length} />}
    </div>
  )
}
