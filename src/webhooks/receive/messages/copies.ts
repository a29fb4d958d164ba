import { type Bound, statement } from '../../../kit/db/statements'

/*
 * Copies of our own events that a source has received. Their delivery ids are the ids of the events. What a source does
 * more than keep is processed, and stays as long as the source says.
 */

type OfComments = { comment_ids: string }

const COPIES = `
    select i.id
    from json_each(:comment_ids) j
    cross join comments c on c.id = j.value
    cross join json_each(c.message_ids) m
    cross join sources s on s.provider = 'standard-webhooks' and s.act = 'keep'
    cross join inbound_messages i indexed by inbound_repeats on i.source_id = s.id and i.dedupe_key = 'id:' || m.value`

const REMOVE_CHUNKS_OF_COPIES = statement<OfComments>(`
  delete from inbound_chunks
  where message_id in (${COPIES})`)

const REMOVE_COPIES = statement<OfComments>(`
  delete from inbound_messages
  where id in (${COPIES})`)

/**
 * Removes the copies of events about comments, which are deleted later in the same batch. Accepted race: a copy that is
 * being stored at this moment stays until the source's retention ends.
 */
export function removeCopies(env: Env, comment_ids: string[]): Bound<never>[] {
  const ids = { comment_ids: JSON.stringify(comment_ids) }
  return [REMOVE_CHUNKS_OF_COPIES(env, ids), REMOVE_COPIES(env, ids)]
}
