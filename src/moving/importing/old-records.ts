import { DAY_MS } from '../../core/lib/time'
import { statement } from '../../db/statements'
import { WALK_PAGE, type Walk, type WalkedRow, walkPage } from '../../queue/daily-walk'
import type { Budget } from '../../queue/subrequest-budget'

/** For this long after the import, an entry that the owner has deleted does not come back with another import. */
const KEPT_MS = 365 * DAY_MS

const REMOVE = statement<{ keys: string }>(`
  delete from imported_records
  where id in (select j.value ->> 0 from json_each(:keys) j)`)

const RECORDS: Walk = {
  name: 'imported_records',
  page: statement<{ after: string; before: number }, WalkedRow>(`
  select json_array(r.id) as key,
    r.imported_at < :before and not exists (select 1 from comments c where c.id = r.comment_id) as is_dead
  from imported_records r
  where r.id > :after ->> 0
  order by r.id
  limit ${WALK_PAGE}`),
  remove: (env, keys) => REMOVE(env, { keys }),
}

/** Forgets records whose entries were deleted. @returns how many were removed */
export function removeOldRecords(env: Env, now: number, budget: Budget): Promise<number> {
  return walkPage(env, RECORDS, now - KEPT_MS, now, budget)
}
