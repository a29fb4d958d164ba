import * as z from 'zod'
import { DEMO_SLUG, MAIN_BOOK } from '../../../guestbook/books/book'
import { readSetting, saveSetting } from '../../../kit/db/settings'
import { first, statement } from '../../../kit/db/statements'
import { readReceiver } from '../../../webhooks/endpoints/built-in-receiver'

/* The first steps of a new owner. The database shows which steps are done, so their state is not stored. */

const SETTING = 'first_steps_hidden'

interface Row {
  has_entry: number
  has_endpoint: number
  has_delivery: number
  has_receiver: number
  /** The latest message at the built-in receiver. */
  inbound_id: string | null
  has_demo: number
}

export interface FirstSteps {
  hasEntry: boolean
  hasEndpoint: boolean
  /** Whether a webhook has arrived somewhere. */
  hasArrived: boolean
  receiver: { endpoint_id: string; source_id: string } | null
  /** The latest message at the built-in receiver. */
  inbound_id: string | null
  hasDemo: boolean
}

/**
 * To find a webhook that has just arrived, this many endpoints are read, and this many deliveries of each. The figures
 * remember older ones, so that a step that is done stays done.
 */
const LOOKED_AT = 3

/** An entry of the demo does not count as the first one. Each part reads few rows, even in a large database. */
const FIND = statement<{ endpoint_id: string; source_id: string; demo: string }, Row>(`
  select
    (exists (select 1 from comments indexed by comments_of_book where book = '${MAIN_BOOK}')
      or exists (
        select 1 from books b
        cross join comments c indexed by comments_of_book on c.book = b.slug
        where b.slug > '' and b.slug <> :demo and b.deleted_at is null)) as has_entry,
    exists (select 1 from endpoints indexed by endpoints_present where status <> 'deleted') as has_endpoint,
    exists (
      select 1
      from (
        select id from endpoints indexed by endpoints_present
        where status <> 'deleted' order by id desc limit ${LOOKED_AT}) e
      where exists (
        select 1
        from (
          select status from deliveries
          where endpoint_id = e.id order by message_id desc limit ${LOOKED_AT})
        where status = 'delivered'))
      or exists (
        select 1 from rollups r
        cross join json_each(r.figures, '$.endpoints') e
        where r.span = 'total' and r.start = 0 and e.value ->> '$.outcomes.delivered' > 0) as has_delivery,
    exists (select 1 from endpoints where id = :endpoint_id and status <> 'deleted') as has_receiver,
    (select id from inbound_messages indexed by inbound_of_source
      where source_id = :source_id order by id desc limit 1) as inbound_id,
    exists (select 1 from books where slug = :demo and deleted_at is null and settings ->> 'is_demo' = 1) as has_demo`)

/** @returns null if the owner has hidden the steps */
export async function readFirstSteps(env: Env): Promise<FirstSteps | null> {
  const [isHidden, receiver] = await Promise.all([areFirstStepsHidden(env), readReceiver(env)])
  if (isHidden) return null
  const { endpoint_id = '', source_id = '' } = receiver ?? {}
  const row = await first(FIND(env, { endpoint_id, source_id, demo: DEMO_SLUG }))
  return {
    hasEntry: row?.has_entry === 1,
    hasEndpoint: row?.has_endpoint === 1,
    hasArrived: row?.has_delivery === 1 || row?.inbound_id != null,
    receiver: row?.has_receiver === 1 ? receiver : null,
    inbound_id: row?.inbound_id ?? null,
    hasDemo: row?.has_demo === 1,
  }
}

export const areFirstStepsHidden = (env: Env): Promise<boolean> => readSetting(env, SETTING, z.boolean(), false)

/** Hides the steps, or shows them again. @returns whether this has changed anything */
export async function hideFirstSteps(env: Env, isHidden: boolean): Promise<boolean> {
  return (await areFirstStepsHidden(env)) !== isHidden && saveSetting(env, SETTING, isHidden)
}
