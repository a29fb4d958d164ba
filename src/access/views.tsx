import { Dashboard } from '../kit/html/dashboard'
import type { KeyFields } from './keys/form'
import type { KeyRow } from './keys/store'
import { KeysCard, type NewKey } from './keys/views'
import type { SessionRow } from './sessions/store'
import { SessionsCard } from './sessions/views'

interface AccessProps {
  keys: KeyRow[]
  fields: KeyFields
  /** The key that has just been created. */
  created: NewKey | undefined
  sessions: SessionRow[]
  /** The session of the request, if it has one. */
  current: string | null
  /** The person whom Cloudflare Access has let in. */
  email: string | null
  notice: string | undefined
  error: string | undefined
  now: number
}

export function AccessPage(props: AccessProps) {
  const { notice, error, email } = props
  return (
    <Dashboard title="Access" section="/admin/access" notice={notice} error={error}>
      {email !== null && (
        <p>
          Cloudflare Access has let you in as <b>{email}</b>.
        </p>
      )}
      <KeysCard {...props} />
      <SessionsCard {...props} />
      <section class="card">
        <h2>Audit log</h2>
        <p>
          <a href="/admin/access/audit">See who changed what, and when.</a>
        </p>
      </section>
    </Dashboard>
  )
}
