import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type V4MiniflareOptions,
  type V4WorkerOptions,
} from 'miniflare'
import { unstable_splitSqlQuery } from 'wrangler'

/**
 * Runs D1 databases and, after a deployment, the deployed Worker, in workerd. The databases are on disk, because a
 * deployment restarts workerd.
 */
export class Runtime {
  readonly #folder = mkdtempSync(join(tmpdir(), 'guesthook-cloudflare-'))
  readonly #databases: string[]
  #given = 0
  #miniflare: Miniflare | null = null
  /** Receives each line that a Worker logs as JSON. */
  onLog: (line: Record<string, unknown>) => void = () => undefined

  /** @param size how many databases there can be */
  constructor(size: number) {
    this.#databases = Array.from({ length: size }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`)
  }

  get miniflare(): Miniflare {
    if (this.#miniflare === null) throw new Error('The runtime has not been started.')
    return this.#miniflare
  }

  /** @returns the id of an empty database */
  newDatabase(): string {
    const id = this.#databases[this.#given++]
    if (id === undefined) throw new Error(`There are only ${this.#databases.length} databases.`)
    return id
  }

  /** Starts, or restarts with other Workers. */
  async start(...deployed: V4WorkerOptions[]): Promise<void> {
    const options = convertV4MiniflareOptions(this.#options(deployed))
    await this.#miniflare?.dispose()
    this.#miniflare = new Miniflare(options)
    await this.#miniflare.ready
  }

  /** One more Worker gives access to all databases. */
  #options(deployed: V4WorkerOptions[]): V4MiniflareOptions {
    const d1Databases = Object.fromEntries(this.#databases.map((id) => [id, id]))
    const access = { name: 'access', modules: true, script: 'export default {}', d1Databases }
    return {
      log: new Log(LogLevel.ERROR),
      cf: false,
      host: '127.0.0.1',
      port: 0,
      logRequests: false,
      handleStructuredLogs: ({ message }: { message: string }) => this.#readLog(message),
      resourcePersistencePath: join(this.#folder, 'state'),
      workers: [...deployed, access],
    } as V4MiniflareOptions
  }

  #readLog(line: string): void {
    if (line.startsWith('{')) this.onLog(JSON.parse(line))
  }

  /** Runs statements as D1 does: in one transaction. @returns one result for each statement */
  async query(databaseId: string, sql: string) {
    return this.run(databaseId, unstable_splitSqlQuery(sql))
  }

  async run(databaseId: string, statements: string[]) {
    const db = await this.miniflare.getD1Database(databaseId, 'access')
    return db.batch<Record<string, unknown>>(statements.map((statement) => db.prepare(statement)))
  }

  async end(): Promise<void> {
    await this.#miniflare?.dispose()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
