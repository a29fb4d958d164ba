import type { PropsWithChildren } from '#jsx'
import { Notices } from '../../kit/html/dashboard'
import { Page } from '../../kit/html/layout'
import { Card } from '../../kit/html/parts/card'
import { Check, Input } from '../../kit/html/parts/fields'
import { Submit } from '../../kit/html/parts/form'
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

export function RegisterPage({ mode, fields }: { mode: Mode; fields: RegistrationFields }) {
  return (
    <IntegratorPage title="Register a webhook">
      <p>
        Register a URL to receive a signed POST request for each new entry in this guestbook. Requests follow{' '}
        <a href="https://www.standardwebhooks.com/">Standard Webhooks</a>. See the <a href="/docs">documentation</a> for
        details.
      </p>
      <p>
        We first send a challenge to the URL, which must answer it. A host can have up to {MAX_PER_HOST} registered
        URLs.
      </p>
      <Card action="/webhooks">
        <RegistrationInputs fields={fields} />
        {mode === 'approve' && (
          <p class="hint">The owner must approve your endpoint. Nothing will be sent until then.</p>
        )}
        <Submit kind="primary" label="Register" />
      </Card>
    </IntegratorPage>
  )
}

const URL_HINT =
  'Your server must be running: when you submit this form, we send the URL an `endpoint.verify` event. ' +
  `Respond within ${spanOf(CHALLENGE_MS)} with the value of \`data.challenge\`.`

/** The inputs of a registration, for the first time and for a change. */
export function RegistrationInputs({ fields }: { fields: RegistrationFields }) {
  return (
    <>
      <UrlInput value={fields.url} hint={URL_HINT} />
      <fieldset>
        <legend>Events</legend>
        {PUBLIC_TYPES.map((type) => (
          <Check
            name="event_types"
            value={type}
            checked={fields.event_types.includes(type)}
            label={
              <>
                {findEventType(type)?.description} <code>{type}</code>
              </>
            }
          />
        ))}
      </fieldset>
      <Input
        name="description"
        label="Who are you? Only the owner sees this"
        maxlength={200}
        value={fields.description}
      />
    </>
  )
}
