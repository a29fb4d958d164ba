/** What a guest reads about a refusal, by its code. */
export const NOTICES = {
  too_many_requests: 'too_many',
  storage_full: 'full',
  daily_quota: 'over_quota',
  database_limit: 'over_quota',
  book_closed: 'closed',
} as const
