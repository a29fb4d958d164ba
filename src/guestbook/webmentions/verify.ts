import { isDatabaseFull } from '../../kit/db/size'
import { batch } from '../../kit/db/statements'
import { configuredOrigin } from '../../kit/http/origin'
import type { ClockedTime } from '../../kit/lib/time'
import { hostOf, originOf } from '../../kit/lib/url'
import { log } from '../../log'
import { urlPolicy } from '../../webhooks/endpoints/url'
import { findComments } from '../store'
import { type Fetched, fetchSource } from './fetch-source'
import { type ReadSource, readSource } from './read-html'
import { removeEntries, showMention, updateEntries } from './show'
import { type Checked, type Claimed, claimMentions, FETCH_EVERY_MS, settle } from './store'

/*
 * Checks mentions, for the queue: fetches the source once, and then shows, updates or removes an entry for each of its
 * mentions. A process that dies at any point has claimed the mentions for an hour. Then they are checked again.
 */

/** How often a source that fails is fetched, an hour apart. */
const MAX_ATTEMPTS = 3

/**
 * Checks all waiting mentions of a source, unless it has been fetched within the last hour. What follows is dated when
 * the source has answered: somebody who pulls messages would never see one with an earlier time.
 * @throws our own faults. The mentions are then checked again after an hour
 */
export async function verifyMentions(env: Env, source: string, { now: startedAt, clock }: ClockedTime): Promise<void> {
  // The mentions keep waiting, and the sweep finds them.
  if (isDatabaseFull(env)) return
  const claimed = await claimMentions(env, source, startedAt)
  const checked = await withComments(env, claimed)
  const [removed, open] = partition(checked, isRemovedByOwner)
  await settleAll(env, removed, { reason: 'removed_by_owner' })
  const [first] = open
  if (!first) return
  const origin = configuredOrigin(env) ?? originOf(first.mention.target)
  const fetched = await fetchSource(source, urlPolicy(env, origin))
  const now = clock()
  log('webmention.fetched', { host: hostOf(source), mentions: open.length, state: fetched.state })
  if (fetched.state === 'failed') return settleFailure(env, open, fetched)
  if (fetched.state === 'gone')
    return removeUnlessUnsure(env, open, { reason: 'gone', isSure: fetched.isSure }, origin, now)
  const targets = open.map(({ mention }) => mention.target)
  await apply(env, open, await readSource(fetched, source, targets), origin, now)
}

async function withComments(env: Env, claimed: Claimed[]): Promise<Checked[]> {
  const ids = claimed.flatMap(({ comment_id }) => comment_id ?? [])
  const comments = ids.length === 0 ? [] : await findComments(env, ids)
  return claimed.map((mention) => ({ mention, comment: comments.find(({ id }) => id === mention.comment_id) ?? null }))
}

/** A mention outlives its entry only if the owner deleted it, or if the sweep removed it as spam or with its book. */
const isRemovedByOwner = ({ mention, comment }: Checked): boolean => mention.comment_id !== null && comment === null

function partition<T>(list: T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [list.filter(isFirst), list.filter((one) => !isFirst(one))]
}

async function settleAll(env: Env, list: Checked[], changes: { reason: string; due_at?: number }): Promise<void> {
  const settled = list.map(({ mention }) => settle(env, mention, changes))
  if (settled.length > 0) await batch(env, settled)
}

/** An entry stays if its source cannot be fetched. */
async function settleFailure(env: Env, list: Checked[], { reason, isFinal }: Extract<Fetched, { state: 'failed' }>) {
  const statements = list.map(({ mention }) => {
    const isLast = isFinal || mention.attempts >= MAX_ATTEMPTS
    const due_at = isLast ? null : mention.fetched_at + FETCH_EVERY_MS
    return settle(env, mention, { reason, due_at, attempts: mention.attempts })
  })
  await batch(env, statements)
}

/**
 * Removes entries whose source does not mention the guestbook any more. Unless that is sure, and for an entry to which
 * the owner has replied, the next check, an hour later, must have the same result.
 */
async function removeUnlessUnsure(
  env: Env,
  list: Checked[],
  { reason, isSure }: { reason: string; isSure: boolean },
  origin: string,
  now: number
): Promise<void> {
  const isUnsure = ({ mention, comment }: Checked) =>
    comment !== null && (!isSure || comment.reply !== null) && mention.reason !== reason
  const [unsure, sure] = partition(list, isUnsure)
  await settleAll(env, unsure, { reason, due_at: now + FETCH_EVERY_MS })
  await removeEntries(env, sure, reason, origin, now)
}

async function apply(env: Env, open: Checked[], read: ReadSource, origin: string, now: number): Promise<void> {
  const [linked, unlinked] = partition(open, ({ mention }) => read.links.has(mention.target))
  await removeUnlessUnsure(env, unlinked, { reason: 'not_linked', isSure: true }, origin, now)
  const [shown, fresh] = partition(linked, ({ comment }) => comment !== null)
  await updateEntries(env, shown, read, origin, now)
  for (const { mention } of fresh) await showMention(env, mention, read, origin, now)
}
