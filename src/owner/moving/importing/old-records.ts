import { DAY_MS } from '../../../kit/lib/time'
import { walking } from '../../../kit/sweep/retention'
import { importedRecords } from '../../tables'

/** Forgets records whose entries were deleted. Until then, such an entry does not come back with another import. */
export const removeOldRecords = walking(importedRecords, {
  at: 'imported_at',
  condition: 'not exists (select 1 from comments c where c.id = imported_records.comment_id)',
  kept: 365 * DAY_MS,
})
