import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// @ts-expect-error: a script without types
import { migrate } from '../../../scripts/lib/dev-server.mjs'
// @ts-expect-error: a script without types
import { readDevVars } from '../../../scripts/lib/dev-vars.mjs'
import { freePort } from './free-port'

const MIGRATIONS = join(import.meta.dirname, '../../../migrations')

/** The program as `npm start` runs it, with its own port and database. */
export class Program {
  readonly url: string
  readonly token: string
  readonly api: ReturnType<typeof ownApi>
  output = ''

  private constructor(
    readonly port: number,
    readonly state: string,
    private child: ChildProcess
  ) {
    this.url = `http://localhost:${port}`
    this.token = readDevVars().ADMIN_TOKEN
    this.api = ownApi(this.url, this.token)
  }

  /** @param state the database of an earlier program, to continue after it was killed */
  static async start(state = newState()): Promise<Program> {
    const port = await freePort()
    const env = {
      ...process.env,
      PORT: String(port),
      GUESTHOOK_STATE: state,
      GUESTHOOK_ENTRY: 'test/support/entry.ts',
    }
    // In its own process group, so that one signal reaches all processes, as Ctrl-C does.
    const child = spawn('npm', ['start'], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const program = new Program(port, state, child)
    child.stdout?.on('data', (text) => (program.output += text))
    child.stderr?.on('data', (text) => (program.output += text))
    await program.untilReady()
    return program
  }

  private async untilReady(): Promise<void> {
    const deadline = Date.now() + 200_000
    while (!this.output.includes('Dashboard')) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`The program did not start:\n${this.output}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Triggers the cron handler with a time that is `ms` in the future. */
  tick(ms = 0): Promise<void> {
    return trigger(this.url, ms)
  }

  /** The ID of the process group. */
  get group(): number {
    return this.child.pid ?? 0
  }

  /** Closes the pipes of its output, as `npm start | head` does. */
  stopReading(): void {
    this.child.stdout?.destroy()
    this.child.stderr?.destroy()
  }

  /** @param signal SIGKILL stops the program without cleanup */
  async stop(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve))
    if (this.child.exitCode === null && this.child.pid) process.kill(-this.child.pid, signal)
    await gone
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.stop()
    rmSync(this.state, { recursive: true, force: true })
  }
}

/** @returns a function that sends requests of the owner to the API */
export function ownApi(url: string, token: string) {
  return async <T = Record<string, unknown>>(method: string, path: string, body?: unknown) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(url + path, { method, headers, ...init })
    return { status: response.status, body: (await response.json()) as T }
  }
}

export async function trigger(url: string, ms: number): Promise<void> {
  await fetch(`${url}/cdn-cgi/local/scheduled?cron=*+*+*+*+*&time=${Date.now() + ms}`)
}

/** @returns a folder with a new database: a copy, because applying all migrations takes longer than starting does */
export function newState(): string {
  const state = mkdtempSync(join(tmpdir(), 'guesthook-'))
  cpSync(migratedState(), state, { recursive: true })
  return state
}

/** Makes a database once for each set of migrations, before the first test: see bundle.ts. @returns its folder */
export function migratedState(): string {
  const hash = createHash('sha256')
  for (const file of readdirSync(MIGRATIONS, { recursive: true, encoding: 'utf8' }).sort())
    if (file.endsWith('.sql')) hash.update(readFileSync(join(MIGRATIONS, file)))
  const folder = join(tmpdir(), `guesthook-migrated-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(folder)) return folder
  const own = mkdtempSync(join(tmpdir(), 'guesthook-migrating-'))
  migrate(own)
  try {
    renameSync(own, folder)
  } catch {
    rmSync(own, { recursive: true, force: true })
  }
  return folder
}

/** Repeats a check until it passes. @throws the last failure, after `timeoutMs` */
export async function eventually<T>(check: () => Promise<T>, timeoutMs = 20_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await check()
    } catch (cause) {
      if (Date.now() > deadline) throw cause
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}
