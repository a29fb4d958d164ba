import { Hono } from 'hono'
import type { HonoEnv } from '../../../env'
import { DEMO_SLUG } from '../../../guestbook/books/book'
import { settingsPath } from '../../../guestbook/books/form'
import { readForm } from '../../../kit/http/form'
import { requestOrigin } from '../../../kit/http/origin'
import { DASHBOARD } from '../../../kit/lib/paths'
import { noteNoChange, noteSubject } from '../../../kit/note-act'
import { makeDemo } from './demo'
import { registerReceiver } from './receiver'
import { hideFirstSteps } from './steps'

/** `/admin/first-steps`: the buttons of the first steps. The overview shows the steps. */
export const firstRunPages = new Hono<HonoEnv>()

firstRunPages.post('/receiver', async (c) => {
  // The button is on two pages. The steps explain what comes next; the other page leads to the endpoint.
  const isOverview = (await readForm(c)).get('from') === 'overview'
  const { endpoint_id, source_id, isNew } = await registerReceiver(c.env, requestOrigin(c), c.get('now'))
  if (isNew) noteSubject(c, endpoint_id, source_id)
  else noteNoChange(c)
  return c.redirect(
    isOverview
      ? `${DASHBOARD.overview}?done=receiver#first-steps`
      : `${DASHBOARD.endpoints}/${endpoint_id}?tab=test&done=receiver`,
    303
  )
})

firstRunPages.post('/demo', async (c) => {
  const result = await makeDemo(c.env, c.get('now'))
  if (result === 'made') noteSubject(c, DEMO_SLUG)
  else noteNoChange(c)
  const done = result === 'taken' ? `${DASHBOARD.books}?done=demo_taken` : `${settingsPath(DEMO_SLUG)}?done=demo`
  return c.redirect(done, 303)
})

firstRunPages.post('/hide', async (c) => {
  if (!(await hideFirstSteps(c.env, true))) noteNoChange(c)
  return c.redirect(`${DASHBOARD.overview}?done=steps_hidden`, 303)
})

firstRunPages.post('/show', async (c) => {
  if (!(await hideFirstSteps(c.env, false))) noteNoChange(c)
  return c.redirect(`${DASHBOARD.overview}#first-steps`, 303)
})
