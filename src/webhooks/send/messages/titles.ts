import { all, statement } from '../../../kit/db/statements'
import type { Payload } from '../../rules/events/catalogue'
import { summarize } from '../../rules/events/summary'
import type { MessageRow } from './queries'

/* What events say in a few words, for lists: "Ada signed My Guestbook". */

/** What titles are made of. A payload can be much longer. */
const PATHS = [
  ...['comment.name', 'book.title', 'endpoint.host', 'message.type'],
  ...['source.name', 'event_type', 'provider', 'percent'],
]
/** In characters. An event of the owner's own type can have any text at these paths. */
const MAX = 200

const PARTS = PATHS.map((path) => `'${path}', substr(m.payload ->> '$.data.${path}', 1, ${MAX})`)

const FIND = statement<{ ids: string }, Pick<MessageRow, 'id' | 'type'> & { parts: string }>(`
  select m.id, m.type, json_object(${PARTS.join(', ')}) as parts
  from json_each(:ids) j
  cross join messages m on m.id = j.value
  where m.payload <> ''`)

/** Without its type, a message is read in any case. */
type Named = Pick<MessageRow, 'id'> & { type?: MessageRow['type'] }

/** @returns the title of each message, by its id. One that was erased, or is of the owner's own type, has none */
export async function titlesOf(env: Env, messages: Named[]): Promise<Map<string, string>> {
  const ids = messages.flatMap(({ id, type }) => (type !== undefined && titleOf(type, {}) === null ? [] : id))
  if (ids.length === 0) return new Map()
  const rows = await all(FIND(env, { ids: JSON.stringify(ids) }))
  const titles = rows.map(({ id, type, parts }) => [id, titleOf(type, nested(JSON.parse(parts)))] as const)
  return new Map(titles.filter((pair): pair is [string, string] => pair[1] !== null))
}

/** @param data of the event @returns null if there is nothing better than the type */
export function titleOf(type: string, data: unknown): string | null {
  const { title } = summarize({ id: '', type, timestamp: '', data } satisfies Payload)
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
