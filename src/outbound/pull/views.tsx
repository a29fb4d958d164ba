import type { EndpointRow } from '../../endpoints/store'
import { CopyButton } from '../../ui/dashboard'

/** For a receiver that cannot be called. The token is shown once, when it was made just now. */
export function PullCard({ endpoint, token }: { endpoint: EndpointRow; token: string | null }) {
  const path = `/admin/endpoints/${endpoint.id}/pull-token`
  return (
    <section class="card" id="pull">
      <h2>Pull</h2>
      <p>
        A receiver behind a wall, or one that looks for its gaps, can ask for its messages itself:{' '}
        <code>GET /api/endpoints/{endpoint.id}/messages</code>, with a token of its own.{' '}
        <code>npm run listen</code> does so, and posts them to your laptop.
      </p>
      {token && (
        <p class="secret">
          <code>{token}</code> <CopyButton text={token} label="Copy the pull token" /> Copy it now:
          it is not shown again.
        </p>
      )}
      <form method="post" action={`${path}#pull`}>
        <button type="submit">
          {endpoint.pull_token_hash ? 'Make another token' : 'Make a token'}
        </button>
      </form>
      {endpoint.pull_token_hash && (
        <form method="post" action={`${path}/revoke`}>
          <button type="submit">Take it back</button>
        </form>
      )}
    </section>
  )
}
