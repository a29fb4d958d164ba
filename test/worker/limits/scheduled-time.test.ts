import { createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import worker from '../../../src'
import { laterOffTurn } from '../../support/fixtures'
import { World } from '../../support/world'

const DAYS_MS = 3 * 86_400_000

const storedAnswers = () => env.DB.prepare('select count(*) as count from idempotency_keys').first<number>('count')

/** Stored responses to requests with an Idempotency-Key are removed after a day. */
it('the cron job ignores a scheduled time in the future', async () => {
  const world = new World()
  const key = { 'Idempotency-Key': crypto.randomUUID() }
  expect((await world.api('POST', '/api/comments', { name: 'Ada', body: 'Hi' }, key)).status).toBe(201)
  const scheduledTime = new Date(Date.now() + DAYS_MS)
  await worker.scheduled(createScheduledController({ scheduledTime, cron: '* * * * *' }) as never, world.env)
  expect(await storedAnswers()).toBe(1)
  await world.sweep(laterOffTurn(DAYS_MS), 'old_keys')
  expect(await storedAnswers()).toBe(0)
})
