import { Card } from '../../../kit/html/parts/card'
import { ButtonForm } from '../../../kit/html/parts/form'
import type { EndpointRow } from '../../endpoints/store'

/** Manages the pull token, for receivers that cannot accept incoming requests. */
export function PullCard({ endpoint, path }: { endpoint: EndpointRow; path: string }) {
  const hasToken = endpoint.pull_token_hash !== null
  return (
    <Card id="pull" title="Pull token">
      <p>
        A receiver behind a firewall, or one that checks for missed messages, can fetch its messages with a pull token:{' '}
        <code>GET /api/endpoints/{endpoint.id}/messages</code>.{' '}
        <a href="/docs/receivers#pull-messages">How pulling works</a>, and{' '}
        <a href="/docs/receivers#receive-on-your-laptop">how to forward messages to your laptop</a>.
      </p>
      <ButtonForm action={path} label={hasToken ? 'Replace token' : 'Create token'}>
        {hasToken && 'A new token replaces the current one.'}
      </ButtonForm>
      {hasToken && <ButtonForm action={`${path}/revoke`} label="Revoke token" />}
    </Card>
  )
}
