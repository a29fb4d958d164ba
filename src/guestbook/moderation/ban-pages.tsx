import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { renderForm, renderPage } from '../../kit/html/render'
import type { Refusal } from '../../kit/http/problem'
import { toBook } from '../books/book'
import { readBook } from '../books/cache'
import { allBooks } from '../books/store'
import { AllBansPage, type BanFields, BansPage } from './ban-views'
import { listBans, WideBan } from './bans'

/** `/admin/books/{slug}/bans`: the guests whose entries are spam. */
export const banPages = new Hono<HonoEnv>()

const NO_FIELDS: BanFields = { by: 'name', value: '', days: '30' }

banPages.get('/:slug/bans', (c) => showBans(c, NO_FIELDS))

async function showBans(c: Context<HonoEnv>, fields: BanFields, refusal?: Refusal): Promise<Response> {
  const now = c.get('now')
  const slug = c.req.param('slug') ?? ''
  const row = await readBook(c.env, slug, now)
  const bans = await listBans(c.env, slug, now)
  const view = { row, bans, fields, now, ...(refusal instanceof WideBan && { wide: refusal }) }
  return renderForm(c, <BansPage {...view} />, refusal)
}

/** `/admin/bans`: the bans of all books. */
export const allBansPages = new Hono<HonoEnv>()

allBansPages.get('/', async (c) => {
  const now = c.get('now')
  return renderPage(c, <AllBansPage books={(await allBooks(c.env)).map(toBook)} now={now} />)
})

/** Shows the form again, as it was sent. */
export function showBanAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams): Promise<Response> {
  const field = (name: string) => form.get(name)?.trim() ?? ''
  return showBans(c, { by: field('by'), value: field('value'), days: field('days') }, refusal)
}
