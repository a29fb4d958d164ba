import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { V4WorkerOptions } from 'miniflare'
import type { Account, Version } from './account'
import type { Binding } from './upload'

type Outbound = (request: Request) => Promise<Response>

/** Runs the deployed version of a Worker with the code, bindings, files and consumers that were uploaded. */
export class DeployedWorker {
  readonly #files = mkdtempSync(join(tmpdir(), 'guesthook-assets-'))
  /** What the Worker has logged. */
  logs: Record<string, unknown>[] = []

  private constructor(
    private readonly account: Account,
    private readonly name: string
  ) {}

  /** @param outbound answers the requests that the Worker sends. Only public HTTPS addresses get here. */
  static async start(account: Account, name: string, outbound: Outbound): Promise<DeployedWorker> {
    const deployed = new DeployedWorker(account, name)
    const worker = deployed.#options(account.deployedVersion(name), outbound)
    account.runtime.onLog = (line) => deployed.logs.push(line)
    await account.runtime.start(worker)
    return deployed
  }

  get origin(): string {
    return `https://${this.name}.${this.account.subdomain}.workers.dev`
  }

  /** Sends a request to the Worker's address on workers.dev. */
  async fetch(path: string, init?: RequestInit): Promise<Response> {
    const response = await this.account.runtime.miniflare.dispatchFetch(this.origin + path, init as never)
    return response as unknown as Response
  }

  /** Runs each cron trigger once. @returns the outcomes */
  async runCrons(): Promise<string[]> {
    const worker = await this.account.runtime.miniflare.getWorker(this.name)
    const { crons } = this.account.findScript(this.name)
    const results = await Promise.all(crons.map((cron) => worker.scheduled({ cron })))
    return results.map(({ outcome }) => outcome)
  }

  #options(version: Version, outbound: Outbound): V4WorkerOptions {
    const { metadata, modules, bindings } = version
    const files = bindings.find(({ type }) => type === 'assets')
    const main = modules.find(({ name }) => name === metadata.main_module)
    return {
      name: this.name,
      compatibilityDate: metadata.compatibility_date,
      compatibilityFlags: metadata.compatibility_flags,
      modules: [{ type: 'ESModule', path: metadata.main_module, contents: main?.contents ?? '' }],
      outboundService: outbound as never,
      queueConsumers: Object.fromEntries(this.#consumers()),
      ...toMiniflare(bindings),
      ...(metadata.assets && { assets: { ...this.#assets(metadata.assets), binding: files?.name } }),
    } as V4WorkerOptions
  }

  *#consumers() {
    for (const { queue_name, consumers } of this.account.queues) {
      const settings = consumers.find(({ script }) => script === this.name)?.settings
      if (!settings) continue
      const { batch_size, max_retries, max_wait_time_ms, retry_delay } = settings
      const seconds = (max_wait_time_ms ?? 0) / 1_000
      const options = { maxBatchSize: batch_size, maxRetries: max_retries, maxBatchTimeout: seconds }
      yield [queue_name, { ...options, retryDelay: retry_delay }] as const
    }
  }

  /** Writes the uploaded files where Miniflare serves them from. */
  #assets({ jwt, config = {} }: { jwt: string; config?: Record<string, unknown> }) {
    for (const [path, { hash }] of Object.entries(this.account.manifests.get(jwt) ?? {})) {
      const content = this.account.assets.get(hash)?.content
      if (content === undefined) throw new Error(`${path} was never uploaded.`)
      const file = join(this.#files, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
    return { directory: this.#files, routerConfig: { has_user_worker: true }, assetConfig: config }
  }

  end(): void {
    rmSync(this.#files, { recursive: true, force: true })
  }
}

/** Translates bindings as Cloudflare's API names them. @throws Error for a type that the guestbook does not use */
function toMiniflare(bindings: Binding[]) {
  const options = { bindings: {}, d1Databases: {}, queueProducers: {}, ratelimits: {} } as Record<string, object>
  const add = (option: string, name: string, value: unknown) => Object.assign(options[option] ?? {}, { [name]: value })
  for (const { type, name, text, id, queue_name, namespace_id, simple } of bindings) {
    if (type === 'plain_text' || type === 'secret_text') add('bindings', name, text)
    else if (type === 'd1') add('d1Databases', name, id)
    else if (type === 'queue') add('queueProducers', name, { queueName: queue_name })
    else if (type === 'ratelimit') add('ratelimits', name, { namespace_id, simple })
    else if (type === 'version_metadata') add('bindings', name, { id: 'the deployed version' })
    // Miniflare names the binding of files among the options of the files.
    else if (type !== 'assets') throw new Error(`The stand-in cannot run a binding of type ${type}.`)
  }
  return options
}
