import { Hono } from 'hono'
import type { HonoEnv } from '../env'
import { expectRefusal, parseFields, readForm, wholeNumber } from '../http/form'
import { changeRetention, MAX_DAYS, type Retention, readRetention, retention } from '../queue/retention-setting'
import { renderForm, renderPage } from '../ui/render'
import { readUsage } from './usage'
import { StoragePage } from './views'

/** `/admin/storage`: how full the database is, and how long the delivery log is kept. */
export const storagePages = new Hono<HonoEnv>()

storagePages.get('/', async (c) => {
  const [usage, kept] = await Promise.all([readUsage(c.env), readRetention(c.env)])
  const notice = c.req.query('done') ? 'Saved. The next sweeps remove what is too old, page by page.' : undefined
  return renderPage(c, <StoragePage usage={usage} kept={kept} notice={notice} now={Date.now()} />)
})

storagePages.post('/retention', async (c) => {
  const form = await readForm(c)
  const days = (name: keyof Retention) => wholeNumber(form.get(name))
  const sent = {
    settled_days: days('settled_days'),
    failed_days: days('failed_days'),
    jobs_days: days('jobs_days'),
    audit_days: days('audit_days'),
  }
  try {
    await changeRetention(c.env, parseFields(retention, sent))
    return c.redirect('/admin/storage?done=saved', 303)
  } catch (cause) {
    const error = `Nothing was saved. Enter whole numbers from 0 to ${MAX_DAYS}.`
    const page = <StoragePage usage={await readUsage(c.env)} kept={sent} error={error} now={Date.now()} />
    return renderForm(c, page, expectRefusal(cause))
  }
})
