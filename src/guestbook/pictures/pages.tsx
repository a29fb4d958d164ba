import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { all, first } from '../../kit/db/statements'
import { renderForm } from '../../kit/html/render'
import { notFound, type Refusal } from '../../kit/http/problem'
import { PICTURE_POLICY } from '../../kit/http/security-headers'
import { fromBase64 } from '../../kit/lib/bytes'
import { isId } from '../../kit/lib/ids'
import { readBook, requireBook } from '../books/cache'
import { FOREVER } from '../reading/book-style'
import { judgePicture } from '../rules/looks/picture'
import { FIND_FILE, LIST_SITES } from '../wall/store'
import { WallPage } from '../wall/views'
import { FIND_PICTURE } from './store'
import { PicturesPage } from './views'

/** `/pictures/{slug}/{id}` and `/buttons/{slug}/{host}/{hash}`: the pictures of a page. None of the files ever changes. */
export const pictureFiles = new Hono<HonoEnv>()

pictureFiles.get('/pictures/:slug/:id', async (c) => {
  const { slug, id } = c.req.param()
  if (!isId('pic', id)) throw notFound('picture')
  await requireBook(c.env, slug, c.get('now'))
  return sendPicture(c, (await first(FIND_PICTURE(c.env, { slug, id })))?.content)
})

pictureFiles.get('/buttons/:slug/:host/:hash', async (c) => {
  const { slug, host, hash } = c.req.param()
  const { has_wall, wall_excluded } = await requireBook(c.env, slug, c.get('now'))
  const isShown = has_wall && !wall_excluded.includes(host)
  const row = isShown ? await first(FIND_FILE(c.env, { book: slug, host, hash })) : null
  return sendPicture(c, row?.content)
})

/** @param content in base64. Checked again, so that nothing else is ever sent, whatever the database contains */
function sendPicture(c: Context<HonoEnv>, content: string | null | undefined) {
  const bytes = content ? fromBase64(content) : null
  const picture = bytes && judgePicture(bytes)
  if (!bytes || !picture?.ok) throw notFound('picture')
  const policy = { 'Content-Security-Policy': PICTURE_POLICY, 'Cache-Control': FOREVER }
  return c.body(bytes, 200, { 'Content-Type': `image/${picture.value.type}`, ...policy })
}

/** `/admin/books/{slug}/pictures` and `/wall`: the pictures of a book, and the buttons of its guests' sites. */
export const picturePages = new Hono<HonoEnv>()

picturePages.get('/:slug/pictures', (c) => showPictures(c))

picturePages.get('/:slug/wall', async (c) => {
  const now = c.get('now')
  const row = await readBook(c.env, c.req.param('slug'), now)
  const sites = await all(LIST_SITES(c.env, { book: row.slug }))
  return renderForm(c, <WallPage row={row} sites={sites} now={now} />)
})

/** @param refusal shows the form for a new picture again, as it was sent, without the file */
export async function showPictures(c: Context<HonoEnv>, refusal?: Refusal, form = new URLSearchParams()) {
  const row = await readBook(c.env, c.req.param('slug') ?? '', c.get('now'))
  return renderForm(c, <PicturesPage row={row} form={form} />, refusal)
}
