import type { Account } from './account'
import { ApiError, notFound } from './api-error'
import type { Binding } from './upload'

export interface ApiRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: Headers
  /** @returns the body. Each method reads the body once. */
  json<T>(): Promise<T>
  form(): Promise<FormData>
}

type Handler = (account: Account, params: string[], request: ApiRequest) => unknown

/** The calls that `npm run deploy` and wrangler make, below `/accounts/{id}`. A `*` is a parameter. */
const ROUTES: Record<string, Handler> = {
  'GET /workers/subdomain': ({ subdomain }) => {
    if (subdomain === null) throw notFound('You do not have a workers.dev subdomain.')
    return { subdomain }
  },

  'GET /d1/database/*': (account, [id = '']) => account.findDatabase(id),
  'POST /d1/database': async (account, _, request) => account.createDatabase(await request.json()),
  'POST /d1/database/*/query': async (account, [id = ''], request) =>
    account.query(id, (await request.json<{ sql: string }>()).sql),

  'GET /queues': ({ queues }, _, { query }) =>
    queues.filter(({ queue_name }) => !query.has('name') || query.getAll('name').includes(queue_name)),
  'POST /queues': async (account, _, request) => account.createQueue(await request.json()),
  'POST /queues/*/consumers': async (account, [id = ''], request) => account.createConsumer(id, await request.json()),
  'PUT /queues/*/consumers/*': async (account, [id = '', consumer = ''], request) =>
    account.updateConsumer(id, consumer, await request.json()),

  'GET /workers/services/*': (account, [name = '']) => {
    const { tag, tags, lastDeployedFrom } = account.findScript(name)
    const script = { id: name, tag, tags, last_deployed_from: lastDeployedFrom }
    return { id: name, default_environment: { environment: 'production', script } }
  },
  'GET /workers/workers/*': (account, [name = '']) => {
    const { tag, subdomain } = account.findScript(name)
    return { id: tag, name, subdomain }
  },
  'GET /workers/scripts/*/settings': (account, [name = '']) => ({
    bindings: account.deployedVersion(name).bindings.map(withoutSecret),
  }),
  'GET /workers/scripts/*/secrets': (account, [name = '']) => {
    const { bindings } = account.deployedVersion(name)
    return bindings.filter(({ type }) => type === 'secret_text').map(withoutSecret)
  },
  'GET /workers/scripts/*/deployments': (account, [name = '']) => ({
    deployments: account.findScript(name).deployments,
  }),
  'POST /workers/scripts/*/deployments': async (account, [name = ''], request) => {
    const { versions } = await request.json<{ versions: { version_id: string }[] }>()
    return account.deploy(name, versions[0]?.version_id ?? '')
  },
  'PUT /workers/scripts/*': async (account, [name = ''], request) => {
    const version = await account.addVersion(name, await request.form())
    account.deploy(name, version.id)
    const { tag } = account.findScript(name)
    return { id: name, tag, etag: version.id, deployment_id: version.id, startup_time_ms: 10 }
  },
  'POST /workers/scripts/*/versions': async (account, [name = ''], request) => {
    account.findScript(name)
    const { id } = await account.addVersion(name, await request.form())
    return { id, startup_time_ms: 10, resources: { script: { etag: id } } }
  },
  'PATCH /workers/scripts/*/script-settings': async (account, [name = ''], request) =>
    Object.assign(account.findScript(name), { tags: (await request.json<{ tags?: string[] }>()).tags ?? [] }).tags,
  'PUT /workers/scripts/*/schedules': async (account, [name = ''], request) => {
    const crons = (await request.json<{ cron: string }[]>()).map(({ cron }) => cron)
    account.findScript(name).crons = crons
    return { schedules: crons.map((cron) => ({ cron })) }
  },
  'POST /workers/scripts/*/subdomain': async (account, [name = ''], request) =>
    Object.assign(account.findScript(name).subdomain, await request.json()),

  'POST /workers/scripts/*/assets-upload-session': async (account, _, request) =>
    account.startAssets((await request.json<{ manifest: Record<string, { hash: string; size: number }> }>()).manifest),
  'POST /workers/assets/upload': async (account, _, request) => {
    const form = await request.form()
    for (const [hash, file] of form) {
      const { type } = file as File
      account.assets.set(hash, { type, content: Buffer.from(await (file as File).text(), 'base64') })
    }
    return { jwt: request.headers.get('Authorization')?.replace(/^Bearer /, '') }
  },
}

function withoutSecret(binding: Binding): Binding {
  return binding.type === 'secret_text' ? { name: binding.name, type: binding.type } : binding
}

const COMPILED = Object.entries(ROUTES).map(([route, handler]) => {
  const [method = '', path = ''] = route.split(' ')
  return { method, pattern: new RegExp(`^${path.replaceAll('*', '([^/]+)')}$`), route, handler }
})

/** @param path the path below `/accounts/{id}` @returns the name of the route, and a function that runs it */
export function findRoute(method: string, path: string) {
  for (const { method: own, pattern, route, handler } of COMPILED) {
    const params = own === method ? pattern.exec(path)?.slice(1).map(decodeURIComponent) : undefined
    if (params) return { route, run: (account: Account, request: ApiRequest) => handler(account, params, request) }
  }
  const unknown = new ApiError(404, 7003, `Could not route to ${method} ${path}. The stand-in does not know this call.`)
  return {
    route: null,
    run: () => {
      throw unknown
    },
  }
}
