import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { laterIn } from '../../kit/context'
import { readForm } from '../../kit/http/form'
import { publicOrigin } from '../../kit/http/origin'
import { Refusal } from '../../kit/http/problem'
import { IN_ONE_PERIOD, WAIT } from '../../kit/http/rate-limit'
import { identifyVisitor } from '../../kit/http/visitor'
import { aSpanOf } from '../../kit/lib/time'
import { urlPolicy } from '../../webhooks/endpoints/url'
import { WEBMENTION_PATH } from '../books/book'
import { judgeMention, targetDetail } from '../rules/webmentions/address'
import { admit } from '../signing/require-signing'
import { receiveMention } from './receive'
import { FETCH_EVERY_MS } from './store'

/** `/webmention`: other sites announce that one of their pages links to a book or an entry. */
export const webmentionPages = new Hono<HonoEnv>()

const MAX_BYTES = 16 * 1_024

const DETAILS = {
  tooFast: `Too many webmentions ${IN_ONE_PERIOD}. ${WAIT}.`,
  full: 'The guestbook is full at the moment. Send the webmention again later.',
}

webmentionPages.post(WEBMENTION_PATH, async (c) => {
  const form = await readForm(c, MAX_BYTES)
  const now = c.get('now')
  const given = { source: form.get('source') ?? '', target: form.get('target') ?? '' }
  const origin = publicOrigin(c)
  const mention = judgeMention(given, origin, urlPolicy(c.env, origin))
  if (!mention.ok) throw new Refusal(400, mention.error.code, mention.error.detail)
  const visitor = await identifyVisitor(c)
  await admit(c.env, { door: 'mention', visitor }, DETAILS)
  const isReceived = await receiveMention(c.env, mention.value, visitor, now, laterIn(c))
  if (!isReceived) throw new Refusal(400, 'invalid_target', targetDetail(origin))
  return c.text(`Accepted. We will check the page soon, at most once ${aSpanOf(FETCH_EVERY_MS)}.\n`, 202)
})
