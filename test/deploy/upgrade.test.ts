import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Run } from './checkout'
import { Deployment } from './deployment'

/*
 * A guestbook of an earlier version, with data, is upgraded. test/worker/upgrades/upgrades.test.ts examines the database of
 * each earlier version; here, `npm run deploy` migrates one of them, and the deployed Worker works with it.
 */

const FIXTURE = join(import.meta.dirname, '../fixtures/upgrades/745e7cf-inbound.sql')
const SEPARATOR = '\n--> statement-breakpoint\n'
/** The secrets of the earlier deployment. */
const SECRETS = { ADMIN_TOKEN: 'test-admin-token', SECRETS_KEY: btoa('0123456789abcdef0123456789abcdef') }

interface Facts {
  receiver: string
  comment: string
  endpoint: { id: string; secret: string }
  inbound: { kept: { path: string; secret: string } }
}

const text = readFileSync(FIXTURE, 'utf8')
const head = text.split('\n').filter((line) => line.startsWith('-- '))
const facts = JSON.parse(
  head
    .slice(1)
    .map((line) => line.slice(3))
    .join('\n')
) as Facts

let deployment: Deployment
let run: Run

beforeAll(async () => {
  deployment = await Deployment.begin()
  const { account, checkout, cloudflare } = deployment
  const { uuid } = account.createDatabase({ name: 'guesthook' })
  const receiver = 'https://receiver.example/upgrade'
  const statements = text.slice(head.join('\n').length).replaceAll(facts.receiver, receiver).split(SEPARATOR)
  await account.runtime.run(uuid, statements)
  const secrets = Object.entries(SECRETS).map(([name, value]) => ({ name, type: 'secret_text', text: value }))
  account.addWorker('guesthook', [{ name: 'DB', type: 'd1', id: uuid }, ...secrets])
  run = await checkout.deploy(cloudflare, [])
}, 120_000)

afterAll(() => deployment.end())

it('succeeds without a question, and does not touch the secrets', () => {
  expect(run.output).toMatch(/secrets.* not changed/)
  expect(run.code).toBe(0)
  const { bindings } = deployment.account.deployedVersion('guesthook')
  for (const [name, value] of Object.entries(SECRETS)) {
    expect(bindings).toContainEqual({ name, type: 'secret_text', text: value })
  }
  expect(deployment.checkout.secrets()).toBeNull()
})

it('keeps entries, receivers with their secrets, and the addresses of sources', async () => {
  const guestbook = await deployment.run('guesthook')
  expect((await guestbook.fetch('/healthz')).status).toBe(200)
  expect((await guestbook.fetch(`/comments/${facts.comment}`)).status).toBe(200)

  const comment = JSON.stringify({ name: 'Ada', body: 'after the upgrade' })
  const headers = { 'Content-Type': 'application/json' }
  expect((await guestbook.fetch('/api/comments', { method: 'POST', headers, body: comment })).status).toBe(201)
  const webhook = new Webhook(facts.endpoint.secret)
  await deployment.eventually(() => {
    const sent = deployment.receiver.received('upgrade').filter(({ body }) => body.includes('after the upgrade'))
    expect(sent.filter((request) => isVerified(webhook, request))).toHaveLength(1)
  })

  const { path, secret } = facts.inbound.kept
  const body = JSON.stringify({ action: 'created' })
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  const signed = { ...headers, 'X-GitHub-Event': 'star', 'X-GitHub-Delivery': 'new', 'X-Hub-Signature-256': signature }
  expect((await guestbook.fetch(path, { method: 'POST', headers: signed, body })).status).toBe(202)

  guestbook.logs = []
  expect(await guestbook.runCrons()).toEqual(['ok'])
  await deployment.eventually(() => expect(guestbook.logs.map(({ event }) => event)).toContain('sweep.finished'))
  expect(guestbook.logs.filter((line) => 'error' in line)).toEqual([])
})

/** The earlier deployment had several endpoints, each with its own secret. */
function isVerified(webhook: Webhook, { body, headers }: { body: string; headers: Record<string, string> }): boolean {
  try {
    webhook.verify(Buffer.from(body, 'latin1').toString(), headers)
    return true
  } catch {
    return false
  }
}
