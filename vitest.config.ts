import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= 'false'

/** `TEST_START=23:58` starts the Worker tests at this time of the day (UTC): what a sweep does depends on the minute. */
function clockShift(): number {
  const [hour, minute] = (process.env.TEST_START ?? '').split(':').map(Number)
  if (hour === undefined || minute === undefined) return 0
  const start = new Date()
  start.setUTCHours(hour, minute, 0, 0)
  return start.getTime() - Date.now()
}

/** Small files that take long. */
const LONG = /simulation\.test|hanging-receivers|strangers-day|github-examples|sweep-parts|many-entries|upgrades/

/** In a fresh clone, Vitest starts small files last. The machine would then wait for small files that take long. */
class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId)
    const sorted = await super.sort(files)
    const ofWorker = sorted.filter(({ project }) => project.name === 'worker')
    const others = sorted.filter(({ project }) => project.name !== 'worker')
    return [...others, ...ofWorker.filter(isLong), ...ofWorker.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongFilesFirst },
    // Hides the log lines of the Worker, which would bury the test results.
    onConsoleLog: (line) => !line.startsWith('{"event":'),
    projects: [
      {
        test: {
          name: 'core',
          include: ['test/{core,build}/**/*.test.ts'],
          environment: 'node',
          setupFiles: ['./test/core/entry-events.ts'],
          // No file changes what the next one uses, and loading zod and hono again takes longer than most tests.
          isolate: false,
          restoreMocks: true,
          unstubGlobals: true,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'deploy',
          include: ['test/deploy/**/*.test.ts'],
          environment: 'node',
          isolate: false,
          globalSetup: ['./test/deploy/bundled-checkout.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxConcurrency: 2,
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './examples/webhooks-in-a-worker/wrangler.toml' },
            miniflare: {
              cf: false,
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations('./migrations'),
                ADMIN_TOKEN: 'test-admin-token',
                SECRETS_KEY: btoa('0123456789abcdef0123456789abcdef'),
                ALLOW_LOCAL_ENDPOINTS: 'true',
              },
            },
          })),
        ],
        test: {
          name: 'example',
          include: ['test/example/**/*.test.ts'],
          setupFiles: ['./test/example/tables.ts'],
          globalSetup: ['./test/support/receiver-setup.ts'],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              cf: false,
              // Checks e-mails as Cloudflare does. It is used only by tests that set EMAIL_FROM.
              email: { send_email: [{ name: 'EMAIL' }] },
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations('./migrations'),
                SIMULATION: {
                  // The same runs every time. `npm run simulate` makes new ones.
                  seed: Number(process.env.SIMULATION_SEED ?? 1),
                  runs: Number(process.env.SIMULATION_RUNS ?? 12),
                  path: process.env.SIMULATION_PATH ?? '',
                  steps: Number(process.env.SIMULATION_STEPS ?? 40),
                  about: process.env.SIMULATION_ABOUT ?? '',
                  shrinkSeconds: Number(process.env.SIMULATION_SHRINK_SECONDS ?? 120),
                  isSurvey: process.env.SIMULATION_SURVEY === 'true',
                  isTracing: process.env.SIMULATION_TRACE === 'true',
                },
                ADMIN_TOKEN: 'test-admin-token',
                SECRETS_KEY: btoa('0123456789abcdef0123456789abcdef'),
                ALLOW_LOCAL_ENDPOINTS: 'true',
                CLOCK_SHIFT_MS: clockShift(),
              },
            },
          })),
        ],
        test: {
          name: 'worker',
          include: ['test/{worker,simulation}/**/*.test.{ts,tsx}'],
          isolate: false,
          setupFiles: ['./test/support/fresh-database.ts'],
          globalSetup: ['./test/support/receiver-setup.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
})
