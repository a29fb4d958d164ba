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

interface LoginProps {
  next: string
  error?: string | undefined
  /** The person whom Cloudflare Access has let in. */
  email?: string | undefined
}

export function LoginPage({ next, error, email }: LoginProps) {
  return (
    <Page title="Log in · Guesthook" stylesheets={['/dashboard.css']} bodyClass="login">
      <main id="main">
        <h1>Log in</h1>
        <p>
          The dashboard is for the owner of this guestbook. On your own machine, <code>npm run token</code> prints the
          admin token.
        </p>
        <Notices error={error} />
        {email && <AccessNotice email={email} next={next} />}
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

/** The address is one of Cloudflare's: Access handles it before the Worker does. */
function AccessNotice({ email, next }: { email: string; next: string }) {
  return (
    <p class="notice wait">
      Cloudflare Access has let you in as <b>{email}</b>. <a href={next}>Open the dashboard</a>, or{' '}
      <a href="/cdn-cgi/access/logout">log out of Access</a>.
    </p>
  )
}
