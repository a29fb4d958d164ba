import type { Bound } from '../../kit/db/statements'
import { removingCopies } from '../../webhooks/receive/messages/erase'
import { erasingMessages } from '../../webhooks/send/deliver/erase'

type OfComments = { comment_ids: string; now: number }

const EVENTS = `
    select m.value as id
    from json_each(:comment_ids) j
    cross join comments c on c.id = j.value
    cross join json_each(c.message_ids) m`

const ERASE = [...erasingMessages<OfComments>(EVENTS), ...removingCopies<OfComments>(EVENTS)]

/** Erases the events about entries, and the built-in receiver's copies. Delete the entries later in the same batch. */
export function eraseEventsOf(env: Env, comment_ids: string[], now: number): Bound<never>[] {
  return ERASE.map((erase) => erase(env, { comment_ids: JSON.stringify(comment_ids), now }))
}
