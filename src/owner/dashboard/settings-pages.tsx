import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { Dashboard } from '../../kit/html/dashboard'
import { renderPage } from '../../kit/html/render'
import { parseFields, readForm } from '../../kit/http/form'
import { type Mode, readMode, saveMode } from '../../webhooks/registration/mode'
import { areFirstStepsHidden } from './first-run/steps'
import { registrationMode } from './settings-api'
import { countRegistered, type Registered } from './settings-figures'

/** `/admin/settings`: who can register endpoints, and the first steps. */
export const settingsPages = new Hono<HonoEnv>()

settingsPages.get('/', async (c) => {
  const [mode, registered, areStepsHidden] = await Promise.all([
    readMode(c.env),
    countRegistered(c.env),
    areFirstStepsHidden(c.env),
  ])
  const notice = c.req.query('done') && 'Saved.'
  return renderPage(c, <SettingsPage {...{ mode, registered, areStepsHidden, notice }} />)
})

settingsPages.post('/registration', async (c) => {
  const { registration } = parseFields(registrationMode, { registration: (await readForm(c)).get('registration') })
  await saveMode(c.env, registration)
  return c.redirect('/admin/settings?done=saved', 303)
})

interface SettingsProps extends RegistrationProps {
  areStepsHidden: boolean
  notice?: string | undefined
}

function SettingsPage({ mode, registered, areStepsHidden, notice }: SettingsProps) {
  return (
    <Dashboard title="Settings" section="/admin/settings" notice={notice}>
      <RegistrationForm mode={mode} registered={registered} />
      <section class="card">
        <h2>Other settings</h2>
        <dl class="steps">
          <dt>
            <a href="/admin/books">Books</a>
          </dt>
          <dd>What guests see and may do: the title, the look, the language, and which entries wait for you.</dd>
          <dt>
            <a href="/admin/storage">Storage</a>
          </dt>
          <dd>How long deliveries and the audit log are kept, and how full the database is.</dd>
          <dt>
            <a href="/admin/sources">Sources</a>
          </dt>
          <dd>What happens to webhooks from other services, and how long they are kept.</dd>
          <dt>
            <a href="/admin/access">Access</a>
          </dt>
          <dd>Which programs and browsers may act for you.</dd>
        </dl>
      </section>
      {areStepsHidden && <FirstStepsForm />}
    </Dashboard>
  )
}

function FirstStepsForm() {
  return (
    <form class="card" method="post" action="/admin/first-steps/show">
      <h2>First steps</h2>
      <p>
        You have hidden the first steps. The overview can show them again, with the demo guestbook. Nothing else
        changes.
      </p>
      <button type="submit">Show the first steps</button>
    </form>
  )
}

const CHOICES: Record<Mode, string> = {
  off: 'No, only I can',
  approve: 'Yes, after I approve each one',
  open: 'Yes, immediately',
}

/** What each choice does in practice. */
const EFFECTS: Record<Mode, string> = {
  off: 'At present, nobody but you can register a URL.',
  approve: 'At present, anyone can register a URL. It gets nothing until you approve it.',
  open: 'At present, anyone can register a URL, and it gets events immediately.',
}

interface RegistrationProps {
  mode: Mode
  registered: Registered
}

function RegistrationForm({ mode, registered }: RegistrationProps) {
  return (
    <form class="card" method="post" action="/admin/settings/registration">
      <h2>Registration</h2>
      <label for="registration">Can integrators register their own endpoints?</label>
      <select id="registration" name="registration" aria-describedby="registration-hint">
        {Object.entries(CHOICES).map(([value, label]) => (
          <option value={value} selected={value === mode}>
            {label}
          </option>
        ))}
      </select>
      <div class="hint" id="registration-hint">
        <p>
          {EFFECTS[mode]} <Figures {...registered} />
        </p>
        <p>
          {mode === 'off' ? 'If you allow it, integrators register at ' : 'Integrators register at '}
          {mode === 'off' ? <code>/webhooks</code> : <a href="/webhooks">/webhooks</a>}. Each URL must first answer a
          challenge, and it gets only events about published entries. Endpoints that exist keep working, whatever you
          choose.
        </p>
      </div>
      <button type="submit">Save</button>
    </form>
  )
}

function Figures({ count, waiting }: Registered) {
  if (count === 0) return <>No integrator has registered an endpoint.</>
  const registered = `Integrators have registered ${count === 1 ? '1 endpoint' : `${count} endpoints`}.`
  if (waiting === 0) return <>{registered} None waits for your approval.</>
  return (
    <>
      {registered}{' '}
      <a href="/admin/endpoints?state=attention">
        {waiting} of them {waiting === 1 ? 'needs' : 'need'} your approval
      </a>
      .
    </>
  )
}
