import { createHash, randomUUID } from 'node:crypto'
import { ApiError, notFound } from './api-error'
import type { Runtime } from './runtime'
import { type Binding, parseUpload, resolveBindings, type Upload } from './upload'

export interface Database {
  uuid: string
  name: string
  primary_location_hint?: string
}

export interface Consumer {
  consumer_id: string
  type: string
  script: string
  settings: Record<string, number>
}

export interface Queue {
  queue_id: string
  queue_name: string
  consumers: Consumer[]
}

export interface Version extends Upload {
  id: string
  bindings: Binding[]
}

export interface Script {
  name: string
  tag: string
  tags: string[]
  versions: Version[]
  /** The latest first. */
  deployments: { id: string; versions: { version_id: string; percentage: number }[] }[]
  crons: string[]
  subdomain: { enabled: boolean; previews_enabled: boolean }
  lastDeployedFrom: string
}

type Manifest = Record<string, { hash: string; size: number }>

/** What an account contains. The names of the methods are those of Cloudflare's API. */
export class Account {
  databases: Database[] = []
  queues: Queue[] = []
  scripts = new Map<string, Script>()
  /** Uploaded files by hash, and the manifest of each upload session. */
  assets = new Map<string, { type: string; content: Buffer }>()
  manifests = new Map<string, Manifest>()
  subdomain: string | null = 'ada'

  constructor(
    readonly id: string,
    readonly runtime: Runtime
  ) {}

  createDatabase({ name, primary_location_hint }: { name: string; primary_location_hint?: string }): Database {
    if (this.databases.some((one) => one.name === name)) {
      throw new ApiError(400, 7502, 'A database with that name already exists')
    }
    const database = { uuid: this.runtime.newDatabase(), name, ...(primary_location_hint && { primary_location_hint }) }
    this.databases.push(database)
    return database
  }

  findDatabase(idOrName: string): Database {
    const found = this.databases.find(({ uuid, name }) => uuid === idOrName || name === idOrName)
    if (!found) throw new ApiError(404, 7404, `The database ${idOrName} could not be found`)
    return found
  }

  async query(databaseId: string, sql: string) {
    const { uuid } = this.findDatabase(databaseId)
    try {
      const results = await this.runtime.query(uuid, sql)
      return results.map(({ results: rows, meta }) => ({ success: true, results: rows, meta }))
    } catch (cause) {
      throw new ApiError(400, 7500, (cause as Error).message)
    }
  }

  createQueue({ queue_name }: { queue_name: string }): Queue {
    if (this.queues.some((queue) => queue.queue_name === queue_name)) {
      throw new ApiError(409, 11009, `Queue name '${queue_name}' is already taken.`)
    }
    const queue = { queue_id: String(this.queues.length + 1).padStart(32, '0'), queue_name, consumers: [] }
    this.queues.push(queue)
    return queue
  }

  findQueue(id: string): Queue {
    const found = this.queues.find(({ queue_id }) => queue_id === id)
    if (!found) throw new ApiError(404, 11000, 'Queue not found.')
    return found
  }

  createConsumer(queueId: string, body: { type: string; script_name: string; settings: Record<string, number> }) {
    const { consumers } = this.findQueue(queueId)
    if (consumers.length > 0) throw new ApiError(409, 11004, 'The queue already has a consumer.')
    this.findScript(body.script_name)
    const consumer_id = createHash('md5').update(queueId).digest('hex')
    const consumer = { consumer_id, type: body.type, script: body.script_name, settings: body.settings }
    consumers.push(consumer)
    return consumer
  }

  updateConsumer(queueId: string, consumerId: string, { settings }: { settings: Record<string, number> }) {
    const found = this.findQueue(queueId).consumers.find(({ consumer_id }) => consumer_id === consumerId)
    if (!found) throw new ApiError(404, 11005, 'Consumer not found.')
    return Object.assign(found, { settings })
  }

  findScript(name: string): Script {
    const found = this.scripts.get(name)
    if (!found) throw notFound('This Worker does not exist on your account.')
    return found
  }

  /** @returns the version that serves all requests */
  deployedVersion(name: string): Version {
    const { deployments, versions } = this.findScript(name)
    const found = versions.find(({ id }) => id === deployments[0]?.versions[0]?.version_id)
    if (!found) throw new Error(`The Worker ${name} has no deployed version.`)
    return found
  }

  /** Uploads a version. A new Worker needs no version before. */
  async addVersion(name: string, form: FormData): Promise<Version> {
    const upload = await parseUpload(form)
    const script = this.scripts.get(name)
    const previous = script?.versions.length ? this.deployedVersion(name).bindings : []
    const bindings = resolveBindings(upload.metadata, previous)
    const version = { ...upload, bindings, id: randomUUID() }
    const versions = script?.versions ?? this.addScript(name).versions
    versions.push(version)
    return version
  }

  addScript(name: string): Script {
    const tag = createHash('md5').update(name).digest('hex')
    const subdomain = { enabled: false, previews_enabled: false }
    const script = { name, tag, tags: [], versions: [], deployments: [], crons: [], subdomain, lastDeployedFrom: '' }
    this.scripts.set(name, script)
    return script
  }

  /** Adds a Worker that somebody else, or an earlier version, has deployed. */
  addWorker(name: string, bindings: Binding[]): void {
    const metadata = { main_module: 'index.js', bindings, compatibility_date: '2026-11-01', compatibility_flags: [] }
    this.addScript(name).versions.push({ id: `before-${name}`, metadata, modules: [], bindings })
    this.deploy(name, `before-${name}`)
  }

  deploy(name: string, versionId: string) {
    const script = this.findScript(name)
    const deployment = { id: randomUUID(), versions: [{ version_id: versionId, percentage: 100 }] }
    script.deployments.unshift(deployment)
    script.lastDeployedFrom = 'wrangler'
    return deployment
  }

  /** @returns the hashes of the files that are not there yet, and the token of the session */
  startAssets(manifest: Manifest) {
    const wanted = Object.values(manifest).map(({ hash }) => hash)
    const missing = [...new Set(wanted)].filter((hash) => !this.assets.has(hash))
    const session = sessionToken(manifest)
    this.manifests.set(session, manifest)
    return { jwt: session, buckets: missing.length > 0 ? [missing] : [] }
  }
}

/** Looks like a JSON Web Token, because wrangler reads its payload. */
function sessionToken(manifest: Manifest): string {
  const payload = createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
  return ['{"alg":"none"}', JSON.stringify({ session: payload }), ''].map((part) => btoa(part)).join('.')
}
