import { Hono, type Context as HonoContext } from 'hono'
import type { HonoEnv } from '../../env'
import { type Context, contextOf } from '../../kit/context'
import { renderForm, renderPage } from '../../kit/html/render'
import { answerOnce, readSubmission, wasSubmitted } from '../../kit/http/act-once'
import { withFlash, withFlashIfShort } from '../../kit/http/flash'
import { expectRefusal, readForm } from '../../kit/http/form'
import { publicOrigin } from '../../kit/http/origin'
import { type Refusal, requireStorage } from '../../kit/http/problem'
import { Unanswered } from './challenge'
import { GuidePage } from './guide-views'
import { pageWith } from './manage'
import { DeletedPage } from './manage-views'
import { REGISTRATION } from './mode'
import { readGuide } from './read-guide'
import {
  PUBLIC_TYPES,
  prepare,
  type Registration,
  type RegistrationFields,
  readRegistrationFields,
  refuseTaken,
  requireOpenRegistration,
} from './register'
import { RegisterPage } from './views'

/** `/webhooks`: where integrators register URLs, if the owner allows it. */
export const registrationPages = new Hono<HonoEnv>()

const NO_FIELDS: RegistrationFields = { url: '', description: '', event_types: [PUBLIC_TYPES[0]], books: '' }

registrationPages.get('/', async (c) => showForm(c, NO_FIELDS))

async function showForm(c: HonoContext<HonoEnv>, fields: RegistrationFields, refusal?: Refusal) {
  const mode = await requireOpenRegistration(c.env)
  const origin = publicOrigin(c)
  const guide = await readGuide(c.env, origin)
  const challenge = refusal instanceof Unanswered ? refusal.challenge : null
  const view = <RegisterPage {...{ mode, fields, guide, origin, challenge }} isRefused={refusal !== undefined} />
  return renderForm(c, view, refusal)
}

/** Shows the form again as it was sent, with the reason of the refusal. */
export const showRegistrationAgain = (c: HonoContext<HonoEnv>, refusal: Refusal, form: URLSearchParams) =>
  showForm(c, readRegistrationFields(form), refusal)

registrationPages.post('/', async (c) => {
  const submission = await readSubmission(c)
  const fields = readRegistrationFields(await readForm(c))
  try {
    requireStorage(c.env, 'The guestbook is full at the moment. Register your URL later.')
    const asked = contextOf(c)
    const prepared = await prepare(asked, fields)
    if (prepared.isTaken && !(await wasSubmitted(c.env, submission))) await refuseTaken(asked, prepared.url)
    // The form is claimed only after the URL has answered, so that strangers store nothing.
    return await answerOnce(c, submission, () => complete(c, asked, prepared))
  } catch (cause) {
    const refusal = expectRefusal(cause)
    if (refusal.status === 404) throw refusal
    return showForm(c, fields, refusal)
  }
})

async function complete(c: HonoContext<HonoEnv>, asked: Context, prepared: Registration): Promise<Response> {
  const { url, isTaken, secret, token, challenge, store } = prepared
  if (isTaken || !(await store())) return refuseTaken(asked, url)
  const { env, now } = asked
  const [page, shown] = [pageWith(token), { secret, is_new_link: true }]
  // A very long URL leaves no room for the challenge.
  const next = await withFlashIfShort(env, page, { ...shown, challenge }, now)
  return c.redirect(next ?? (await withFlash(env, page, shown, now)), 303)
}

/** The guide alone, which helps those whose endpoint the owner has registered, too. */
registrationPages.get('/guide', async (c) => {
  const origin = publicOrigin(c)
  const [guide, mode] = await Promise.all([readGuide(c.env, origin), REGISTRATION.read(c.env)])
  return renderPage(c, <GuidePage {...{ guide, origin }} isOpen={mode !== 'off'} />)
})

registrationPages.get('/deleted', (c) => renderPage(c, <DeletedPage />))
