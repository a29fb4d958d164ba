import { createContext, useContext } from '#jsx'
import type { Reached } from '../../db/daily-limit'
import { ExactTime } from '../time'

/** The limit of the day that the database has reached, or null. Every dashboard page shows it. */
export const ReachedLimit = createContext<Reached | null>(null)

export const PLANS_URL = 'https://developers.cloudflare.com/workers/platform/pricing/'

/** What is no longer possible once the rows of a day are used up. */
const STOPPED = { read: 'reads', write: 'writes' }

export function DailyLimitNotice() {
  const limit = useContext(ReachedLimit)
  if (!limit) return null
  return (
    <p class="notice bad" role="status">
      <DailyLimitText limit={limit} /> Until 00:00 UTC, nothing is accepted or sent. Everything that was accepted
      earlier is kept, and is processed or sent afterward. <a href={PLANS_URL}>See plans</a>
    </p>
  )
}

export function DailyLimitText({ limit: { used, at } }: { limit: Reached }) {
  return (
    <>
      <b>The database reached its daily limit for {STOPPED[used]}</b> of Cloudflare's Free plan: <ExactTime at={at} />.
    </>
  )
}
