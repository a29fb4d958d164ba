import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Clone, ManyAccounts } from './many-accounts'
import type { Account } from './stand-in/account'
import type { Fault } from './stand-in/cloudflare'
import type { Binding } from './stand-in/upload'

/*
 * Cloudflare's API fails at a call, and keeps failing there, so that wrangler's own retries do not help. Then the
 * person runs `npm run deploy` again. In CI, a sample of the calls fails; `npm run deploy:matrix` makes every one of
 * them fail in both ways, each in an account of its own, in about ten minutes.
 */
const IS_FULL = process.env.DEPLOY_MATRIX === 'full'

/** The calls of a first deployment, and how often each is made. `query` depends on the number of migrations. */
const ROUTES = [
  'GET /accounts',
  'GET /workers/subdomain',
  'GET /workers/scripts/*/settings',
  'GET /workers/scripts/*/secrets',
  'GET /d1/database/*',
  'GET /queues',
  'POST /d1/database',
  'POST /queues',
  'POST /d1/database/*/query',
  'GET /workers/services/*',
  'GET /workers/scripts/*/deployments',
  'POST /workers/scripts/*/assets-upload-session',
  'POST /workers/assets/upload',
  'PUT /workers/scripts/*',
  'GET /workers/workers/*',
  'POST /workers/scripts/*/subdomain',
  'PUT /workers/scripts/*/schedules',
  'POST /queues/*/consumers',
]

/**
 * Every change, and the reads whose failure could be mistaken for something else, such as missing secrets. In one
 * account, the calls of a list fail in turn, each in a run of its own, so each must come after those before it.
 */
const SAMPLE = [
  ['POST /d1/database', 'POST /queues', 'POST /d1/database/*/query'],
  [
    'GET /workers/scripts/*/secrets',
    'POST /workers/scripts/*/assets-upload-session',
    'POST /workers/assets/upload',
    'PUT /workers/scripts/*',
    'GET /workers/workers/*',
    'POST /workers/scripts/*/subdomain',
    'POST /queues/*/consumers',
    'PUT /workers/scripts/*/schedules',
  ],
  ['GET /queues'],
]

const accounts = new ManyAccounts(100)

/** What an account contains, without what differs between two accounts. */
async function contentsOf(account: Account) {
  const script = account.findScript('guesthook')
  const { bindings } = account.deployedVersion('guesthook')
  const [database] = account.databases
  const select = async (sql: string) => (await account.query(database?.uuid ?? '', sql)).map(({ results }) => results)
  return {
    databases: account.databases.map(({ name }) => name),
    tables: await select('select name, sql from sqlite_master order by name'),
    migrations: await select('select name from d1_migrations'),
    queues: account.queues.map(({ queue_name, consumers }) => [queue_name, consumers]),
    bindings: bindings.map(withoutDifferences).toSorted((a, b) => a.name.localeCompare(b.name)),
    assets: [...account.assets.keys()].toSorted(),
    crons: script.crons,
    subdomain: script.subdomain,
  }
}

function withoutDifferences({ id, text, ...rest }: Binding) {
  return rest.type === 'secret_text' ? rest : { ...rest, text }
}

function deployedSecrets(account: Account) {
  const { bindings } = account.deployedVersion('guesthook')
  return Object.fromEntries(bindings.filter(({ type }) => type === 'secret_text').map(({ name, text }) => [name, text]))
}

let clean: Awaited<ReturnType<typeof contentsOf>>
let counts: Map<string, number>

beforeAll(async () => {
  await accounts.start()
  await accounts.with(async ({ account, cloudflare, checkout }) => {
    const run = await checkout.deploy(cloudflare, ['--yes'])
    expect(run.code, run.output).toBe(0)
    clean = await contentsOf(account)
    counts = new Map(cloudflare.calls.map(({ route, number }) => [route, number]))
  })
}, 120_000)

afterAll(() => accounts.end())

/** Deploys once with each fault, and then without. */
async function deployAgain({ account, cloudflare, checkout }: Clone, faults: Fault[]) {
  let kept: ReturnType<typeof checkout.secrets> = null
  let log = ''
  for (const fault of faults) {
    Object.assign(cloudflare, { fault, calls: [] })
    const broken = await checkout.deploy(cloudflare, ['--yes'])
    log += `${fault.kind} at ${fault.route} #${fault.number}\n${broken.output}\n`
    expect(cloudflare.calls, log).toContainEqual({ route: fault.route, number: fault.number })
    if (broken.code !== 0) expect(broken.output, log).toMatch(/Nothing was changed|Run "npm run deploy" again/)
    // Secrets that a run has kept are those that end up deployed, whether or not Cloudflare got them the first time.
    if (kept !== null) expect(checkout.secrets(), log).toEqual(kept)
    kept = checkout.secrets()
  }
  cloudflare.fault = null
  const mended = await checkout.deploy(cloudflare, ['--yes'])
  expect(mended.code, log + mended.output).toBe(0)
  expect(await contentsOf(account), log).toEqual(clean)
  expect(deployedSecrets(account), log).toEqual(checkout.secrets()?.values)
  if (kept !== null) expect(checkout.secrets(), log).toEqual(kept)
}

/** A lost response to a read has the same effect as an error. */
function faultsOf(route: string): Fault[] {
  const numbers = Array.from({ length: counts.get(route) ?? 0 }, (_, i) => i + 1)
  const kinds = route.startsWith('GET') ? (['error'] as const) : (['error', 'lost'] as const)
  return numbers.flatMap((number) => kinds.map((kind) => ({ route, number, kind })))
}

describe.concurrent('when the API fails', () => {
  it('at any of these calls, which are all that a first deployment makes,', () => {
    expect([...counts.keys()].toSorted()).toEqual(ROUTES.toSorted())
  })

  const next = 'the next run ends deployed, with the secrets that were kept'
  const options = { timeout: 900_000 }
  if (IS_FULL)
    it.each(ROUTES)(`at %s, ${next}`, options, async (route) => {
      for (const fault of faultsOf(route)) await accounts.with((clone) => deployAgain(clone, [fault]))
    })
  else
    it.each(SAMPLE.map((routes) => [routes]))(`at %j, each run gets further, and ${next}`, options, async (routes) => {
      const faults = routes.flatMap((route) => faultsOf(route).slice(-1))
      await accounts.with((clone) => deployAgain(clone, faults))
    })
})
