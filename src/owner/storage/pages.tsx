import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { notices } from '../../kit/html/notices'
import { renderForm, renderPage } from '../../kit/html/render'
import { wholeNumber } from '../../kit/http/form'
import type { Refusal } from '../../kit/http/problem'
import { requireSame, seenIn } from '../../kit/http/seen-form'
import { DASHBOARD } from '../../kit/lib/paths'
import { PERIODS, RETENTION } from '../../kit/sweep/retention-setting'
import { measureNow, readUsage } from './database-size'
import { StoragePage } from './views'

notices(DASHBOARD.storage, {
  saved: 'Saved. The cron job removes older data step by step.',
  measured: 'Measured.',
  measuring:
    'The database is large, so the cron job continues the measurement. The new sizes appear within a few minutes.',
})

/** `/admin/storage`: how full the database is, and how long the delivery log is kept. */
export const storagePages = new Hono<HonoEnv>()

storagePages.get('/', async (c) => {
  const [usage, kept] = await Promise.all([readUsage(c.env), RETENTION.read(c.env)])
  const form = new URLSearchParams(
    Object.entries({ ...kept, seen: seenIn(kept) }).map(([name, value]) => [name, `${value}`])
  )
  return renderPage(c, <StoragePage usage={usage} form={form} now={c.get('now')} />)
})

storagePages.post('/measure', async (c) => {
  const isDone = await measureNow(c.env, c.get('now'))
  return c.redirect(`${DASHBOARD.storage}?done=${isDone ? 'measured' : 'measuring'}`, 303)
})

/** @returns how many days each thing is kept, as the form says it */
export function readDays(form: URLSearchParams): object {
  return Object.fromEntries(Object.keys(PERIODS).map((name) => [name, wholeNumber(form.get(name))]))
}

/** @throws Refusal 409 if the days were changed since the form was opened */
export const requireSameDays = async (env: Env, form: URLSearchParams) =>
  requireSame({ seen: seenIn(await RETENTION.read(env)) }, form)

export async function showStorageAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams) {
  // The call takes them as parts of `retention`.
  for (const error of refusal.errors) error.path = error.path.replace('retention.', '')
  return renderForm(c, <StoragePage usage={await readUsage(c.env)} form={form} now={c.get('now')} />, refusal)
}
