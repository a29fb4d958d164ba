import { type Context, Hono } from 'hono'
import { noteAct } from '../../access/audit/record'
import type { HonoEnv } from '../../env'
import { contextOf } from '../../kit/context'
import { renderPage } from '../../kit/html/render'
import { readForm } from '../../kit/http/form'
import { Refusal, unknownLink } from '../../kit/http/problem'
import { noteNoChange, noteSubject } from '../../kit/note-act'
import { loadBookOf } from '../books/cache'
import { LINK_ACTIONS, type LinkAction, readToken } from '../for-webhooks/moderation-links'
import { seeEntry } from '../reading/entry-context'
import { type CommentRow, findComment, isLatestMessage } from '../store'
import { ModeratedPage, ModeratePage } from './link-views'
import { bookDeleted, changeComment } from './moderate'
import { versionOf } from './versions'

/** `/moderate/{token}`: a page with a button for one entry. Loading it changes nothing, because scanners open links. */
export const moderatePages = new Hono<HonoEnv>()

/** The Referrer-Policy must not be `no-referrer`: browsers would submit the form with `Origin: null`. */
const PRIVATE = { 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' }

moderatePages.get('/:token', async (c) => {
  const link = await requireLink(c)
  if (link.isDone) return renderPage(c, <ModeratedPage {...link} />, 200, PRIVATE)
  const { book, isDeleted } = await loadBookOf(c.env, link.comment, c.get('now'))
  if (isDeleted && LINK_ACTIONS[link.action] === 'published') throw bookDeleted()
  const entry = await seeEntry(c.env, link.comment, book)
  return renderPage(c, <ModeratePage action={link.action} entry={entry} />, 200, PRIVATE)
})

moderatePages.post('/:token', async (c) => {
  const { action, comment, isDone } = await requireLink(c)
  c.set('actor', { kind: 'link' })
  noteAct(c, LINK_ACTIONS[action])
  noteSubject(c, comment.id)
  if (isDone) noteNoChange(c)
  else await moderate(c, { action, comment })
  return c.redirect(c.req.path, 303)
})

/**
 * An edit by the guest makes the link invalid. The form contains the version, so an edit by the owner is noticed, too.
 * A program that has not loaded the page sends no form.
 */
async function moderate(c: Context<HonoEnv>, { action, comment }: Omit<OpenLink, 'isDone'>) {
  const form = c.req.header('Content-Type') === undefined ? null : await readForm(c)
  const seen = form?.get('seen') ?? versionOf(comment)
  await changeComment(contextOf(c), comment.id, { status: LINK_ACTIONS[action] }, seen)
}

interface OpenLink {
  action: LinkAction
  comment: CommentRow
  /** Whether the entry already has the status that the link gives it, so that a reload shows the result. */
  isDone: boolean
}

/** @throws Refusal 404 if the link is not valid, or 410 if it has expired or the entry has been changed otherwise */
async function requireLink(c: Context<HonoEnv>): Promise<OpenLink> {
  const link = await readToken(c.env, c.req.param('token') ?? '')
  if (!link) throw unknownLink()
  const { action, comment_id, message_id, expires_at } = link
  const comment = c.get('now') < expires_at ? await findComment(c.env, comment_id) : null
  if (comment?.status === LINK_ACTIONS[action]) return { action, comment, isDone: true }
  if (comment?.status === 'held' && (await isLatestMessage(c.env, comment_id, message_id)))
    return { action, comment, isDone: false }
  const detail =
    'This link no longer works: it has expired, or the entry was edited or no longer waits. Log in to see the entry.'
  throw new Refusal(410, 'link_used', detail)
}
