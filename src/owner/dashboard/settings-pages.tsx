import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { first, statement } from '../../kit/db/statements'
import { Dashboard } from '../../kit/html/dashboard'
import { notices } from '../../kit/html/notices'
import { Card } from '../../kit/html/parts/card'
import { Select } from '../../kit/html/parts/fields'
import { Submit } from '../../kit/html/parts/form'
import { renderPage } from '../../kit/html/render'
import { DASHBOARD } from '../../kit/lib/paths'
import { type Mode, REGISTRATION } from '../../webhooks/registration/mode'
import { areFirstStepsHidden } from './first-run/steps'

notices(DASHBOARD.settings, {
  saved: 'Saved.',
})

/** `/admin/settings`: who can register endpoints, and the first steps. */
export const settingsPages = new Hono<HonoEnv>()

settingsPages.get('/', async (c) => {
  const [mode, counted, areStepsHidden] = await Promise.all([
    REGISTRATION.read(c.env),
    first(COUNT(c.env, {})),
    areFirstStepsHidden(c.env),
  ])
  const registered = counted ?? { count: 0, waiting: 0 }
  return renderPage(c, <SettingsPage {...{ mode, registered, areStepsHidden }} />)
})

interface SettingsProps extends RegistrationProps {
  areStepsHidden: boolean
}

function SettingsPage({ mode, registered, areStepsHidden }: SettingsProps) {
  return (
    <Dashboard title="General" section={DASHBOARD.settings}>
      <RegistrationForm mode={mode} registered={registered} />
      {areStepsHidden && <FirstStepsForm />}
    </Dashboard>
  )
}

function FirstStepsForm() {
  return (
    <Card title="First steps" action={`${DASHBOARD.firstSteps}/show`}>
      <p>You have hidden the first steps and the demo guestbook on the overview.</p>
      <Submit label="Show the first steps" />
    </Card>
  )
}

const CHOICES: Record<Mode, string> = {
  off: 'No, only I can',
  approve: 'Yes, after I approve each one',
  open: 'Yes, immediately',
}

type RegistrationProps = { mode: Mode; registered: Registered }

function RegistrationForm({ mode, registered }: RegistrationProps) {
  return (
    <Card title="Registration" action={`${DASHBOARD.settings}/registration`}>
      <Select
        name="registration"
        label="Can integrators register their own endpoints?"
        choices={CHOICES}
        value={mode}
        aria-describedby="registration-hint"
      />
      <div class="hint" id="registration-hint">
        <p>
          <Figures {...registered} />
        </p>
        <p>
          {mode === 'off' ? (
            <>
              If you allow it, integrators register at <code>/webhooks</code>.
            </>
          ) : (
            <>
              Integrators register at <a href="/webhooks">/webhooks</a>.
            </>
          )}{' '}
          Each URL must first answer a challenge, and it gets only events about published entries. Existing endpoints
          keep working.
        </p>
      </div>
      <Submit label="Save" />
    </Card>
  )
}

function Figures({ count, waiting }: Registered) {
  if (count === 0) return 'No integrator has registered an endpoint.'
  return (
    <>
      Endpoints that integrators have registered: {count}. Waiting for your approval:{' '}
      <a href={`${DASHBOARD.endpoints}?state=attention`}>{waiting}</a>.
    </>
  )
}

/** The endpoints that integrators have registered, at most a hundred: see webhooks/endpoints/self-registered.ts. */
export type Registered = { count: number; waiting: number }

const COUNT = statement<Record<never, never>, Registered>(`
  select count(*) as count, total(disabled_reason = 'awaiting_approval') as waiting
  from endpoints indexed by endpoints_managed
  where manage_token_hash is not null and status <> 'deleted'`)
