import { all, type Bound } from '../../db/statements'
import { wakeInbound } from '../../queue/send'
import { RELEASE_PARKED } from './due-store'

/*
 * Makes many messages due. The queue processes those that are woken here, and the sweep wakes the others.
 */

/** Messages that one statement makes due. */
const PAGE = 500
/** Statements of one request: the Free plan has 50. */
const MAX_PAGES = 10
/** Messages that are woken immediately. The sweep finds the others. */
const WOKEN = 100

/**
 * Makes messages due, a page at a time, and wakes the first of them.
 * @param bindPage returns the statement that makes up to `limit` messages due and returns their ids
 * @returns how many are due now, and whether there are more than one call takes
 */
export async function makeDue(
  env: Env,
  bindPage: (limit: number) => Bound<{ id: string }>
): Promise<{ count: number; has_more: boolean }> {
  const page = bindPage(PAGE)
  let count = 0
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const ids = (await all(page)).map(({ id }) => id)
    count += ids.length
    if (pages === 0 && ids.length > 0) await wakeInbound(env, ids.slice(0, WOKEN))
    if (ids.length < PAGE) return { count, has_more: false }
  }
  return { count, has_more: true }
}

/** Makes the parked messages of a source due, when the source is resumed. */
export async function releaseParked(env: Env, source_id: string, now: number): Promise<void> {
  await makeDue(env, (limit) => RELEASE_PARKED(env, { source_id, next_attempt_at: now, limit }))
}
