import { Notices } from '../../kit/html/dashboard'
import { Page } from '../../kit/html/layout'
import { Input } from '../../kit/html/parts/fields'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { DASHBOARD } from '../../kit/lib/paths'
import { type KeptForm, toHidden } from './kept-form'

interface LoginProps {
  /** The page to show after the login, or to which the kept form is submitted. */
  next: string
  kept?: KeptForm | null
  error?: string | undefined
  email?: string | undefined
}

export function LoginPage({ next, kept, error, email }: LoginProps) {
  return (
    <Page title="Log in · Guesthook" stylesheets={['/dashboard.css']} bodyClass="login">
      <main id="main">
        <h1>Log in</h1>
        <p>
          The dashboard is for the owner of this guestbook. The admin token is the secret <code>ADMIN_TOKEN</code> that
          was set when the guestbook was deployed. On your own machine, <code>npm run token</code> prints it.
        </p>
        <Notices error={error} />
        {email && <AccessNotice email={email} next={next} />}
        <Form action={DASHBOARD.login}>
          <Hidden fields={{ next }} />
          {kept && <Hidden fields={toHidden(kept)} />}
          <Input name="token" label="Admin token" type="password" required autocomplete="current-password" autofocus />
          <Submit kind="primary" label="Log in" />
        </Form>
        <p>
          <a href="/">« Back to the guestbook</a>
        </p>
      </main>
    </Page>
  )
}

/** Submits the form that was kept during the login. A redirect cannot do that. */
export function ContinuePage({ next, kept }: { next: string; kept: KeptForm }) {
  return (
    <Page title="Continue · Guesthook" stylesheets={['/dashboard.css']} bodyClass="login">
      <main id="main">
        <h1>You are logged in</h1>
        <p>
          What you entered before has not been submitted yet. It goes to <code>{next}</code>.
        </p>
        <Form action={next}>
          <Hidden fields={kept} />
          <Submit kind="primary" autofocus label="Submit it now" />
        </Form>
        <p>
          <a href={DASHBOARD.overview}>Discard it, and go to the overview</a>
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
