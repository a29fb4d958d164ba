import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { HonoEnv } from '../env'
import { notices } from '../kit/html/notices'
import { renderForm } from '../kit/html/render'
import { readFlash } from '../kit/http/flash'
import type { Refusal } from '../kit/http/problem'
import { DASHBOARD } from '../kit/lib/paths'
import { noteNoChange } from '../kit/note-act'
import { type KeyFields, NO_KEY, readKeyFields } from './keys/form'
import { readKeys } from './keys/store'
import { readSessions, revokeOtherSessions } from './sessions/store'
import { AccessPage } from './views'

notices(DASHBOARD.access, {
  revoked: 'API key revoked. It no longer works.',
  ended: 'Session ended.',
  others_ended: 'All other sessions have ended.',
})

/** `/admin/access`: API keys and sessions. */
export const accessPages = new Hono<HonoEnv>()

/** What is shown once, after a redirect: a new key. */
const FLASH = z.object({ name: z.string(), key: z.string() })

type Shown = { fields?: KeyFields; refusal?: Refusal }

accessPages.get('/', (c) => showAccess(c))

async function showAccess(c: Context<HonoEnv>, { fields = NO_KEY, refusal }: Shown = {}) {
  const now = c.get('now')
  const [keys, sessions, created] = await Promise.all([readKeys(c.env), readSessions(c.env, now), readFlash(c, FLASH)])
  const actor = c.get('actor')
  const view = {
    keys,
    sessions,
    fields,
    created: created ?? undefined,
    current: actor?.kind === 'session' ? actor.id : null,
    email: actor?.kind === 'access' ? actor.email : null,
    now,
  }
  return renderForm(c, <AccessPage {...view} />, refusal)
}

/** Shows the form for a new key again, as it was sent. */
export function showKeyAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams): Promise<Response> {
  return showAccess(c, { fields: readKeyFields(form), refusal })
}

accessPages.post('/sessions/revoke-others', async (c) => {
  const actor = c.get('actor')
  const ended = await revokeOtherSessions(c.env, actor?.kind === 'session' ? actor.id : '')
  if (ended === 0) noteNoChange(c)
  return c.redirect(`${DASHBOARD.access}?done=others_ended#sessions`, 303)
})
