/// <reference types="vite/types/importMeta.d.ts" />
import 'vitest'

declare global {
  namespace Cloudflare {
    interface Env {
      TEST_MIGRATIONS: import('cloudflare:test').D1Migration[]
      /** How far the clock of the tests is ahead: see test/support/fresh-database.ts. */
      CLOCK_SHIFT_MS: number
      /** See test/simulation. */
      SIMULATION: {
        seed: number
        runs: number
        path: string
        steps: number
        about: string
        shrinkSeconds: number
        isSurvey: boolean
        isTracing: boolean
      }
    }
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    receiver: string
  }
}
