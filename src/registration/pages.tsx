import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../env'
import { expectRefusal, explain, readForm } from '../http/form'
import { publicOrigin } from '../http/origin'
import type { Refusal } from '../http/problem'
import { requireStorage } from '../http/storage-limit'
import { renderPage } from '../ui/render'
import { PUBLIC_TYPES, type RegistrationFields, register, requireOpen } from './register'
import { RegisteredPage, RegisterPage } from './views'

/** `/webhooks`: where integrators register URLs, if the owner allows it. */
export const registrationPages = new Hono<HonoEnv>()

const NO_FIELDS: RegistrationFields = { url: '', description: '', event_types: [PUBLIC_TYPES[0]] }

registrationPages.get('/', async (c) => showForm(c, NO_FIELDS))

async function showForm(c: Context<HonoEnv>, fields: RegistrationFields, refusal?: Refusal) {
  const mode = await requireOpen(c.env)
  const view = <RegisterPage mode={mode} fields={fields} error={refusal && explain(refusal)} />
  return renderPage(c, view, refusal?.status ?? 200, refusal?.headers)
}

registrationPages.post('/', async (c) => {
  const form = await readForm(c)
  const fields = {
    url: form.get('url')?.trim() ?? '',
    description: form.get('description')?.trim() ?? '',
    event_types: form.getAll('event_types'),
  }
  try {
    requireStorage(c.env, 'The guestbook is full at the moment. Register your URL later.')
    const { endpoint, secret, token } = await register(c, fields, Date.now())
    const link = `${publicOrigin(c)}/webhooks/manage/${token}`
    // The page shows a secret and a private link, so it must not be cached.
    c.header('Cache-Control', 'no-store')
    const view = <RegisteredPage endpoint={endpoint} secret={secret} link={link} />
    return renderPage(c, view, 201)
  } catch (cause) {
    const refusal = expectRefusal(cause)
    if (refusal.status === 404) throw refusal
    return showForm(c, fields, refusal)
  }
})
