import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Received } from '../support/receiver'
import { ROOT, type Run } from './checkout'
import { Deployment } from './deployment'
import type { DeployedWorker } from './stand-in/deployed'

/*
 * `npm run deploy`, run by real wrangler against a stand-in for Cloudflare's API, and then the guestbook that it
 * deployed: first with the login of wrangler, then with a token. The tests of a file run in order, as a person would do
 * it.
 */

const QUEUES = ['guesthook-fresh', 'guesthook-patient', 'guesthook-inbound']

let deployment: Deployment
let first: Run
let guestbook: DeployedWorker

beforeAll(async () => {
  deployment = await Deployment.begin(ROOT)
  const { checkout, cloudflare } = deployment
  checkout.logIn(cloudflare.token)
  first = await checkout.deploy(cloudflare, ['--yes', '--location', 'weur'], { CLOUDFLARE_API_TOKEN: '' })
}, 120_000)

afterAll(() => deployment.end())

async function api<T>(path: string, body: unknown): Promise<T> {
  const token = deployment.checkout.secrets()?.values.ADMIN_TOKEN
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  const response = await guestbook.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(response.status, await response.clone().text()).toBeLessThan(300)
  return (await response.json()) as T
}

const homePage = async () => (await guestbook.fetch('/')).text()

describe('the first deployment', () => {
  it('succeeds, and says what it created and what to do next', () => {
    expect(first.output).toContain('deployed: https://guesthook.ada.workers.dev')
    expect(first.output).toMatch(/Created: .*guesthook \(weur\), .*guesthook-fresh/)
    expect(first.output).toContain('https://guesthook.ada.workers.dev/healthz')
    expect(first.code).toBe(0)
  })

  it('creates one database in the chosen place, three queues with a consumer each, and the cron trigger', () => {
    expect(deployment.account.databases).toMatchObject([{ name: 'guesthook', primary_location_hint: 'weur' }])
    expect(deployment.account.queues.map(({ queue_name }) => queue_name)).toEqual(QUEUES)
    const settings = deployment.account.queues.map(({ consumers }) =>
      consumers.map((one) => [one.script, one.settings])
    )
    const seconds = (retry_delay: number) => ({ batch_size: 1, max_retries: 3, max_wait_time_ms: 0, retry_delay })
    expect(settings).toEqual([5, 30, 5].map((delay) => [['guesthook', seconds(delay)]]))
    expect(deployment.account.findScript('guesthook').crons).toEqual(['* * * * *'])
  })

  it('serves workers.dev, and no preview URLs, which would let old versions use the database', () => {
    expect(deployment.account.findScript('guesthook').subdomain).toEqual({ enabled: true, previews_enabled: false })
  })

  it('deploys the secrets in the private file, which only its owner can read, and shows none of them', () => {
    const kept = deployment.checkout.secrets()
    const deployed = deployment.account
      .deployedVersion('guesthook')
      .bindings.filter(({ type }) => type === 'secret_text')
    expect(Object.fromEntries(deployed.map(({ name, text }) => [name, text]))).toEqual(kept?.values)
    expect(Object.keys(kept?.values ?? {}).toSorted()).toEqual(['ADMIN_TOKEN', 'SECRETS_KEY'])
    expect(kept?.mode).toBe(0o600)
    for (const value of Object.values(kept?.values ?? {})) expect(first.output).not.toContain(value)
  })

  it('tells the Worker its public address', () => {
    const url = deployment.account.deployedVersion('guesthook').bindings.find(({ name }) => name === 'PUBLIC_URL')
    expect(url?.text).toBe('https://guesthook.ada.workers.dev')
  })
})

describe('the deployed guestbook', () => {
  const github = { provider: 'github', secret: 'hush', act: 'sign' }
  const template = { name: '{{sender.login}}', body: 'starred {{repository.full_name}}' }
  let endpoint: { secret: string }

  beforeAll(async () => {
    guestbook = await deployment.run('guesthook')
    endpoint = await api('/api/endpoints', {
      url: 'https://receiver.example/deployed/ok',
      event_types: ['comment.*'],
    })
  }, 60_000)

  it('is healthy, serves its style sheet, and reads a file of its own', async () => {
    const health = await guestbook.fetch('/healthz')
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
    expect((await guestbook.fetch('/guestbook.css')).headers.get('Content-Type')).toContain('text/css')
    expect((await guestbook.fetch('/api/providers')).status).toBe(200)
  })

  it('can be signed, and delivers a webhook that the standardwebhooks library verifies', async () => {
    const form = new URLSearchParams({ name: 'Ada', body: 'Hello from a deployment' })
    const signed = await guestbook.fetch('/sign', { method: 'POST', body: form, redirect: 'manual' })
    expect(signed.status).toBe(303)
    const arrived = () => deployment.receiver.received('deployed')
    await deployment.eventually(() => expect(arrived()).toHaveLength(1))
    // The first entry of a guest waits. The event about it has a link with a button that publishes it.
    const held = JSON.parse(Buffer.from(arrived()[0]?.body ?? '', 'latin1').toString())
    const button = new URL(held.data.moderation.approve_url).pathname
    const headers = { Origin: 'https://guesthook.ada.workers.dev' }
    expect((await guestbook.fetch(button, { method: 'POST', headers })).status).toBe(200)
    expect(await homePage()).toContain('Hello from a deployment')
    await deployment.eventually(() => expect(arrived()).toHaveLength(2))
    const request = arrived()[1] as Received
    const payload = new Webhook(endpoint.secret).verify(Buffer.from(request.body, 'latin1').toString(), request.headers)
    expect(payload).toMatchObject({
      type: 'comment.published',
      data: { comment: { body: 'Hello from a deployment' }, book: { url: 'https://guesthook.ada.workers.dev/' } },
    })
  })

  it('accepts a signed webhook, which becomes an entry', async () => {
    const source = await api<{ url: string }>('/api/sources', { name: 'Stars', ...github, template })
    expect(source.url).toMatch(/^https:\/\/guesthook\.ada\.workers\.dev\/in\//)
    const body = JSON.stringify({ sender: { login: 'grace' }, repository: { full_name: 'grace/compiler' } })
    const signature = createHmac('sha256', github.secret).update(body).digest('hex')
    const headers = {
      'Content-Type': 'application/json',
      'X-GitHub-Event': 'star',
      'X-GitHub-Delivery': '1',
      'X-Hub-Signature-256': `sha256=${signature}`,
    }
    const response = await guestbook.fetch(new URL(source.url).pathname, { method: 'POST', headers, body })
    expect(response.status).toBe(202)
    await deployment.eventually(async () => expect(await homePage()).toContain('starred grace/compiler'))
  })

  it('runs the sweep when its cron trigger fires', async () => {
    guestbook.logs = []
    expect(await guestbook.runCrons()).toEqual(['ok'])
    await deployment.eventually(() => expect(guestbook.logs.map(({ event }) => event)).toContain('sweep.finished'))
    expect(guestbook.logs.filter((line) => 'error' in line)).toEqual([])
  })
})

describe('the second deployment', () => {
  let second: Run
  let before: Record<string, string> | undefined

  beforeAll(async () => {
    before = deployment.checkout.secrets()?.values
    deployment.cloudflare.calls = []
    second = await deployment.checkout.deploy(deployment.cloudflare, [])
  }, 60_000)

  it('needs no answers, and creates nothing twice', () => {
    expect(second.output).toMatch(/Created: nothing.*\n.*secrets.* not changed/)
    expect(second.code).toBe(0)
    const created = deployment.cloudflare.calls
      .map(({ route }) => route)
      .filter((route) => /^POST \/(queues|d1\/database)/.test(route))
    expect([...new Set(created)]).toEqual(['POST /d1/database/*/query'])
    expect(deployment.account.databases).toHaveLength(1)
    expect(deployment.account.queues.map(({ queue_name, consumers }) => [queue_name, consumers.length])).toEqual(
      QUEUES.map((name) => [name, 1])
    )
  })

  it('uploads no secret, and keeps the secrets that were there', () => {
    const { metadata, bindings } = deployment.account.deployedVersion('guesthook')
    expect(metadata.bindings.filter(({ type }) => type === 'secret_text')).toEqual([])
    const secrets = bindings.filter(({ type }) => type === 'secret_text').map(({ name, text }) => [name, text])
    expect(Object.fromEntries(secrets)).toEqual(before)
    expect(deployment.checkout.secrets()?.values).toEqual(before)
  })

  it('keeps the entries', async () => {
    guestbook = await deployment.run('guesthook')
    expect(await homePage()).toContain('Hello from a deployment')
    await api('/api/comments', { name: 'Ada', body: 'Still here' })
    await deployment.eventually(() => expect(deployment.receiver.received('deployed').length).toBeGreaterThanOrEqual(4))
  })
})

it('a deployment after a queue was deleted creates it again, with its consumer', async () => {
  deployment.account.queues = deployment.account.queues.filter(({ queue_name }) => queue_name !== QUEUES[2])
  const third = await deployment.checkout.deploy(deployment.cloudflare, [])
  expect(third.output).toMatch(/Created: .*guesthook-inbound\n.*secrets.* not changed/)
  expect(third.code).toBe(0)
  const consumers = deployment.account.queues.map(({ queue_name, consumers }) => [queue_name, consumers[0]?.script])
  expect(consumers).toEqual(QUEUES.map((name) => [name, 'guesthook']))
})
