import { CopyButton } from '../../../kit/html/dashboard'
import { SHOWN_ONCE_MS } from '../../../kit/http/flash'
import { spanInWords } from '../../../kit/lib/time'
import type { EndpointRow } from '../../endpoints/store'

/** Manages the pull token, for receivers that cannot accept incoming requests. A new token is shown only once. */
export function PullCard({
  endpoint,
  path,
  token,
}: {
  endpoint: EndpointRow
  path: string
  token: string | undefined
}) {
  const hasToken = endpoint.pull_token_hash !== null
  return (
    <section class="card" id="pull">
      <h2>Pull token</h2>
      <p>
        A receiver behind a firewall, or one that checks for missed messages, can fetch its messages with a pull token:{' '}
        <code>GET /api/endpoints/{endpoint.id}/messages</code>. Run <code>npm run listen</code> to forward them to your
        laptop.
      </p>
      {token && (
        <p class="secret">
          <code>{token}</code> <CopyButton text={token} label="Copy the pull token" /> Copy it now: it is shown for{' '}
          {spanInWords(SHOWN_ONCE_MS)}.
        </p>
      )}
      <form method="post" action={path}>
        {hasToken && <p>A new token replaces the current one.</p>}
        <button type="submit">{hasToken ? 'Replace token' : 'Create token'}</button>
      </form>
      {hasToken && (
        <form method="post" action={`${path}/revoke`}>
          <button type="submit">Revoke token</button>
        </form>
      )}
    </section>
  )
}
