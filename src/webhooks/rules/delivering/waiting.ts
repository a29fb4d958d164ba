import { MINUTE_MS } from '../../../kit/lib/time'
import { type Breaker, CLOSED, isOpen, type Release } from './breaker'
import { firstCall, getsCalls, isPaced, isPacing, nextCall, type Pace, type PaceColumns } from './pace'
import { MAX_RETRY_AFTER_MS, retryDelayMs } from './retry-schedule'

/*
 * What an endpoint waits for now, and what each act does to it. How often its owner wants it to be called is another
 * thing: see pace.ts. The columns `breaker`, `resume_at` and `probes` contain what it waits for.
 */

/**
 *   nothing   deliveries are sent as they arrive
 *   call      the next call of an endpoint that gets calls, or the result of the call that is under way
 *   receiver  a time that the receiver named (429, Retry-After)
 *   probe     the next probe of an open breaker, or its result
 *   drain     the next page of its backlog
 */
export const WAITS = ['nothing', 'call', 'receiver', 'probe', 'drain'] as const
export type Wait = (typeof WAITS)[number]

/**
 * What an endpoint waits for after an act, by what it waited for before. `rest` is its next call if it gets calls, and
 * nothing otherwise. `resume` is a call that is due, or else its drain. Acts:
 *
 *   parked    a delivery must wait, although the breaker was closed
 *   success   an attempt succeeded; `retried` if a person had asked for it
 *   failure   an attempt failed; `opening` if it is the fifth in a row, or a probe
 *   named     the receiver named a time
 *   repaced   the owner changed the pace
 *   moved     the owner changed the URL
 *   due       the clock reached `resume_at`
 *   drained   the clock found no parked delivery. A cancel or a discard changes nothing before that
 *
 * While it waits for a probe, only the result of that probe, or of what a person asked for, is an act. A late result, of
 * an attempt that began before the breaker opened, can only postpone the probe.
 */
export const NEXT = {
  parked: { nothing: 'resume', call: 'call', receiver: 'receiver', probe: 'probe', drain: 'drain' },
  success: { nothing: 'rest', call: 'call', receiver: 'receiver', probe: 'resume', drain: 'resume' },
  retried: { nothing: 'rest', call: 'call', receiver: 'resume', probe: 'resume', drain: 'resume' },
  failure: { nothing: 'rest', call: 'call', receiver: 'receiver', probe: 'probe', drain: 'resume' },
  opening: { nothing: 'probe', call: 'probe', receiver: 'probe', probe: 'probe', drain: 'probe' },
  named: { nothing: 'receiver', call: 'receiver', receiver: 'receiver', probe: 'receiver', drain: 'receiver' },
  repaced: { nothing: 'nothing', call: 'resume', receiver: 'receiver', probe: 'probe', drain: 'resume' },
  moved: { nothing: 'nothing', call: 'resume', receiver: 'resume', probe: 'resume', drain: 'resume' },
  enabled: { nothing: 'resume', call: 'resume', receiver: 'resume', probe: 'resume', drain: 'resume' },
  disabled: { nothing: 'nothing', call: 'nothing', receiver: 'nothing', probe: 'nothing', drain: 'nothing' },
  due: { nothing: 'nothing', call: 'call', receiver: 'resume', probe: 'probe', drain: 'resume' },
  drained: { nothing: 'nothing', call: 'nothing', receiver: 'nothing', probe: 'nothing', drain: 'nothing' },
} as const satisfies Record<string, Record<Wait, Wait | 'rest' | 'resume'>>
export type WaitAct = keyof typeof NEXT

/**
 * `probes` counts the times that a receiver has named, so a held endpoint without any waits for its next call.
 * @param isPaced whether the endpoint gets calls
 */
export function waitOf({ breaker, probes }: Omit<Breaker, 'resume_at'>, isPaced: boolean): Wait {
  if (breaker === 'closed') return 'nothing'
  if (isOpen({ breaker })) return 'probe'
  if (isPaced && (breaker === 'draining' || probes === 0)) return 'call'
  return breaker === 'held' ? 'receiver' : 'drain'
}

type Called = Omit<Breaker, 'resume_at'> & Pick<PaceColumns, 'min_interval_minutes'> & { consecutive_failures: number }

/** Whether an endpoint waits for its next call, and not because a call failed, or is under way. */
export function isBetweenCalls(endpoint: Called): boolean {
  const isWaiting = waitOf(endpoint, isPaced(endpoint)) === 'call' && endpoint.breaker === 'held'
  return isWaiting && endpoint.consecutive_failures === 0
}

/** SQL: the endpoint `e` waits for a call, as `waitOf` says. */
export const IS_WAITING_FOR_CALL = `(${isPacing('e')}
      and (e.breaker = 'draining' or (e.breaker = 'held' and e.probes = 0)))`

/** @param before what the endpoint waited for @param pace after the act */
export function waitAfter(act: WaitAct, before: Wait, pace: Pace): Wait {
  const next = NEXT[act][before]
  if (next === 'rest') return getsCalls(pace) ? 'call' : 'nothing'
  return next === 'resume' ? (getsCalls(pace) ? 'call' : 'drain') : next
}

/** How many failures in a row open the breaker. */
export const OPEN_AFTER = 5
/** The time between pages of a backlog. Slightly under a minute, so that every sweep releases one page. */
export const PAGE_EVERY_MS = 50_000
/** After this many 429 responses in a row, short Retry-After values are ignored. */
const PATIENT_FOR = 10
/** After this many failed probes, every other probe is the newest delivery, so a bad message cannot block the rest. */
const OLDEST_FOR = 3

/** @returns the wait before the next probe (1, 2, 4 ... 60 minutes), in milliseconds */
export const waitMs = (probes: number): number => Math.min(2 ** probes, 60) * MINUTE_MS

const callAt = (resume_at: number): Breaker => ({ breaker: 'held', resume_at, probes: 0 })
const drainAt = (resume_at: number): Breaker => ({ breaker: 'draining', resume_at, probes: 0 })

/** What is due now: a call, or the first page of a backlog. */
const resumed = (wait: Wait, now: number): Breaker => (wait === 'call' ? callAt(now) : drainAt(now))

const heldUntil = ({ breaker, resume_at }: Breaker): number => (breaker === 'held' ? (resume_at ?? 0) : 0)

/** A wait of a breaker that was open or held is only postponed: another delivery has begun it. */
function postponed({ breaker, resume_at, probes }: Breaker, hintMs: number, now: number): Breaker {
  return { breaker, resume_at: Math.max(resume_at ?? 0, now + hintMs), probes }
}

/** A time that the receiver named stays in effect, unless a person asked for the attempt. */
export function afterSuccess(before: Breaker, pace: Pace, now: number, release?: Release): Breaker {
  const from = waitOf(before, getsCalls(pace))
  const wait = waitAfter(release === 'manual' ? 'retried' : 'success', from, pace)
  const next = nextCall(pace, now) ?? 0
  if (wait === 'call') return callAt(Math.max(next, from === 'call' ? heldUntil(before) : 0))
  if (wait === 'receiver' && next > 0) return { ...breakerOf(before), resume_at: Math.max(next, heldUntil(before)) }
  return wait === 'drain' && before.breaker !== 'draining' ? drainAt(now) : { ...breakerOf(before), probes: 0 }
}

/** @param failures how many there are in a row, with this one @param hintMs the receiver's Retry-After, or 0 */
export function afterFailure(before: Breaker, failures: number, hintMs: number, pace: Pace, now: number): Breaker {
  if (before.breaker === 'probing' || failures >= OPEN_AFTER) return opened(before, hintMs, now)
  const retryMs = getsCalls(pace) ? callRetryMs(failures) : 0
  if (hintMs > 0) return named(before, Math.max(hintMs, retryMs), now)
  const wait = waitAfter('failure', waitOf(before, getsCalls(pace)), pace)
  return wait === 'call' ? callAt(Math.max(now + retryMs, heldUntil(before))) : breakerOf(before)
}

/** A failed call has probably had no effect, so it is made again on the schedule of every delivery, without jitter. */
const callRetryMs = (failures: number): number => retryDelayMs(failures, 0) ?? 0

/** `callRetryMs` as SQL. @param failures SQL for a number below `OPEN_AFTER` */
export const callRetrySql = (failures: string): string => {
  const cases = Array.from({ length: OPEN_AFTER - 1 }, (_, i) => `when ${i + 1} then ${callRetryMs(i + 1)}`)
  return `case ${failures} ${cases.join(' ')} else 0 end`
}

/** Opens the breaker. If it is open already, a late failure can only postpone the next probe. */
export function opened(before: Breaker, hintMs: number, now: number): Breaker {
  if (before.breaker === 'open') return postponed(before, hintMs, now)
  const probes = before.breaker === 'probing' ? before.probes + 1 : 0
  return { breaker: 'open', resume_at: Math.max(now + waitMs(probes), now + hintMs, heldUntil(before)), probes }
}

/** The receiver named a time. */
export function named(before: Breaker, hintMs: number, now: number): Breaker {
  if (before.breaker === 'open') return postponed(before, hintMs, now)
  const isKnown = before.breaker === 'held' && before.probes > 0
  return {
    breaker: 'held',
    resume_at: Math.max(now + hintMs, heldUntil(before)),
    probes: isKnown ? before.probes : before.probes + 1,
  }
}

/** How long a 429 holds the endpoint. Without a hint, or if short ones keep coming, it grows with each 429 in a row. */
export function throttleMs({ probes }: Breaker, hintMs: number | null): number {
  const count = hintMs ? probes - PATIENT_FOR : probes
  const grown = count < 0 ? 0 : waitMs(count)
  return Math.min(Math.max(hintMs ?? 0, grown), MAX_RETRY_AFTER_MS)
}

/**
 * The owner changed the pace. The first call after that does not wait for the former interval, but that of a digest
 * waits for its hour. A call that is under way goes on: its result decides when the next one is due, by the new pace.
 * @param failures in a row: a failed call keeps the time of its retry
 */
export function afterNewPace(before: Breaker, former: Pace, failures: number, pace: Pace, now: number): Breaker {
  const wait = waitAfter('repaced', waitOf(before, getsCalls(former)), pace)
  if (wait === 'drain') return drainAt(now)
  const isUnderWay = getsCalls(former) && before.breaker === 'draining'
  if (wait !== 'call' || isUnderWay || failures > 0) return breakerOf(before)
  return callAt(firstCall(pace, now))
}

/** The owner enabled the endpoint, or changed its URL: what has waited is sent now. */
export function afterNewStart(act: 'enabled' | 'moved', before: Breaker, pace: Pace, now: number): Breaker {
  const wait = waitAfter(act, waitOf(before, getsCalls(pace)), pace)
  return wait === 'nothing' ? CLOSED : resumed(wait, now)
}

/** What the clock releases when it reaches `resume_at`. */
export type Due = { after: Breaker; release: 'probe' | 'drain'; from: 'oldest' | 'newest' }

/** @param leaseEnd when the next one is due if a probe or a call has no result, in epoch milliseconds */
export function afterClock(before: Breaker, pace: Pace, now: number, leaseEnd: number): Due {
  const wait = waitAfter('due', waitOf(before, getsCalls(pace)), pace)
  const { probes } = before
  if (wait === 'probe') {
    const from = getsCalls(pace) || (probes > OLDEST_FOR && probes % 2 === 0) ? 'newest' : 'oldest'
    return { after: { breaker: 'probing', resume_at: leaseEnd, probes }, release: 'probe', from }
  }
  const resume_at = wait === 'call' ? leaseEnd : now + PAGE_EVERY_MS
  return {
    after: { breaker: 'draining', resume_at, probes },
    release: 'drain',
    from: wait === 'call' ? 'newest' : 'oldest',
  }
}

const breakerOf = ({ breaker, resume_at, probes }: Breaker): Breaker => ({ breaker, resume_at, probes })
