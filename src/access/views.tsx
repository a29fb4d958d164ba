import { Dashboard } from '../kit/html/dashboard'
import { DASHBOARD } from '../kit/lib/paths'
import { KeysCard, type KeysProps } from './keys/views'
import { SessionsCard, type SessionsProps } from './sessions/views'

interface AccessProps extends KeysProps, SessionsProps {
  /** The person whom Cloudflare Access has let in. */
  email: string | null
}

export function AccessPage(props: AccessProps) {
  const { email } = props
  return (
    <Dashboard title="API keys and sessions" section={DASHBOARD.access}>
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
