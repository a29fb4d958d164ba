import type { PropsWithChildren } from '#jsx'
import { Notices } from '../../kit/html/dashboard'
import { Page } from '../../kit/html/layout'
import { spanOf } from '../../kit/lib/time'
import { UrlInput } from '../endpoints/form-views'
import { MAX_PER_HOST } from '../endpoints/self-registered'
import { CHALLENGE_MS } from '../rules/delivering/outcome'
import { findEventType } from '../rules/events/catalogue'
import type { Mode } from './mode'
import { PUBLIC_TYPES, type RegistrationFields } from './register'

export interface FrameProps {
  title: string
  notice?: string | undefined
  error?: string | undefined
}

/** The frame of the integrator pages. It looks like the dashboard, but has no navigation. */
export function IntegratorPage(props: PropsWithChildren<FrameProps>) {
  return (
    <Page
      title={`${props.title} · Guesthook`}
      stylesheets={['/dashboard.css']}
      script="/dashboard.js"
      bodyClass="integrator"
    >
      <main id="main">
        <p>
          <a href="/">« Back to the guestbook</a>
        </p>
        <h1>{props.title}</h1>
        <Notices {...props} />
        {props.children}
      </main>
    </Page>
  )
}

export function RegisterPage(props: { mode: Mode; fields: RegistrationFields; error?: string | undefined }) {
  const { mode, fields, error } = props
  return (
    <IntegratorPage title="Register a webhook" error={error}>
      <p>
        Register a URL to receive a signed POST request for each new entry in this guestbook. Requests follow{' '}
        <a href="https://www.standardwebhooks.com/">Standard Webhooks</a>. See the <a href="/docs">documentation</a> for
        details.
      </p>
      <p>
        We first send a challenge to the URL, which must answer it. A host can have up to {MAX_PER_HOST} registered
        URLs.
      </p>
      <form class="card" method="post" action="/webhooks">
        <RegistrationInputs fields={fields} />
        {mode === 'approve' && (
          <p class="hint">The owner must approve your endpoint. Nothing will be sent until then.</p>
        )}
        <button class="primary" type="submit">
          Register
        </button>
      </form>
    </IntegratorPage>
  )
}

/** The inputs of a registration, for the first time and for a change. */
export function RegistrationInputs({ fields }: { fields: RegistrationFields }) {
  return (
    <>
      <UrlInput value={fields.url} hint="url-hint" />
      <p class="hint" id="url-hint">
        Your server must be running: when you submit this form, we send the URL an <code>endpoint.verify</code> event.
        Respond within {spanOf(CHALLENGE_MS)} with the value of <code>data.challenge</code>.
      </p>
      <fieldset>
        <legend>Events</legend>
        {PUBLIC_TYPES.map((type) => (
          <label class="check">
            <input type="checkbox" name="event_types" value={type} checked={fields.event_types.includes(type)} />{' '}
            {findEventType(type)?.description} <code>{type}</code>
          </label>
        ))}
      </fieldset>
      <label for="description">Who are you? Only the owner sees this</label>
      <input id="description" name="description" maxlength={200} value={fields.description} />
    </>
  )
}
