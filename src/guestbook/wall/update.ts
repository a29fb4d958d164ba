import * as z from 'zod'
import { isDatabaseFull } from '../../kit/db/size'
import { all, batch, batchNamed } from '../../kit/db/statements'
import { configuredOrigin } from '../../kit/http/origin'
import { toBase64, toBase64Url } from '../../kit/lib/bytes'
import type { Chore } from '../../kit/sweep/subrequest-budget'
import { log } from '../../log'
import { urlPolicy } from '../../webhooks/endpoints/url'
import { sendOwn } from '../../webhooks/work/send-orders'
import { type BookRow, toBook } from '../books/book'
import { LIST_CHANGED_WALLS, MARK_WALL, SHOW_BUTTONS } from '../books/store'
import { BUTTON_MAX_BYTES, findButtonFault, planWall } from '../rules/looks/wall'
import { fetchSource } from '../webmentions/fetch-source'
import { CLAIM, FIND_WORK, LIST_SIGNED, LIST_SITES, PUT_SITES, REMOVE_SITES, SETTLE_BUTTON, type Site } from './store'

/*
 * The queue keeps the walls up to date. Each change of an entry or of the settings changes the version of the book, so
 * the sweep finds the book. Besides, only the removal of a book deletes from the table.
 */

const ORDER = { kind: 'wall' } as const
const wallOrder = z.object({ kind: z.literal(ORDER.kind) })

/** Triggers the work, if there is any. With a full database, nothing is fetched, so no button counts as due. */
export const wakeWall: Chore = async (env, now, budget) => {
  if (!budget.take(1)) return 0
  const [work] = await all(FIND_WORK(env, { now: isDatabaseFull(env) ? 0 : now }))
  if (!work || !budget.take(1)) return 0
  await sendOwn(env, [ORDER])
  return 1
}

/** @returns false if the order is of another kind */
export async function consumeWall(env: Env, order: unknown, now: number): Promise<boolean> {
  if (!wallOrder.safeParse(order).success) return false
  const isFull = isDatabaseFull(env)
  const [changed, other] = await all(LIST_CHANGED_WALLS(env, {}))
  if (changed) await updateWall(env, changed, now, isFull)
  const fetched = isFull ? 0 : await fetchButtons(env, now)
  if (other || fetched === AT_ONCE) await sendOwn(env, [ORDER])
  return true
}

/** Adapts the sites of a book to its latest entries. If the database is full, it only removes; the next change adds. */
async function updateWall(env: Env, row: BookRow, now: number, isFull: boolean): Promise<void> {
  const { slug: book, has_wall, wall_excluded } = toBook(row)
  const { entries, sites } = await batchNamed(env, {
    entries: LIST_SIGNED(env, { book }),
    sites: LIST_SITES(env, { book }),
  })
  const working = sites.flatMap(({ comment_id, hash }) => (hash === null ? [] : comment_id))
  const wanted = has_wall ? planWall(entries, wall_excluded, working) : []
  const before = new Map(sites.map((site) => [site.host, site]))
  const changed = isFull ? [] : wanted.filter((one) => !isSame(one, before.get(one.host)))
  const gone = [...before.keys()].filter((host) => !wanted.some((one) => one.host === host))
  // New sites are not shown yet.
  const shown = Number(gone.length > 0 || changed.some(({ host }) => before.has(host)))
  await batch(env, [
    PUT_SITES(env, { book, sites: JSON.stringify(changed), now }),
    REMOVE_SITES(env, { book, hosts: JSON.stringify(gone) }),
    MARK_WALL(env, { slug: book, shown, wall_version: has_wall ? row.version + shown : 0 }),
  ])
}

type Wanted = Pick<Site, 'host' | 'comment_id' | 'url'>

function isSame(one: Wanted, before: Wanted | undefined): boolean {
  return before?.comment_id === one.comment_id && before.url === one.url
}

/** With redirects, each takes up to six subrequests, of 50. */
const AT_ONCE = 5
const WANTED = { type: /^/, maxBytes: BUTTON_MAX_BYTES + 1, accept: 'image/*', purpose: '88x31 button' }

/** @returns how many were due; there may be more than AT_ONCE */
async function fetchButtons(env: Env, now: number): Promise<number> {
  const claimed = await all(CLAIM(env, { now, limit: AT_ONCE }))
  if (claimed.length === 0) return 0
  const fetched = await Promise.all(claimed.map(async (one) => ({ ...one, ...(await fetchButton(env, one.url)) })))
  const slugs = [...new Set(fetched.flatMap(({ book, hash }) => (hash === null ? [] : [book])))]
  await batch(env, [
    ...fetched.map((one) => SETTLE_BUTTON(env, one)),
    ...slugs.map((slug) => SHOW_BUTTONS(env, { slug })),
  ])
  log('wall.fetched', { buttons: claimed.length, shown: fetched.filter(({ hash }) => hash !== null).length })
  return claimed.length
}

/** Many old sites still use http: in links. */
async function fetchButton(env: Env, given: string) {
  const policy = urlPolicy(env, configuredOrigin(env) ?? undefined)
  const url = policy.allowLocal ? given : given.replace(/^http:/, 'https:')
  const fetched = await fetchSource(url, policy, { wanted: WANTED })
  const none = { hash: null, content: null }
  if (fetched.state !== 'page') return { ...none, reason: fetched.state === 'failed' ? fetched.reason : 'not_found' }
  const reason = findButtonFault(fetched.body)
  if (reason) return { ...none, reason }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', fetched.body))
  return { hash: toBase64Url(digest.subarray(0, 6)), content: toBase64(fetched.body), reason: null }
}
