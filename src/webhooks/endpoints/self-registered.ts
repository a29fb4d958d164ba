import { first, statement } from '../../kit/db/statements'
import { hostOf } from '../../kit/lib/url'
import { endpointCanBe } from '../rules/delivering/endpoint-state'

/* How many endpoints integrators may register. */

/** The limits in total and for one host, so that no host uses up the total. */
const MAX_SELF_REGISTERED = 100
/** How many URLs of one host can be registered. */
export const MAX_PER_HOST = 5

const COUNTED = `same = 0 and every < ${MAX_SELF_REGISTERED} and of_host < ${MAX_PER_HOST}`

/** Selects how many other endpoints are registered: all of them, those with this URL, and those with its host. */
const COUNTS = `(
    select count(*) as every, total(url = :url) as same,
      total(substr(url, instr(url, '://') + 3, length(:host)) = :host) as of_host
    from endpoints indexed by endpoints_managed
    where manage_token_hash is not null and id <> :id
  )`

/** The SQL condition that an integrator may register `:url`. `:host` is what `hostPart` returns. */
export const IS_ROOM = `(select ${COUNTED} from ${COUNTS})`

/** Stored URLs are normalized, so a slash always follows the host. */
export const hostPart = (url: string): string => `${hostOf(url)}/`

const FIND_ROOM = statement<{ id: string; url: string; host: string }, { same: number; is_room: number }>(`
  select same, ${COUNTED} as is_room from ${COUNTS}`)

/** @returns whether an integrator may register this URL, and if not, why */
export async function findRoom(env: Env, { id, url }: { id: string; url: string }): Promise<'free' | 'taken' | 'full'> {
  const row = await first(FIND_ROOM(env, { id, url, host: hostPart(url) }))
  if (row?.is_room) return 'free'
  return row?.same ? 'taken' : 'full'
}

/** The `disabled_reason` of an endpoint that the owner has to approve. */
export const AWAITING = 'awaiting_approval' as const

/** SQL: nobody has approved the endpoint. */
export const IS_UNAPPROVED = endpointCanBe('expired')

const FIND_UNAPPROVED = statement<{ before: number }, { id: string }>(`
  select id
  from endpoints indexed by endpoints_managed
  where manage_token_hash is not null and ${IS_UNAPPROVED} and coalesce(disabled_at, created_at) < :before
  limit 1`)

/** @returns an endpoint that has waited for the owner's approval since before a time, or null */
export async function findUnapproved(env: Env, before: number): Promise<string | null> {
  return (await first(FIND_UNAPPROVED(env, { before })))?.id ?? null
}
