import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { HonoEnv } from '../../../env'
import { first, run } from '../../../kit/db/statements'
import { readForm } from '../../../kit/http/form'
import { overQuota, type Refusal } from '../../../kit/http/problem'
import { identifyVisitor } from '../../../kit/http/visitor'
import { dayOf } from '../../../kit/lib/time'
import type { StrangerLimit } from '../../../kit/operation'
import { quotaBytes, sharesOf } from '../../rules/entries/quota'
import { MAIN_BOOK } from '../book'
import { SIGNING } from '../settings/signing'
import { ADD_SHARE, FIND_SHARE } from './store'

/*
 * What integrators store with a private link, or by registering. It belongs to no book, so it uses up no quota, but it
 * counts in the share of its network. The main book keeps the count.
 */

/** A test, or a further attempt: a message, a delivery, and an attempt with the receiver's response. */
const ATTEMPT_BYTES = 6_000

/** How much each act counts, in bytes. */
const COUNTS: Record<StrangerLimit | 'registrations', number> = {
  /** Few are possible in total, so this is large: a network can make only a few on one day. */
  registrations: 30_000,
  tests: ATTEMPT_BYTES,
  attempts: ATTEMPT_BYTES,
  /** A replay makes many attempts. */
  replays: 30_000,
}

type ShowAgain = (c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams) => Response | Promise<Response>

const { share: SHARE } = sharesOf(quotaBytes({ daily_quota_mb: SIGNING.daily_quota_mb.initial }))

/**
 * An act counts if it succeeds, that is, if it redirects.
 * @param refused shows the page of the form again, with the reason: 429 beyond the share
 */
export function limitStranger(act: keyof typeof COUNTS, refused: ShowAgain) {
  const bytes = COUNTS[act]
  return createMiddleware<HonoEnv>(async (c, next) => {
    const now = c.get('now')
    const { network } = await identifyVisitor(c)
    const use = { book: MAIN_BOOK, day: dayOf(now), network }
    const found = await first(FIND_SHARE(c.env, use))
    if ((found?.used ?? 0) + bytes > SHARE) {
      const refusal = overQuota(`No more ${act} from your network today. Try again tomorrow (UTC).`, now)
      // A program that presses a button need not send a form.
      return refused(c, refusal, c.req.header('Content-Type') ? await readForm(c) : new URLSearchParams())
    }
    await next()
    if (c.res.status === 303) await run(ADD_SHARE(c.env, { ...use, bytes }))
  })
}
