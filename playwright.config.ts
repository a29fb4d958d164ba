import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
// @ts-expect-error: a script without types
import { chromiumPath } from './scripts/lib/chromium.mjs'

const hasChromium = existsSync(chromiumPath)
if (!hasChromium && process.env.REQUIRE_BROWSER) {
  throw new Error(`REQUIRE_BROWSER is set, but there is no Chromium at ${chromiumPath}.`)
}

/** Tests of the running program: over HTTP (`program`) and, if Chromium is installed, in a browser (`browser`). */
export default defineConfig({
  testDir: 'test/e2e',
  globalSetup: './test/support/bundled/bundle.ts',
  outputDir: 'test-results',
  fullyParallel: false,
  // `npm test` runs these beside Vitest, on a machine that may have two cores.
  workers: 2,
  // Beside Vitest, a hook that starts a program has taken more than 90 seconds.
  timeout: 240_000,
  reporter: [['list']],
  projects: [
    { name: 'program', testMatch: 'program/*.spec.ts' },
    ...(hasChromium
      ? [
          {
            name: 'browser',
            testMatch: 'browser/**/*.spec.ts',
            use: {
              browserName: 'chromium' as const,
              launchOptions: { executablePath: chromiumPath, args: ['--no-sandbox'] },
            },
          },
        ]
      : []),
  ],
})
