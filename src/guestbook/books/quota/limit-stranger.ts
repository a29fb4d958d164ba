import { createMiddleware } from 'hono/factory'
import type { HonoEnv } from '../../../env'
import { first, run } from '../../../kit/db/statements'
import { overQuota } from '../../../kit/http/storage-limit'
import { identifyVisitor } from '../../../kit/http/visitor'
import { dayOf } from '../../../kit/lib/time'
import { quotaBytes, sharesOf } from '../../rules/entries/quota'
import { MAIN_BOOK } from '../book'
import { SIGNING } from '../settings/signing'
import { ADD_SHARE, FIND_SHARE } from './store'

/*
 * What integrators store with a private link, or by registering. It belongs to no book, so it uses up no quota, but it
 * counts in the share of its network. The main book keeps the count.
 */

/** Few registrations are possible in total, so this is large: a network can make only a few on one day. */
export const REGISTRATION_BYTES = 30_000
/** A test, or a further attempt: a message, a delivery, and an attempt with the receiver's response. */
export const ATTEMPT_BYTES = 6_000
/** A replay makes many attempts. */
export const REPLAY_BYTES = 30_000

const { share: SHARE } = sharesOf(quotaBytes({ daily_quota_mb: SIGNING.daily_quota_mb.initial }))

/** @param bytes what a request stores if it succeeds, that is, if it redirects. @throws Refusal 429 beyond the share */
export function limitStranger(bytes: number) {
  return createMiddleware<HonoEnv>(async (c, next) => {
    const now = c.get('now')
    const { network } = await identifyVisitor(c)
    const use = { book: MAIN_BOOK, day: dayOf(now), network }
    const found = await first(FIND_SHARE(c.env, use))
    if ((found?.used ?? 0) + bytes > SHARE) throw overQuota(DETAIL, now)
    await next()
    if (c.res.status === 303) await run(ADD_SHARE(c.env, { ...use, bytes }))
  })
}

const DETAIL = 'Your network has reached its limit for today. Try again tomorrow (UTC).'
