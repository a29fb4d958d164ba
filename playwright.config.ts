import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'
const hasChromium = existsSync(chromium)
if (!hasChromium && process.env.REQUIRE_BROWSER) {
  throw new Error(`The browser tests are required, and there is no Chromium at ${chromium}.`)
}

/** The running program: alone (`program`), and in a real browser where there is one (`browser`). */
export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results',
  fullyParallel: false,
  workers: 1,
  timeout: 90_000,
  reporter: [['list']],
  projects: [
    { name: 'program', testMatch: 'program/*.spec.ts' },
    ...(hasChromium
      ? [
          {
            name: 'browser',
            testMatch: 'browser/*.spec.ts',
            use: {
              browserName: 'chromium' as const,
              launchOptions: { executablePath: chromium, args: ['--no-sandbox'] },
            },
          },
        ]
      : []),
  ],
})
