import { env } from 'cloudflare:workers'

/** One isolate runs all test files, so the clock is installed once and its state is global. */
const KEY = Symbol.for('guesthook.clock')
type Clock = { passedMs: number; stoppedAt: number | null; realNow: () => number }
const shared = globalThis as { [KEY]?: Clock }

const clock = shared[KEY] ?? install()

/** Moves the clock of the test and of the Worker forward, instead of waiting. The next test starts without it. */
export function letPass(ms: number): void {
  clock.passedMs += ms
}

/** From now on, time passes only by `letPass`, so that a slow machine does not change what is due. */
export function stopClock(): void {
  clock.stoppedAt = Date.now()
  clock.passedMs = 0
}

/** The time of the machine, in epoch milliseconds. */
export const realNow = (): number => clock.realNow()

export function setBack(): void {
  clock.passedMs = 0
  clock.stoppedAt = null
}

/** Replaces `Date` by one that runs at another time of the day (see `TEST_START` in vitest.config.ts), and can jump. */
function install(): Clock {
  const { now: realNow } = Date
  const clock: Clock = { passedMs: 0, stoppedAt: null, realNow }
  const shift = Number(env.CLOCK_SHIFT_MS)
  const Real = Date
  const now = () => (clock.stoppedAt ?? realNow() + shift) + clock.passedMs
  globalThis.Date = new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, values, made) => Reflect.construct(target, values.length === 0 ? [now()] : values, made),
    // A test may replace `now` by its own.
    get: (target, name) => (name === 'now' && target.now === realNow ? now : Reflect.get(target, name)),
  })
  shared[KEY] = clock
  return clock
}
