import type { PropsWithChildren } from 'hono/jsx'
import { findEventType } from '../core/events/catalogue'
import type { EndpointRow } from '../endpoints/store'
import { CopyButton, Notices } from '../ui/dashboard'
import { Page } from '../ui/layout'
import type { Mode } from './mode'
import { PUBLIC_TYPES, type RegistrationFields } from './register'

interface FrameProps {
  title: string
  notice?: string | undefined
  error?: string | undefined
}

/** The frame of an integrator's pages: as calm as the dashboard, without its rail. */
export function IntegratorPage(props: PropsWithChildren<FrameProps>) {
  return (
    <Page
      title={`${props.title} · Guesthook`}
      stylesheet="/dashboard.css"
      script="/dashboard.js"
      bodyClass="integrator"
    >
      <main id="main">
        <p>
          <a href="/">« To the guestbook</a>
        </p>
        <h1>{props.title}</h1>
        <Notices {...props} />
        {props.children}
      </main>
    </Page>
  )
}

interface RegisterProps {
  mode: Exclude<Mode, 'off'>
  fields: RegistrationFields
  error?: string | undefined
}

export function RegisterPage({ mode, fields, error }: RegisterProps) {
  return (
    <IntegratorPage title="Get called back" error={error}>
      <p>
        Register a URL, and it gets a signed POST for each new entry in this guestbook, as{' '}
        <a href="https://www.standardwebhooks.com/">Standard Webhooks</a> says. What it gets is
        described at <a href="/docs">/docs</a>.
      </p>
      <form class="card" method="post" action="/webhooks">
        <label for="url">URL</label>
        <input
          id="url"
          name="url"
          type="url"
          required
          maxlength={2048}
          value={fields.url}
          placeholder="https://example.com/webhooks"
          aria-describedby="url-hint"
        />
        <p class="hint" id="url-hint">
          It must be running: it is asked at once whether it wants to be called, by an{' '}
          <code>endpoint.verify</code>. Answer it within 10 seconds with the text of{' '}
          <code>data.challenge</code>.
        </p>
        <fieldset>
          <legend>Tell me when</legend>
          {PUBLIC_TYPES.map((type) => (
            <TypeChoice type={type} checked={fields.event_types.includes(type)} />
          ))}
        </fieldset>
        <label for="description">Who are you? The owner reads this</label>
        <input id="description" name="description" maxlength={200} value={fields.description} />
        {mode === 'approve' && (
          <p class="hint">The owner looks at it first; nothing is sent before.</p>
        )}
        <button class="primary" type="submit">
          Register
        </button>
      </form>
    </IntegratorPage>
  )
}

function TypeChoice({ type, checked }: { type: string; checked: boolean }) {
  return (
    <label class="check">
      <input type="checkbox" name="event_types" value={type} checked={checked} />{' '}
      {findEventType(type)?.description} <code>{type}</code>
    </label>
  )
}

export function RegisteredPage(props: { endpoint: EndpointRow; secret: string; link: string }) {
  const { endpoint, secret, link } = props
  return (
    <IntegratorPage title="Registered" notice="It proved itself: it answered with the challenge.">
      <p>
        <b class="url">{endpoint.url}</b>{' '}
        {endpoint.status === 'enabled'
          ? 'gets what happens from now on.'
          : 'waits for the owner, who looks at it first.'}
      </p>
      <section class="card">
        <h2>Keep these two now: they are not shown again</h2>
        <h3>The signing secret, to verify with that a request is from here</h3>
        <p class="secret">
          <code>{secret}</code> <CopyButton text={secret} label="Copy the secret" />
        </p>
        <h3>Your private link: the log, a test, rotating, pausing, deleting</h3>
        <p class="secret">
          <a href={link}>
            <code>{link}</code>
          </a>{' '}
          <CopyButton text={link} label="Copy the link" />
        </p>
        <p class="hint">Whoever has the link can do all of that. Keep it as you keep a password.</p>
      </section>
    </IntegratorPage>
  )
}
