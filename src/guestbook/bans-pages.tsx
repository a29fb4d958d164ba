import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../env'
import { noticeOf } from '../kit/html/dashboard'
import { renderForm } from '../kit/html/render'
import { explain } from '../kit/http/form'
import type { Refusal } from '../kit/http/problem'
import { aSpanOf } from '../kit/lib/time'
import { CACHE_MS, readBook } from './books/cache'
import { listBans } from './moderation/bans'
import { type BanFields, BansPage } from './views/bans-views'

/** `/admin/books/{slug}/bans`: the guests whose entries are spam. */
export const banPages = new Hono<HonoEnv>()

const NO_FIELDS: BanFields = { by: 'name', value: '', days: '30' }
const DONE: Record<string, string> = {
  banned: `Banned. It takes up to ${aSpanOf(CACHE_MS)} until the ban works everywhere.`,
  removed: 'Ban removed.',
}

banPages.get('/:slug/bans', (c) => showBans(c, NO_FIELDS))

async function showBans(c: Context<HonoEnv>, fields: BanFields, refusal?: Refusal): Promise<Response> {
  const now = Date.now()
  const slug = c.req.param('slug') ?? ''
  const row = await readBook(c.env, slug, now)
  const bans = await listBans(c.env, slug, now)
  const error = refusal && explain(refusal)
  const view = { row, bans, fields, error, notice: noticeOf(DONE, c.req.query('done')), now }
  return renderForm(c, <BansPage {...view} />, refusal)
}

/** Shows the form again, as it was sent. */
export function showBanAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams): Promise<Response> {
  const field = (name: string) => form.get(name)?.trim() ?? ''
  return showBans(c, { by: field('by'), value: field('value'), days: field('days') }, refusal)
}
