import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'

const ATTEMPTS = 3

/** Every test starts with an empty database that has all migrations. */
beforeEach(async () => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await reset()
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
    if (await isEmpty()) return
  }
  throw new Error('The database still has the rows of another test.')
})

/** On a busy machine, `reset` has left the database of the previous test as it was, twice so far. */
async function isEmpty(): Promise<boolean> {
  return (await env.DB.prepare('select 1 from comments union all select 1 from endpoints limit 1').first()) === null
}

/** Lets the tests, and the Worker with them, run at another time of the day: see `TEST_START` in vitest.config.ts. */
const shift = Number(env.CLOCK_SHIFT_MS)
const IS_SHIFTED = Symbol.for('guesthook.shifted')

// One isolate runs all test files, each with this file before it.
if (shift !== 0 && !(IS_SHIFTED in globalThis)) {
  const Real = Date
  const realNow = Date.now
  const now = () => realNow() + shift
  globalThis.Date = new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, values, made) => Reflect.construct(target, values.length === 0 ? [now()] : values, made),
    // A test may replace `now` by its own.
    get: (target, name) => (name === 'now' && target.now === realNow ? now : Reflect.get(target, name)),
  })
  Object.assign(globalThis, { [IS_SHIFTED]: true })
}
