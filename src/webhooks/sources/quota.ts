import { perDatabase } from '../../env'
import { statement } from '../../kit/db/statements'
import { overQuota } from '../../kit/http/problem'
import { dayOf } from '../../kit/lib/time'
import type { SourceRow } from './store'

/*
 * How much a source can store on one day. A row for each message would cost too much, so each isolate counts and adds
 * its count from time to time. Accepted race: a source may store slightly more than its quota.
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

const usesIn = perDatabase(() => new Map<string, Use>())

/** A repeat is not stored, so it does not count. */
const ADD = statement<Pick<SourceRow, 'id'> & { day: number; counted: number; bytes: number; message_id: string }>(`
  update sources
  set quota_bytes = iif(quota_day = :day, quota_bytes, 0) + :counted
      + iif(exists (select 1 from inbound_messages where id = :message_id), :bytes, 0),
    quota_day = :day
  where id = :id`)

interface Message {
  id: string
  /** The bytes of the body that are stored. */
  size: number
  /** Anyone who knows the URL can send such messages: those that were refused, and handshakes without a signature. */
  isUnverified: boolean
}

/** Unverified messages may use only this share of a quota, so that they cannot lock out genuine webhooks. */
const UNVERIFIED_SHARE = 0.5

/** @returns statements for the batch that stores the message, and what to call afterward. @throws Refusal 429 */
export function useQuota(env: Env, row: SourceRow, { id, size, isUnverified }: Message, now: number) {
  const use = useOf(env, row, dayOf(now))
  const bytes = size + OVERHEAD_BYTES
  const quota = row.daily_quota_mb * MEGABYTE * (isUnverified ? UNVERIFIED_SHARE : 1)
  if (quota > 0 && use.written + use.counted + bytes > quota) throw exceeded(row, now)
  const { counted, day } = use
  const isWritten = counted + bytes >= WRITE_EVERY_BYTES
  if (isWritten) use.counted = 0
  return {
    statements: isWritten ? [ADD(env, { id: row.id, day, counted, bytes, message_id: id })] : [],
    /** @param isNew false for a repeat */
    count(isNew: boolean): void {
      const added = isNew ? bytes : 0
      if (isWritten) use.written += counted + added
      else use.counted += added
    },
  }
}

function exceeded({ daily_quota_mb }: SourceRow, now: number) {
  const detail = `This source has stored ${daily_quota_mb} MB today, which is its limit. Send the webhook again tomorrow (UTC).`
  return overQuota(detail, now)
}

/** @param row as the isolate has cached it, so other isolates' counts are up to a minute old */
function useOf(env: Env, row: SourceRow, day: number): Use {
  const uses = usesIn(env.DB)
  const stored = row.quota_day === day ? row.quota_bytes : 0
  const known = uses.get(row.id)
  const use = known?.day === day ? known : { day, written: stored, counted: 0 }
  use.written = Math.max(use.written, stored)
  uses.set(row.id, use)
  return use
}
