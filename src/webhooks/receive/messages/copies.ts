import { type Statement, statement, type Values } from '../../../kit/db/statements'

/**
 * Removes copies of our own events that a source has received. Their delivery ids are the ids of the events. What a
 * source does more than keep is processed, and stays as long as the source says. Accepted race: a copy that is being
 * stored at this moment stays until the source's retention ends.
 * @param ids SQL that selects the ids of the messages as `id`
 */
export function removingCopies<P extends Values>(ids: string): Statement<P, never>[] {
  const copies = `
    select i.id
    from (${ids}) m
    cross join sources s on s.provider = 'standard-webhooks' and s.act = 'keep'
    cross join inbound_messages i indexed by inbound_repeats on i.source_id = s.id and i.dedupe_key = 'id:' || m.id`
  return [
    statement(`
  delete from inbound_chunks
  where message_id in (${copies})`),
    statement(`
  delete from inbound_messages
  where id in (${copies})`),
  ]
}
