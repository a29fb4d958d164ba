import type { Refusal } from '../../kit/http/problem'
import type { Translator } from '../rules/languages'
import type { TextKey } from '../rules/languages/en'

/** What a guest reads about a refusal, by its code. */
export const NOTICES = {
  too_many_requests: 'too_many',
  storage_full: 'full',
  daily_quota: 'over_quota',
  database_limit: 'over_quota',
  book_closed: 'closed',
  changed_meanwhile: 'changed_meanwhile',
  too_late: 'edit_expired',
  not_found: 'changed_meanwhile',
} as const satisfies Record<string, TextKey>

/** The same, for what only the pages refuse. */
const ON_PAGES: Record<string, TextKey> = { ...NOTICES, form_used: 'form_used' }

/** @returns what a guest reads about a refused form */
export function noticeOf({ code, detail }: Refusal, { text }: Translator): string {
  const key = ON_PAGES[code]
  return key === undefined ? detail : text(key)
}
