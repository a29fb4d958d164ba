import { Notices } from '../ui/dashboard'
import { Page } from '../ui/layout'

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
