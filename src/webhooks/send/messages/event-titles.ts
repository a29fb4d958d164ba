import { all, statement } from '../../../kit/db/statements'
import { isolated } from '../../../kit/lib/text/bidi'
import { endpointName } from '../../rules/delivering/built-in-receiver'
import type { EventPayload } from '../../rules/events/catalogue'
import { summarize, TEST } from '../../rules/events/summary'
import type { MessageRow } from './queries'

/* What events say in a few words, for lists: "Ada signed My Guestbook". */

/** What titles are made of. A payload can be much longer. */
const PATHS = [
  ...['comment.name', 'book.title', 'endpoint.host', 'endpoint.description', 'message.type'],
  ...['source.name', 'event_type', 'provider', 'percent'],
]
/** In characters. An event of the owner's own type can have any text at these paths. */
const MAX = 200

const PARTS = PATHS.map((path) => `'${path}', substr(m.payload ->> '$.data.${path}', 1, ${MAX})`)

interface Found extends Pick<MessageRow, 'id' | 'type'> {
  parts: string
  is_test: number
  /** Of the endpoint that the event is about, or to which the test was sent; null if there is none. */
  url: string | null
  description: string | null
}

const FIND = statement<{ ids: string }, Found>(`
  select m.id, m.type, m.audience is not null as is_test, json_object(${PARTS.join(', ')}) as parts,
    substr(e.url, 1, ${MAX}) as url, e.description
  from json_each(:ids) j
  cross join messages m on m.id = j.value
  left join endpoints e on e.id = coalesce(m.audience, nullif(m.payload, '') ->> '$.data.endpoint.id')
  where m.payload <> ''`)

/** Without its type, a message is read in any case. */
type Named = Pick<MessageRow, 'id'> & { type?: MessageRow['type'] }

/**
 * @param isOwner whether titles may have URLs of endpoints, some of which are credentials
 * @returns titles by message id. A message that was erased, or is of the owner's own type, has none
 */
export async function titlesOfMessages(env: Env, messages: Named[], isOwner = true): Promise<Map<string, string>> {
  const ids = messages.flatMap(({ id, type }) => (type !== undefined && titleOf(type, {}) === null ? [] : id))
  if (ids.length === 0) return new Map()
  const rows = await all(FIND(env, { ids: JSON.stringify(ids) }))
  const titles = rows.map((row) => [row.id, titleOfFound(row, isOwner)] as const)
  return new Map(titles.filter((pair): pair is [string, string] => pair[1] !== null))
}

/** The URL says more than the host that the event names. */
function titleOfFound({ type, parts, is_test, url, description }: Found, isOwner: boolean): string | null {
  const data = nested(JSON.parse(parts))
  if (!url || !(isOwner || is_test)) return titleOf(type, data)
  const name = endpointName({ url, description })
  return is_test ? `${TEST} to ${isolated(name)}` : titleOf(type, { ...data, endpoint: { description: name } })
}

/** @returns null if there is nothing better than the type */
function titleOf(type: string, data: unknown): string | null {
  const { title } = summarize({ id: '', type, timestamp: '', data } satisfies EventPayload)
  return title === '' || title === type ? null : title
}

/** @returns the parts as they were in the data */
function nested(parts: Record<string, unknown>): Record<string, unknown> {
  const data: Record<string, Record<string, unknown> | unknown> = {}
  for (const [path, value] of Object.entries(parts)) {
    const [first = '', second] = path.split('.')
    data[first] = second === undefined ? value : { ...(data[first] as object), [second]: value }
  }
  return data
}
