import type { EndpointRow } from '../endpoints/store'
import { EndpointTable } from '../endpoints/views'
import { InboundHead, InboundRows } from '../inbound/inspector/views'
import type { ListedInbound } from '../inbound/messages/queries'
import type { MessageRow } from '../outbound/messages/queries'
import { MessageTable } from '../outbound/messages/views'
import { Dashboard } from '../ui/dashboard'
import { Page } from '../ui/layout'

interface OverviewProps {
  endpoints: EndpointRow[]
  messages: MessageRow[]
  inbound: ListedInbound[]
  now: number
}

export function OverviewPage({ endpoints, messages, inbound, now }: OverviewProps) {
  return (
    <Dashboard title="Overview" section="/admin">
      <section>
        <div class="heading">
          <h2>Endpoints</h2>
          <a class="button" href="/admin/endpoints#new">
            Register an endpoint
          </a>
        </div>
        <EndpointTable endpoints={endpoints} now={now} />
      </section>
      <section>
        <h2>Latest messages</h2>
        <MessageTable messages={messages} now={now} />
      </section>
      {inbound.length > 0 && (
        <section>
          <h2>Latest inbound messages</h2>
          <table>
            <InboundHead />
            <tbody>
              <InboundRows rows={inbound} now={now} />
            </tbody>
          </table>
        </section>
      )}
    </Dashboard>
  )
}

export function LoginPage({ next, error }: { next: string; error: string | null }) {
  return (
    <Page title="Log in · Guesthook" stylesheet="/dashboard.css" bodyClass="login">
      <main id="main">
        <h1>Log in</h1>
        <p>
          The dashboard is for the owner of this guestbook. On your own machine, <code>npm run token</code> prints the
          admin token.
        </p>
        {error && (
          <p class="notice bad" role="alert">
            {error}
          </p>
        )}
        <form method="post" action="/admin/login">
          <input type="hidden" name="next" value={next} />
          <label for="token">Admin token</label>
          <input id="token" name="token" type="password" required autocomplete="current-password" autofocus />
          <button class="primary" type="submit">
            Log in
          </button>
        </form>
        <p>
          <a href="/">« Back to the guestbook</a>
        </p>
      </main>
    </Page>
  )
}
