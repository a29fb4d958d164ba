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
  now: number
}

export function AccessPage(props: AccessProps) {
  const { email } = props
  return (
    <Dashboard title="API keys and sessions" section="/admin/access">
      {email !== null && (
        <p>
          Cloudflare Access has let you in as <b>{email}</b>.
        </p>
      )}
      <KeysCard {...props} />
      <SessionsCard {...props} />
    </Dashboard>
  )
}
