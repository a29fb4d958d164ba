import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, test as base, beforeAll, describe, expect } from 'vitest'
import type { Run } from './checkout'
import { type Clone, ManyAccounts } from './many-accounts'
import type { Account } from './stand-in/account'

/*
 * What `npm run deploy` refuses. Each refusal comes before anything in the account is changed.
 */

const accounts = new ManyAccounts(40)

beforeAll(() => accounts.start())
afterAll(() => accounts.end())

const it = base.extend<{ clone: Clone }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern what a fixture needs.
  clone: ({}, use) => accounts.with(use),
})

function contentsOf({ databases, queues, scripts, assets }: Account): string {
  return JSON.stringify([databases, queues, [...scripts], [...assets]])
}

/** Deploys without a terminal, and without questions. */
function deploy({ checkout, cloudflare }: Clone, env?: Record<string, string>, args = ['--yes']): Promise<Run> {
  return checkout.deploy(cloudflare, args, env)
}

/** Runs a deployment that must be refused. @returns its output */
async function refused(clone: Clone, message: RegExp, { code = 1, run = deploy(clone) } = {}): Promise<string> {
  const before = contentsOf(clone.account)
  const result = await run
  expect(result.output).toMatch(message)
  expect(result.output).toMatch(/Nothing was changed/)
  expect(result.code).toBe(code)
  expect(contentsOf(clone.account)).toBe(before)
  return result.output
}

describe.concurrent('npm run deploy asks nobody', () => {
  it('and says how to continue, if there is no terminal and no --yes', async ({ clone }) => {
    const run = deploy(clone, {}, [])
    const output = await refused(clone, /no terminal.*npm run deploy -- --yes/s, { run, code: 2 })
    expect(output).not.toMatch(/SECRETS_KEY|admin token/i)
    expect(clone.checkout.secrets()).toBeNull()
  })

  it('which of several accounts is meant, if there is no terminal', async ({ clone }) => {
    clone.cloudflare.otherAccounts = [{ id: 'b'.repeat(32), name: 'Employer' }]
    const output = await refused(clone, /CLOUDFLARE_ACCOUNT_ID/, { code: 2 })
    expect(output).toContain(`Employer (${'b'.repeat(32)})`)
    const run = await deploy(clone, { CLOUDFLARE_ACCOUNT_ID: clone.account.id })
    expect(run.code, run.output).toBe(0)
  })

  it('to accept an option that it does not know', async ({ clone }) => {
    const run = await deploy(clone, {}, ['--location', 'mars'])
    expect(run.output).toMatch(/one of weur/)
    expect(run.code).toBe(2)
  })
})

describe.concurrent('a login', () => {
  it('that Cloudflare rejects changes nothing, and no secret is generated', async ({ clone }) => {
    const run = deploy(clone, { CLOUDFLARE_API_TOKEN: 'revoked' })
    await refused(clone, /"npx wrangler login".*"npm run deploy"/, { run })
    expect(clone.checkout.secrets()).toBeNull()
  })

  it('of wrangler that has expired and cannot be renewed is not mistaken for missing secrets', async ({ clone }) => {
    clone.checkout.logIn('old', '2020-01-01T00:00:00.000Z')
    const run = deploy(clone, { CLOUDFLARE_API_TOKEN: '', WRANGLER_TOKEN_URL: `${clone.cloudflare.url}/oauth2/token` })
    await refused(clone, /not logged in/, { run })
    expect(clone.checkout.secrets()).toBeNull()
  })

  it('that expires during the upload leaves the secrets in the private file, for the next run', async ({ clone }) => {
    clone.cloudflare.fault = { route: 'PUT /workers/scripts/*', number: 1, kind: 'login' }
    const run = await deploy(clone)
    expect(run.code, run.output).toBe(1)
    expect(run.output).toMatch(/same secrets/)
    const kept = clone.checkout.secrets()
    clone.cloudflare.fault = null
    expect((await deploy(clone)).code).toBe(0)
    expect(clone.checkout.secrets()).toEqual(kept)
  })
})

describe.concurrent('a name that is taken', () => {
  it('by another Worker is not overwritten', async ({ clone }) => {
    clone.account.addWorker('guesthook', [{ name: 'API', type: 'plain_text', text: 'x' }])
    const output = await refused(clone, /Worker named "guesthook"/)
    expect(output).toContain('in wrangler.toml, replace "guesthook"')
  })

  it('by the database of another program is not migrated', async ({ clone: { account, ...rest } }) => {
    const { uuid } = account.createDatabase({ name: 'guesthook' })
    await account.query(uuid, 'create table customers (id integer primary key)')
    await refused({ account, ...rest }, /database named "guesthook".*another program/)
    const books = "select name from sqlite_master where type = 'table' and name = 'books'"
    expect(await account.query(uuid, books)).toMatchObject([{ results: [] }])
  })

  it('by a queue of another Worker is not attached', async ({ clone }) => {
    const { queue_id } = clone.account.createQueue({ queue_name: 'guesthook-inbound' })
    clone.account.addWorker('shop', [])
    clone.account.createConsumer(queue_id, { type: 'worker', script_name: 'shop', settings: {} })
    await refused(clone, /queue named "guesthook-inbound".*Worker "shop"/)
  })

  it('by the database of a first guestbook is not used by a second one, although its ID is still in wrangler.toml', async ({
    clone,
  }) => {
    const { account, checkout } = clone
    expect((await deploy(clone)).code).toBe(0)
    const [{ uuid } = { uuid: '' }] = account.databases
    checkout.configure('database_name = "guesthook"', `database_name = "guesthook"\ndatabase_id = "${uuid}"`)
    expect((await deploy(clone)).code).toBe(0)
    for (const key of ['name', 'queue']) checkout.configure(`${key} = "guesthook`, `${key} = "book-of-ada`)
    await refused(clone, /remove `database_id`/)
    checkout.configure(`database_id = "${uuid}"`, '')
    const run = await deploy(clone)
    expect(run.code, run.output).toBe(0)
    expect(account.deployedVersion('book-of-ada').bindings).not.toContainEqual(expect.objectContaining({ id: uuid }))
  })

  it('can be replaced in wrangler.toml, and then two guestbooks share nothing', async ({ clone }) => {
    const { account, checkout } = clone
    expect((await deploy(clone)).code).toBe(0)
    for (const key of ['name', 'queue']) checkout.configure(`${key} = "guesthook`, `${key} = "book-of-ada`)
    const run = await deploy(clone)
    expect(run.code, run.output).toBe(0)
    expect(account.databases.map(({ name }) => name)).toEqual(['guesthook', 'book-of-ada'])
    expect(account.queues.map(({ consumers }) => consumers.map(({ script }) => script))).toEqual([
      ...Array(3).fill(['guesthook']),
      ...Array(3).fill(['book-of-ada']),
    ])
    const namespaces = ['guesthook', 'book-of-ada'].flatMap((name) =>
      account.deployedVersion(name).bindings.flatMap(({ namespace_id }) => namespace_id ?? [])
    )
    expect(new Set(namespaces).size).toBe(8)
  })
})

describe.concurrent('an account without a subdomain on workers.dev', () => {
  it('is refused before anything is created, with a link to the page that creates one', async ({ clone }) => {
    clone.account.subdomain = null
    const page = `dash.cloudflare.com/${clone.account.id}/workers/onboarding`
    expect(await refused(clone, /no workers.dev subdomain/)).toContain(page)
  })

  it('can use a custom domain alone', async ({ clone }) => {
    clone.account.subdomain = null
    clone.checkout.configure('workers_dev = true', 'workers_dev = false')
    const run = await deploy(clone, {}, ['--yes', '--public-url', 'https://guestbook.example.com'])
    expect(run.code, run.output).toBe(0)
    const { bindings } = clone.account.deployedVersion('guesthook')
    expect(bindings).toContainEqual({ name: 'PUBLIC_URL', type: 'plain_text', text: 'https://guestbook.example.com' })
    expect((await deploy(clone, {}, [])).output).toContain('at https://guestbook.example.com')
  })

  it('cannot use an address that is not an origin', async ({ clone }) => {
    const run = deploy(clone, {}, ['--yes', '--public-url', 'https://example.com/guestbook'])
    await refused(clone, /origin|look like/, { run })
  })
})

describe.concurrent('secrets', () => {
  it('in the private file that are placeholders are refused', async ({ clone }) => {
    const folder = join(clone.checkout.folder, '.deploy')
    const file = join(folder, `guesthook-${clone.account.id}.json`)
    mkdirSync(folder)
    writeFileSync(file, JSON.stringify({ ADMIN_TOKEN: 'change-me-to-something-long' }))
    expect(await refused(clone, /placeholder/)).toContain(file)
  })

  it('are not generated on a build machine, which would lose them', async ({ clone }) => {
    const run = deploy(clone, { CI: 'true' })
    await refused(clone, /no ADMIN_TOKEN.*wrangler secret put ADMIN_TOKEN/s, { run })
    expect(clone.checkout.secrets()).toBeNull()
  })

  it('are not generated for a database with secrets, which need the old SECRETS_KEY', async ({ clone }) => {
    const { uuid } = clone.account.createDatabase({ name: 'guesthook' })
    const tables = ['books', 'comments', 'messages', 'deliveries', 'endpoints']
    await clone.account.query(uuid, tables.map((name) => `create table ${name} (id text)`).join(';'))
    await clone.account.query(uuid, "insert into endpoints values ('ep_1')")
    await refused(clone, /decrypt.*wrangler secret put SECRETS_KEY/s)
  })

  it('that the owner has stored before the first deployment are kept', async ({ clone }) => {
    const secrets = [
      { name: 'ADMIN_TOKEN', type: 'secret_text', text: 'chosen-by-the-owner-herself' },
      { name: 'SECRETS_KEY', type: 'secret_text', text: btoa('0123456789abcdef0123456789abcdef') },
    ]
    clone.account.addWorker('guesthook', secrets)
    const run = await deploy(clone, { CI: 'true' }, [])
    expect(run.code, run.output).toBe(0)
    expect(clone.account.deployedVersion('guesthook').bindings).toEqual(expect.arrayContaining(secrets))
    expect(clone.checkout.secrets()).toBeNull()
  })
})

describe.concurrent('in a terminal', () => {
  it('it asks where to create the database, and asks for an admin token until the token is acceptable', async ({
    clone,
  }) => {
    const { account, checkout, cloudflare } = clone
    const run = await checkout.deployInTerminal(cloudflare, [
      [/visitors/, 'oc'],
      [/Choose .*token/, 'changeme'],
      [/20 characters/, 'chosen-by-the-owner-herself'],
    ])
    expect(run.code, run.output).toBe(0)
    expect(account.databases).toMatchObject([{ primary_location_hint: 'oc' }])
    const kept = checkout.secrets()?.values
    expect(kept?.ADMIN_TOKEN).toBe('chosen-by-the-owner-herself')
    const { bindings } = account.deployedVersion('guesthook')
    expect(bindings).toContainEqual({ name: 'ADMIN_TOKEN', type: 'secret_text', text: 'chosen-by-the-owner-herself' })
    expect(run.output).not.toContain(kept?.SECRETS_KEY)
  })

  it('the end of the input does not count as an answer', async ({ clone }) => {
    const run = clone.checkout.deployInTerminal(clone.cloudflare, [[/visitors/, '\u0004']])
    await refused(clone, /terminal was closed/, { run, code: 2 })
  })
})
