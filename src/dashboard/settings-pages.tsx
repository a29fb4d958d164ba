import { Hono } from 'hono'
import type { HonoEnv } from '../env'
import { parseFields, readForm } from '../http/form'
import { type Mode, readMode, saveMode } from '../registration/mode'
import { Dashboard } from '../ui/dashboard'
import { renderPage } from '../ui/render'
import { registrationMode } from './settings-api'

/** `/admin/settings`: who can register endpoints. */
export const settingsPages = new Hono<HonoEnv>()

settingsPages.get('/', async (c) => {
  const mode = await readMode(c.env)
  const notice = c.req.query('done') && 'Saved.'
  return renderPage(c, <SettingsPage mode={mode} notice={notice} />)
})

settingsPages.post('/registration', async (c) => {
  const { registration } = parseFields(registrationMode, { registration: (await readForm(c)).get('registration') })
  await saveMode(c.env, registration)
  return c.redirect('/admin/settings?done=saved', 303)
})

function SettingsPage({ mode, notice }: { mode: Mode; notice?: string | undefined }) {
  return (
    <Dashboard title="Settings" section="/admin/settings" notice={notice}>
      <p>
        The title, the language and the limits of a guestbook are under <a href="/admin/books">Books</a>. How long the
        delivery log is kept is under <a href="/admin/storage">Storage</a>.
      </p>
      <RegistrationForm mode={mode} />
    </Dashboard>
  )
}

const CHOICES: Record<Mode, string> = {
  off: 'No, only I can',
  approve: 'Yes, after I approve each one',
  open: 'Yes, immediately',
}

function RegistrationForm({ mode }: { mode: Mode }) {
  return (
    <form class="card" method="post" action="/admin/settings/registration">
      <h2>Registration</h2>
      <label for="registration">Can integrators register their own endpoints?</label>
      <select id="registration" name="registration">
        {Object.entries(CHOICES).map(([value, label]) => (
          <option value={value} selected={value === mode}>
            {label}
          </option>
        ))}
      </select>
      <p class="hint">
        Integrators register at {mode === 'off' ? <code>/webhooks</code> : <a href="/webhooks">/webhooks</a>}. Each URL
        must first answer a challenge, and it receives only events about published entries. Endpoints that are waiting
        for your approval are listed under <a href="/admin/endpoints">Endpoints</a>.
      </p>
      <button type="submit">Save</button>
    </form>
  )
}
