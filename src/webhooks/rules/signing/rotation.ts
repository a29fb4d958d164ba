import { err, ok, type Result } from '../../../kit/lib/result'

/*
 * Which old secrets or keys remain valid after a rotation, so that the other side has time to switch. An old secret may
 * be stored for longer than it is valid: a stored request is verified as of the time at which it arrived.
 */

/** How many old secrets or keys may be valid. Each adds a signature to requests, or a comparison to verifications. */
export const MAX_FORMER = 4
/** How many old secrets are stored at most, valid or not. */
export const MAX_STORED = 20

interface Former {
  secret: string
  /** Epoch milliseconds. */
  until: number
}

/** The secrets of an endpoint or a source, as they are stored. `previous` is the newest of the old secrets. */
export interface RotatingSecrets {
  current?: string | undefined
  previous?: string | undefined
  /** Epoch milliseconds. */
  previousUntil?: number | undefined
  older?: Former[] | undefined
}

/** @returns the old secrets that are still valid at `at`, newest first */
export function formerSecrets({ previous, previousUntil = 0, older = [] }: RotatingSecrets, at: number): Former[] {
  const former = previous === undefined ? older : [{ secret: previous, until: previousUntil }, ...older]
  return former.filter(({ until }) => at < until)
}

/** @returns when the last old secret expires, in epoch milliseconds, or null if none is valid at `at` */
export function formerUntil(secrets: RotatingSecrets, at: number): number | null {
  const former = formerSecrets(secrets, at)
  return former.length === 0 ? null : Math.max(...former.map(({ until }) => until))
}

/**
 * Makes `next` the current secret. The old one stays valid for `graceMs`; if that is 0, only `next` is valid. If `next`
 * is the current secret already, there is nothing to replace.
 * @param neededSince old secrets that were still valid at this time are stored, because a request of that time may have
 *   to be verified. They are not valid again
 * @returns the secrets; if too many old ones are valid, when the first of them expires, in epoch milliseconds
 */
export function rotate<T extends RotatingSecrets>(
  secrets: T,
  next: string,
  graceMs: number,
  now: number,
  neededSince = now
): Result<T, number> {
  const { current, previous, previousUntil, older: _, ...rest } = secrets
  if (next === current && (graceMs > 0 || previous === undefined)) return ok(secrets)
  const only = { ...rest, current: next } as T
  if (graceMs === 0 || current === undefined) return ok(only)
  const live = formerSecrets(secrets, now)
  if (live.length >= MAX_FORMER) return err(Math.min(...live.map(({ until }) => until)))
  const older = formerSecrets(secrets, Math.min(neededSince, now)).slice(0, MAX_STORED - 1)
  return ok({ ...only, previous: current, previousUntil: now + graceMs, older })
}
