import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from 'miniflare'
import { freePort } from '../program/free-port'
import { newState, ownApi, trigger } from '../program/program'

const TICK_MS = 60_000

/**
 * The bundled Worker with its own port and database, without the rest of `npm start`, which takes five seconds of a
 * core: for specs that look at pages and calls, not at the program. `bundle.ts` makes the bundle.
 */
export class Guestbook {
  readonly api: ReturnType<typeof ownApi>
  readonly #ticker = setInterval(() => void this.tick().catch(() => undefined), TICK_MS)

  private constructor(
    readonly port: number,
    readonly url: string,
    readonly token: string,
    private readonly state: string,
    private readonly miniflare: Miniflare
  ) {
    this.api = ownApi(url, token)
  }

  static async start(): Promise<Guestbook> {
    const [port, state, { options, token }] = [await freePort(), newState(), readBundle()]
    const url = `http://localhost:${port}`
    const bindings = { ...options.bindings, PUBLIC_URL: url, FREE_PLAN: 'false' }
    const converted = convertV4MiniflareOptions({
      log: new Log(LogLevel.ERROR),
      cf: false,
      host: '127.0.0.1',
      port,
      logRequests: false,
      unsafeTriggerHandlers: true,
      // The log lines of the Worker would bury the test results.
      handleStructuredLogs: () => undefined,
      resourcePersistencePath: join(state, 'v3'),
      workers: [{ ...options, bindings }],
    })
    const miniflare = new Miniflare(converted)
    await miniflare.ready
    return new Guestbook(port, url, token, state, miniflare)
  }

  /** Triggers the cron handler with a time that is `ms` in the future. */
  tick(ms = 0): Promise<void> {
    return trigger(this.url, ms)
  }

  async end(): Promise<void> {
    clearInterval(this.#ticker)
    await this.miniflare.dispose()
    rmSync(this.state, { recursive: true, force: true })
  }
}

/** @throws Error if Playwright's global setup has not run */
function readBundle(): { options: V4WorkerOptions; token: string } {
  const folder = process.env.GUESTHOOK_BUNDLE
  if (!folder) throw new Error('There is no bundle: playwright.config.ts does not run test/support/bundled/bundle.ts.')
  const contents = readFileSync(join(folder, 'entry.js'), 'utf8')
  const options = JSON.parse(readFileSync(join(folder, 'options.json'), 'utf8'))
  const modules = [{ type: 'ESModule', path: 'entry.js', contents }]
  return { options: { ...options, modules }, token: options.bindings.ADMIN_TOKEN }
}
