import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { MINUTE_MS } from '../../src/kit/lib/time'
import { realNow } from './clock'

/** What each test has asked of each limit, in which minute. The count moves on to the next minute with `moved`. */
const asked = new Map<string, { minute: number; count: number; moved: Promise<unknown> }>()

/**
 * The real limit, in which no other test counts: fast tests would exceed the limits of a minute together. The limit starts
 * anew when a minute begins, perhaps in the middle of a test, so what the test asked before is asked again first.
 */
export function ofThisTest(name: 'SIGN_LIMIT' | 'LOGIN_LIMIT' | 'TEST_LIMIT' | 'REGISTER_LIMIT'): RateLimit {
  const ask = (key: string) => env[name].limit({ key })
  return {
    limit: async (options) => {
      const { testPath, currentTestName } = expect.getState()
      const key = `${testPath} ${currentTestName} ${options.key}`
      // The limits do not know the clock of a test.
      const minute = Math.floor(realNow() / MINUTE_MS)
      const { count, ...before } = asked.get(`${name} ${key}`) ?? { minute, count: 0, moved: Promise.resolve() }
      const again = () => Promise.all(Array.from({ length: count }, () => ask(key)))
      const moved = before.minute === minute ? before.moved : before.moved.then(again)
      asked.set(`${name} ${key}`, { minute, count: count + 1, moved })
      await moved
      return ask(key)
    },
  }
}
