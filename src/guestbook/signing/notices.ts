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
  book_deleted: 'closed',
  changed_meanwhile: 'changed_meanwhile',
  too_late: 'edit_expired',
  not_found: 'changed_meanwhile',
} as const satisfies Record<string, TextKey>

/** The same, for what only the pages refuse. */
const ON_PAGES: Record<string, TextKey> = { ...NOTICES, form_used: 'form_used' }

/** @returns what a guest reads about a refused form */
export function noticeOfRefusal(refusal: Refusal, translate: Translator): string {
  const key = ON_PAGES[refusal.code]
  return key === undefined ? explainToGuest(refusal, translate) : translate.text(key)
}

/** Details are in English. The other languages have a text for each kind of refusal. */
export function explainToGuest({ status, code, detail }: Refusal, { language, text }: Translator): string {
  if (language === 'en' || code === 'not_yours') return detail
  const key: TextKey =
    code === 'too_late' ? 'edit_expired' : status >= 500 || status === 429 ? 'error_later' : 'error_refused'
  return text(status === 404 || status === 405 ? 'error_gone' : key)
}
