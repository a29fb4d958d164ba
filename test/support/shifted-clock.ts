import { env } from 'cloudflare:workers'

/* Lets the tests, and the Worker with them, run at another time of the day: see `TEST_START` in vitest.config.ts. */

const shift = Number(env.CLOCK_SHIFT_MS)
const IS_SHIFTED = Symbol.for('guesthook.shifted')

// One isolate runs all test files, each with this file before it.
if (shift !== 0 && !(IS_SHIFTED in globalThis)) {
  const Real = Date
  const now = () => Real.now() + shift
  globalThis.Date = new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, values, made) => Reflect.construct(target, values.length === 0 ? [now()] : values, made),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
  Object.assign(globalThis, { [IS_SHIFTED]: true })
}
