import { statement } from '../../db/statements'
import type { InboundRow } from './store'

/*
 * The statements that remove old inbound messages and old bodies. Each takes JSON, so that one statement serves every
 * source.
 */

/** Messages that one statement removes, or whose bodies it removes. */
export const RETENTION_PAGE = 200

/** `bounds` is a list of `{id, before}`: the id of a source, and the first id of a message that it keeps. */
const OLD_MESSAGES = `
    select m.id
    from json_each(:bounds) j
    cross join inbound_messages m indexed by inbound_of_source
      on m.source_id = j.value ->> 'id'
      and m.id < j.value ->> 'before'
    where m.status <> 'new'
    limit ${RETENTION_PAGE}`

export const REMOVE_CHUNKS_OF_OLD = statement<{ bounds: string }>(`
  delete from inbound_chunks
  where message_id in (${OLD_MESSAGES})`)

export const REMOVE_OLD = statement<{ bounds: string }>(`
  delete from inbound_messages
  where id in (${OLD_MESSAGES})`)

/**
 * `bounds` is a list of `{id, after, before}`: the id of a source, and between which ids of messages the bodies are
 * old.
 */
export const FIND_OLD_BODIES = statement<{ bounds: string }, Pick<InboundRow, 'source_id' | 'id'>>(`
  select m.source_id, m.id
  from json_each(:bounds) j
  cross join inbound_messages m indexed by inbound_of_source
    on m.source_id = j.value ->> 'id'
    and m.id > j.value ->> 'after'
    and m.id < j.value ->> 'before'
  where m.status <> 'new'
  limit ${RETENTION_PAGE}`)

/** `ids` is a list of ids of messages. */
export const REMOVE_CHUNKS_OF = statement<{ ids: string }>(`
  delete from inbound_chunks
  where message_id in (select value from json_each(:ids))`)

/** The start of a body is searchable, so it is removed with the body. `ids` is a list of ids of messages. */
export const CLEAR_PREFIX_OF = statement<{ ids: string }>(`
  update inbound_messages set body_prefix = null
  where id in (select value from json_each(:ids))`)
