import { type Context, Hono } from 'hono'
import { settingsPath } from '../books/form'
import { readBook } from '../books/manage'
import type { HonoEnv } from '../env'
import { expectRefusal, explain, parseFields, readForm, wholeNumber } from '../http/form'
import type { Refusal } from '../http/problem'
import { noticeOf } from '../ui/dashboard'
import { renderForm } from '../ui/render'
import { banGuest, banIn, listBans, removeBan } from './moderation/bans'
import { type BanFields, BansPage } from './views/bans-views'

/** `/admin/books/{slug}/bans`: the guests whose entries are spam. */
export const banPages = new Hono<HonoEnv>()

const NO_FIELDS: BanFields = { by: 'name', value: '', days: '30' }
const DONE: Record<string, string> = {
  banned: 'Banned. It takes up to a minute until the ban works everywhere.',
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

banPages.post('/:slug/bans', async (c) => {
  const form = await readForm(c)
  const field = (name: string) => form.get(name)?.trim() ?? ''
  const fields = { by: field('by'), value: field('value'), days: field('days') }
  try {
    await banGuest(c.env, { slug: c.req.param('slug') }, readBan(form), Date.now())
    return c.redirect(`${settingsPath(c.req.param('slug'))}/bans?done=banned`, 303)
  } catch (cause) {
    return showBans(c, fields, expectRefusal(cause))
  }
})

/** @throws Refusal 422 */
function readBan(form: URLSearchParams) {
  const days = form.get('days')?.trim()
  const comment_id = form.get('comment_id')
  return parseFields(banIn, {
    by: form.get('by'),
    ...(comment_id ? { comment_id } : { value: form.get('value') ?? '' }),
    days: days ? wholeNumber(days) : null,
  })
}

banPages.post('/:slug/bans/:id/remove', async (c) => {
  const { slug, id } = c.req.param()
  await removeBan(c.env, slug, id, Date.now())
  return c.redirect(`${settingsPath(slug)}/bans?done=removed`, 303)
})
