import type { AuditRow } from '../../access/audit/store'
import { all, statement } from '../../kit/db/statements'
import { endpointName } from '../../webhooks/rules/delivering/built-in-receiver'
import { NAMED, THINGS } from './act-words'

/* What the acts of the audit log were done to. The log has only ids, so names are looked up, and end with the thing. */

/** How many things of one act are named. */
const MAX_NAMED = 3

export type Thing = { id: string; name: string | null; is_gone: number }

/**
 * Finds rows of a table, `t` in SQL, by their keys. @param name SQL for the name of the thing
 * @param isGone SQL for whether the thing was deleted, and the row is only what is left of it
 */
function finding(table: string, name: string, isGone = '0', key = 'id') {
  return statement<{ ids: string }, Thing>(`
  select t.${key} as id, ${name} as name, ${isGone} as is_gone
  from json_each(:ids) j
  cross join ${table} t on t.${key} = j.value`)
}

const FINDERS = Object.fromEntries(Object.entries(THINGS).map(([prefix, { found }]) => [prefix, finding(...found)]))
const FIND_NAMED = [...new Set(Object.values(NAMED))].map(({ found }) => finding(...found))

/** @returns the ids, slugs or names that an act is about, and the rest of what it says, such as "and 7 more" */
export function subjectsOf(row: Pick<AuditRow, 'subject'>): { ids: string[]; more: number } {
  const [list = '', unnamed = '0'] = (row.subject ?? '').split(/ and (?=\d+ more$)/)
  const ids = list.split(' ').filter(Boolean)
  return { ids: ids.slice(0, MAX_NAMED), more: Number.parseInt(unnamed, 10) + Math.max(ids.length - MAX_NAMED, 0) }
}

/** Takes one round trip. @returns what the acts are about, by id, as far as it is still known */
export async function findThings(env: Env, acts: AuditRow[]): Promise<Map<string, Thing>> {
  const ids = [...new Set(acts.flatMap((act) => subjectsOf(act).ids))]
  const byKind = Object.groupBy(ids, (id) => prefixOf(id))
  const lists = Object.entries(byKind).flatMap(([prefix, some]) => {
    const finders = FINDERS[prefix] ? [FINDERS[prefix]] : FIND_NAMED
    return finders.map((find) => all(find(env, { ids: JSON.stringify(some) })))
  })
  const found = (await Promise.all(lists)).flat()
  return new Map(found.map((thing) => [thing.id, prefixOf(thing.id) === 'ep' ? withName(thing) : thing]))
}

/** @returns the prefix of an id; empty for a slug or a name */
export function prefixOf(id: string): string {
  const [prefix = '', ...rest] = id.split('_')
  return rest.length === 1 && Object.hasOwn(FINDERS, prefix) ? prefix : ''
}

/** The query returns a URL and a description as JSON, from which the name of an endpoint is made. */
const withName = (thing: Thing): Thing => ({ ...thing, name: endpointName(JSON.parse(thing.name ?? '{}')) })
