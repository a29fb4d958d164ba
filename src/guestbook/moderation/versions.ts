import { isId } from '../../kit/lib/ids'
import type { CommentRow } from '../store'

/* A version is what somebody saw of an entry. Each edit sets a later `edited_at`, so the id and this time name it. */

/** @returns the name of a version: `cmt_...`, or `cmt_....1795824000000` */
export function versionOf({ id, edited_at }: Pick<CommentRow, 'id' | 'edited_at'>): string {
  return edited_at === null ? id : `${id}.${edited_at}`
}

/** @returns the id of the entry that a version belongs to */
export const entryOfVersion = (version: string): string => version.replace(/\..*/s, '')

export function isVersion(text: string): boolean {
  return isId('cmt', entryOfVersion(text)) && /^\w+(\.\d{1,15})?$/.test(text)
}
