import { wakeInbound } from '../deliveries/queue'

/*
 * A source that is paused still takes what comes, and loses nothing: it is dealt with when the source goes on.
 */

const PAGE = 500
/** Of the budget of one request. The sweep finds the rest: what is released is due. */
const PAGES = 10

/** Sets a message aside, with what is known of it. Only while the source is paused: whoever resumed it meanwhile has released what there was. */
export async function parkInbound(
  env: Env,
  id: string,
  sourceId: string,
  isRefused: boolean
): Promise<void> {
  await env.DB.prepare(
    `update inbound_messages set next_attempt_at = null, verified = case when ?3 then 0 else verified end where id = ?1 and status = 'new'
       and exists (select 1 from sources where id = ?2 and status = 'paused')`
  )
    .bind(id, sourceId, Number(isRefused))
    .run()
}

const RELEASE = `update inbound_messages set next_attempt_at = ?2 where id in (
    select id from inbound_messages indexed by inbound_parked
    where source_id = ?1 and status = 'new' and next_attempt_at is null order by id limit ${PAGE})
  returning id`

/** What was set aside is due now, and the first of it is woken at once. */
export async function releaseParked(env: Env, sourceId: string, now: number): Promise<void> {
  for (let page = 0; page < PAGES; page++) {
    const { results } = await env.DB.prepare(RELEASE).bind(sourceId, now).all<{ id: string }>()
    if (page === 0 && results.length > 0) {
      await wakeInbound(
        env,
        results.slice(0, 100).map(({ id }) => id)
      )
    }
    if (results.length < PAGE) return
  }
}
