import type { EndpointRow } from '../endpoints/store'
import { EndpointTable } from '../endpoints/views'
import { InboundTable } from '../inbound/inspector/views'
import type { ListedInbound } from '../inbound/messages/queries'
import type { MessageRow } from '../outbound/messages/queries'
import { MessageTable } from '../outbound/messages/views'
import type { Usage } from '../storage/usage'
import { StorageNotice } from '../storage/views'
import { Dashboard, Notices } from '../ui/dashboard'
import { Page } from '../ui/layout'

export function OverviewPage(props: {
  endpoints: EndpointRow[]
  messages: MessageRow[]
  inbound: ListedInbound[]
  usage: Usage
  now: number
}) {
  const { endpoints, messages, inbound, usage, now } = props
  return (
    <Dashboard title="Overview" section="/admin">
      <StorageNotice usage={usage} />
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
          <InboundTable rows={inbound} now={now} />
        </section>
      )}
    </Dashboard>
  )
}

export function LoginPage({ next, error }: { next: string; error?: string | undefined }) {
  return (
    <Page title="Log in · Guesthook" stylesheets={['/dashboard.css']} bodyClass="login">
      <main id="main">
        <h1>Log in</h1>
        <p>
          The dashboard is for the owner of this guestbook. On your own machine, <code>npm run token</code> prints the
          admin token.
        </p>
        <Notices error={error} />
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
