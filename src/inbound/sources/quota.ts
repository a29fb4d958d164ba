import { dayOf } from '../../core/lib/time'
import { type Bound, statement } from '../../db/statements'
import { overQuota } from '../../http/storage-limit'
import type { SourceRow } from './store'

/*
 * How much a source can store on one day. Writing the count for every message would cost a row each time. Therefore,
 * each isolate counts by itself and adds its count to the source's row from time to time.
 *
 * Accepted race: isolates do not see each other's latest counts, so a source may store slightly more than its quota.
 */

/** An isolate writes its count to D1 after this many bytes. */
const WRITE_EVERY_BYTES = 256 * 1_024
/** What a message takes up besides its body: its row with the headers, and its indexes. */
const OVERHEAD_BYTES = 2_000
const MEGABYTE = 1_000_000

interface Use {
  day: number
  /** What is known to be in the row. */
  written: number
  /** What this isolate has counted since it last wrote. */
  counted: number
}

const uses = new WeakMap<D1Database, Map<string, Use>>()

const ADD = statement<Pick<SourceRow, 'id'> & { day: number; bytes: number }>(`
  update sources
  set quota_bytes = iif(quota_day = :day, quota_bytes, 0) + :bytes, quota_day = :day
  where id = :id`)

/**
 * Counts a message against its source's quota.
 * @param size the bytes of the body
 * @returns the statements to run in the batch that stores the message
 * @throws Refusal 429 if the quota of the day has been used up
 */
export function countAgainstQuota(env: Env, row: SourceRow, size: number, now: number): Bound<never>[] {
  const use = useOf(env, row, dayOf(now))
  const bytes = size + OVERHEAD_BYTES
  const quota = row.daily_quota_mb * MEGABYTE
  if (quota > 0 && use.written + use.counted + bytes > quota) throw exceeded(row, now)
  use.counted += bytes
  if (use.counted < WRITE_EVERY_BYTES) return []
  const add = ADD(env, { id: row.id, day: use.day, bytes: use.counted })
  use.written += use.counted
  use.counted = 0
  return [add]
}

function exceeded({ daily_quota_mb }: SourceRow, now: number) {
  const detail = `This source has stored ${daily_quota_mb} MB today, which is its limit. Send the webhook again tomorrow (UTC).`
  return overQuota(detail, now)
}

/** @param row as the isolate has cached it, so other isolates' counts are up to a minute old */
function useOf(env: Env, row: SourceRow, day: number): Use {
  const ofDatabase = uses.get(env.DB) ?? new Map<string, Use>()
  uses.set(env.DB, ofDatabase)
  const stored = row.quota_day === day ? row.quota_bytes : 0
  const known = ofDatabase.get(row.id)
  const use = known?.day === day ? known : { day, written: stored, counted: 0 }
  use.written = Math.max(use.written, stored)
  ofDatabase.set(row.id, use)
  return use
}
