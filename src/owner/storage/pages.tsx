import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { renderForm, renderPage } from '../../kit/html/render'
import { expectRefusal, parseFields, readForm, wholeNumber } from '../../kit/http/form'
import { changeRetention, MAX_DAYS, readRetention, retention } from '../../kit/sweep/retention-setting'
import { measureNow, readUsage } from './database-size'
import { StoragePage } from './views'

/** `/admin/storage`: how full the database is, and how long the delivery log is kept. */
export const storagePages = new Hono<HonoEnv>()

storagePages.get('/', async (c) => {
  const [usage, kept] = await Promise.all([readUsage(c.env), readRetention(c.env)])
  const form = new URLSearchParams(Object.entries(kept).map(([name, days]) => [name, String(days)]))
  return renderPage(c, <StoragePage usage={usage} form={form} now={c.get('now')} />)
})

storagePages.post('/measure', async (c) => {
  const isDone = await measureNow(c.env, c.get('now'))
  return c.redirect(`/admin/storage?done=${isDone ? 'measured' : 'measuring'}`, 303)
})

storagePages.post('/retention', async (c) => {
  const form = await readForm(c)
  const days = Object.keys(retention.shape).map((name) => [name, wholeNumber(form.get(name))])
  try {
    await changeRetention(c.env, parseFields(retention, Object.fromEntries(days)))
    return c.redirect('/admin/storage?done=saved', 303)
  } catch (cause) {
    const error = `Nothing was saved. Enter whole numbers from 0 to ${MAX_DAYS}.`
    const page = <StoragePage usage={await readUsage(c.env)} form={form} error={error} now={c.get('now')} />
    return renderForm(c, page, expectRefusal(cause))
  }
})
