import { utf8 } from '../../../kit/lib/bytes'

/*
 * What strangers may store on one day. A book has a quota, and each network has a share of it, so that one visitor
 * cannot use up the quota for everybody. Once half of the quota is used, shares are smaller, so that the other half is
 * enough for a hundred networks.
 */

/** @returns the quota of a book in bytes; 0 for no limit */
export const quotaBytes = ({ daily_quota_mb }: { daily_quota_mb: number }): number => daily_quota_mb * 1_000_000

/** The part of a quota for one network, until half of the quota is used. */
const SHARE = 0.03
/** The part of a quota for one network after that. */
const LATE_SHARE = 0.005
/** A share is never smaller, because the longest usual entry has to fit. */
const MIN_SHARE_BYTES = 25_000

export type Shares = {
  /** For one network while less than half of the quota is used. 0 for no limit, as the quota. */
  share: number
  late_share: number
}

/** @param quota bytes */
export function sharesOf(quota: number): Shares {
  if (quota === 0) return { share: 0, late_share: 0 }
  return { share: Math.max(MIN_SHARE_BYTES, quota * SHARE), late_share: Math.max(MIN_SHARE_BYTES, quota * LATE_SHARE) }
}

const PAGE_BYTES = 4_096
/** The space for a column besides its text: its type, or a number. */
const COLUMN_BYTES = 6

/** @returns the size of a row of values, in bytes */
export function rowBytes(row: object): number {
  return Object.values(row).reduce(
    (sum: number, value) => sum + COLUMN_BYTES + (typeof value === 'string' ? utf8(value).length : 0),
    0
  )
}

/**
 * @param size of the row of a table WITHOUT ROWID
 * @returns the bytes that the row takes up in the file. A long row has overflow pages of its own.
 *   https://www.sqlite.org/fileformat2.html#b_tree_pages
 */
export function storedBytes(size: number): number {
  const most = Math.floor(((PAGE_BYTES - 12) * 64) / 255) - 23
  const least = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23
  if (size <= most) return size
  const fitting = least + ((size - least) % (PAGE_BYTES - 4))
  const local = fitting <= most ? fitting : least
  return local + Math.ceil((size - local) / (PAGE_BYTES - 4)) * PAGE_BYTES
}
