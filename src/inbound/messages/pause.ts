import { DUE_PAGE, makeDue } from './due'

/*
 * A source that is paused still takes what comes, and loses nothing: it is dealt with when the source goes on.
 */

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
    where source_id = ?1 and status = 'new' and next_attempt_at is null order by id limit ${DUE_PAGE})
  returning id`

/** What was set aside is due now. */
export async function releaseParked(env: Env, sourceId: string, now: number): Promise<void> {
  await makeDue(env, env.DB.prepare(RELEASE).bind(sourceId, now))
}
