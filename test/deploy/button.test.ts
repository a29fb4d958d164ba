import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from './deployment'

/*
 * "Deploy to Cloudflare": what the button reads from the repository, and then the deploy command, as Workers Builds
 * runs it. https://developers.cloudflare.com/workers/platform/deploy-buttons/
 */

interface RawConfig {
  secrets: { required: string[] }
  vars: Record<string, string>
  d1_databases: { binding: string }[]
  queues: { producers: { binding: string }[] }
}

const ROOT = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const config = parse(read('wrangler.toml')) as unknown as RawConfig
const { cloudflare: metadata, scripts } = JSON.parse(read('package.json')) as {
  cloudflare: { bindings: Record<string, { description: string }> }
  scripts: Record<string, string>
}
/** The lines of the example file that the button asks for. */
const asked = read('.dev.vars.example')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

describe('the button', () => {
  it('is in the README, with the address of a public repository', () => {
    const button =
      /\[!\[Deploy to Cloudflare\]\(https:\/\/deploy\.workers\.cloudflare\.com\/button\)\]\(https:\/\/deploy\.workers\.cloudflare\.com\/\?url=https:\/\/git(hub|lab)\.com\/[\w-]+\/[\w-]+\)/
    expect(read('README.md')).toMatch(button)
  })

  it('asks for the required secrets, and for nothing else', () => {
    expect(asked.map((line) => line.split('=')[0]).toSorted()).toEqual(config.secrets.required.toSorted())
  })

  it('suggests no value for a secret, because people would deploy it', () => {
    expect(asked.filter((line) => !line.endsWith('='))).toEqual([])
  })

  it('describes everything that it asks for or creates, and nothing else', () => {
    const names = [
      ...config.secrets.required,
      ...Object.keys(config.vars),
      ...config.d1_databases.map(({ binding }) => binding),
      ...config.queues.producers.map(({ binding }) => binding),
    ]
    expect(Object.keys(metadata.bindings).toSorted()).toEqual(names.toSorted())
    for (const { description } of Object.values(metadata.bindings)) expect(description).toMatch(/^.{10,200}$/)
  })

  it('suggests values for variables that are safe in production', () => {
    expect(config.vars).toMatchObject({ PUBLIC_URL: '', ALLOW_LOCAL_ENDPOINTS: 'false', FREE_PLAN: 'true' })
  })

  it('finds a build command and a deploy command', () => {
    expect(scripts).toMatchObject({ build: expect.any(String), deploy: expect.any(String) })
  })
})

describe('the deploy command in Workers Builds, after the owner has chosen all names,', () => {
  const secrets = [
    { name: 'ADMIN_TOKEN', type: 'secret_text', text: 'chosen-in-the-dashboard' },
    { name: 'SECRETS_KEY', type: 'secret_text', text: btoa('0123456789abcdef0123456789abcdef') },
  ]
  let deployment: Deployment

  beforeAll(async () => {
    deployment = await Deployment.begin()
    const { account, checkout } = deployment
    // Cloudflare creates the resources, writes their names and ids into wrangler.toml, and deploys an example.
    const { uuid } = account.createDatabase({ name: 'entries' })
    checkout.configure('database_name = "guesthook"', `database_name = "entries"\ndatabase_id = "${uuid}"`)
    for (const queue of ['fresh', 'patient', 'inbound']) {
      account.createQueue({ queue_name: `q-${queue}` })
      checkout.configure(`queue = "guesthook-${queue}"`, `queue = "q-${queue}"`)
    }
    account.addWorker('book-of-ada', [...secrets, { name: 'GREETING', type: 'plain_text', text: 'Hello World!' }])
  }, 60_000)

  afterAll(() => deployment.end())

  it('asks nothing, and deploys to the Worker of the build, with the secrets from the dashboard', async () => {
    const { account, checkout, cloudflare } = deployment
    const run = await checkout.deploy(cloudflare, [], {
      WORKERS_CI: '1',
      CI: 'true',
      WRANGLER_CI_OVERRIDE_NAME: 'book-of-ada',
      WRANGLER_CI_MATCH_TAG: account.findScript('book-of-ada').tag,
      CLOUDFLARE_ACCOUNT_ID: account.id,
    })
    expect(run.code, run.output).toBe(0)
    expect([...account.scripts.keys()]).toEqual(['book-of-ada'])
    expect(account.databases).toHaveLength(1)
    expect(account.queues.map(({ consumers }) => consumers.map(({ script }) => script))).toEqual(
      Array(3).fill(['book-of-ada'])
    )
    expect(account.deployedVersion('book-of-ada').bindings).toEqual(expect.arrayContaining(secrets))
    expect(checkout.secrets()).toBeNull()
  })

  it('deploys a guestbook that works with queues of these names', async () => {
    const guestbook = await deployment.run('book-of-ada')
    const headers = { Authorization: 'Bearer chosen-in-the-dashboard', 'Content-Type': 'application/json' }
    const source = {
      name: 'Stars',
      provider: 'github',
      secret: 'hush',
      act: 'sign',
      template: { name: 'Stars', body: 'a star' },
    }
    const created = await guestbook.fetch('/api/sources', { method: 'POST', headers, body: JSON.stringify(source) })
    const { url } = (await created.json()) as { url: string }
    expect(url).toMatch(/^https:\/\/book-of-ada\.ada\.workers\.dev\/in\//)
    const body = JSON.stringify({ action: 'created' })
    const signature = `sha256=${createHmac('sha256', 'hush').update(body).digest('hex')}`
    const signed = { 'Content-Type': 'application/json', 'X-GitHub-Event': 'star', 'X-GitHub-Delivery': '1' }
    const init = { method: 'POST', headers: { ...signed, 'X-Hub-Signature-256': signature }, body }
    expect((await guestbook.fetch(new URL(url).pathname, init)).status).toBe(202)
    await deployment.eventually(async () => expect(await (await guestbook.fetch('/')).text()).toContain('a star'))
  })
})
