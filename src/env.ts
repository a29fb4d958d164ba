import type { Actor, Scope } from './kit/actor'
import type { Parts } from './kit/html/parts/sparkline'
import type { Clock } from './kit/lib/time'

/** The types of Hono's request context. `wrangler types` generates the bindings from wrangler.toml. */
export interface HonoEnv {
  Bindings: Env
  Variables: {
    requestId: string
    /** When the request arrived, with its body, in epoch milliseconds. */
    now: number
    /** The current time, for what waits and must know how long. */
    clock: Clock
    /** Counts the entries that wait for the owner. Only for pages of the dashboard. */
    countWaiting?: () => Promise<number>
    /** What became of the attempts of the last 24 hours, by endpoint. Only for the list of endpoints. */
    recentAttempts?: () => Promise<Map<string, Parts>>
    /** Who acts for the owner, once that is known. */
    actor?: Actor
    /** What the API key may do, if an API key acts. */
    scopes?: readonly Scope[]
    /** A more exact name of the act than its route has. See `noteAct`. */
    act?: string
    /** What else the request does, for the audit log. See `noteAlso`. */
    also?: { act: string; subject: string }[]
    /** What the request creates or changes, for the audit log. See `noteSubject`. */
    subject?: string
    /** What changed in it, for the audit log, one line for each change. */
    details?: string[]
    /** Whether nobody knows if the form has acted, once that is known. Its own claim counts as a write, but is no act. */
    isUnsure?: boolean
    /** True if the request changes nothing although it is not a GET request. See `noteNoChange`. */
    changesNothing?: boolean
  }
}

/** What depends on the plan: the Free plan allows fewer queries, less CPU time and fewer rows. */
export type ByPlan<T> = { free: T; paid: T }

export const byPlan = <T>({ FREE_PLAN }: Env, { free, paid }: ByPlan<T>): T => (FREE_PLAN === 'false' ? paid : free)

/** Keeps what an isolate remembers apart for each database: guestbooks in the same isolate must share nothing. */
export function perDatabase<T>(fresh: (db: D1Database) => T): (db: D1Database) => T {
  const known = new WeakMap<D1Database, T>()
  return (db) => {
    const one = known.get(db) ?? fresh(db)
    known.set(db, one)
    return one
  }
}

declare global {
  interface Env {
    /** The old key while SECRETS_KEY is being rotated. Optional variables are not known to `wrangler types`. */
    SECRETS_KEY_PREVIOUS?: string
    /** Sends e-mails, if wrangler.toml has `send_email`. */
    EMAIL?: SendEmail
    /** The secret key of Turnstile, if a book uses it. */
    TURNSTILE_SECRET_KEY?: string
  }
}
