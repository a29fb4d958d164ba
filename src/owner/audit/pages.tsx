import { Hono } from 'hono'
import { FILTER_MAX } from '../../access/audit/api'
import { listActs } from '../../access/audit/store'
import type { HonoEnv } from '../../env'
import { newestBetween } from '../../kit/db/scanned'
import { renderPage } from '../../kit/html/render'
import { readTimes, readTyped, TIME_NAMES } from '../../kit/html/typed-filter'
import { readCursor } from '../../kit/http/pagination'
import { phraseOf, readPhrases } from './act-words'
import { findThings } from './subject-names'
import { AuditPage } from './views'

const PAGE_SIZE = 50

/** `/admin/access/audit`: what the owner did. */
export const auditPages = new Hono<HonoEnv>()

auditPages.get('/', async (c) => {
  const now = c.get('now')
  const typed = readTyped(new URL(c.req.url).searchParams, ['act', 'actor', 'logins', ...TIME_NAMES], FILTER_MAX)
  const before = readCursor('aud', c.req.query('cursor') || undefined)
  const { act, actor, logins, ...times } = typed
  const withLogins = logins !== '' || act.startsWith('session') ? 1 : 0
  const range = newestBetween('aud', readTimes(times, now), before)
  const { data, next } = await listActs(c.env, { act, actor, logins: withLogins }, range, PAGE_SIZE)
  const [things, phrases] = await Promise.all([findThings(c.env, data), readPhrases(c.env)])
  const acts = data.map((row) => ({ ...row, phrase: phraseOf(phrases, row.act) }))
  return renderPage(c, <AuditPage {...{ acts, things, typed, next, now }} />)
})
