import { wakeInbound } from '../../queue/send'

/** Messages that one statement makes due. */
export const DUE_PAGE = 500
/** Of the budget of one request. */
const PAGES = 10
/** The sweep finds the rest: what is made due is due. */
const WOKEN = 100

/**
 * Makes messages due, a page at a time, and wakes the first of them at once.
 * @param update of up to `DUE_PAGE` messages, returning their ids: it is run until there are no more
 * @returns how many, and whether there are more than one call takes
 */
export async function makeDue(
  env: Env,
  update: D1PreparedStatement
): Promise<{ count: number; hasMore: boolean }> {
  let count = 0
  for (let page = 0; page < PAGES; page++) {
    const { results } = await update.all<{ id: string }>()
    const ids = results.map(({ id }) => id)
    count += ids.length
    if (page === 0 && ids.length > 0) await wakeInbound(env, ids.slice(0, WOKEN))
    if (ids.length < DUE_PAGE) return { count, hasMore: false }
  }
  return { count, hasMore: true }
}
