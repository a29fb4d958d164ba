import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { CHORES } from '../../../src/sweep'
import { laterOffTurn } from '../../support/fixtures'
import { World } from '../../support/world'

/** Stored responses to requests with an Idempotency-Key are removed after a day. */
async function storedAnswers(world: World): Promise<number> {
  const key = { 'Idempotency-Key': crypto.randomUUID() }
  expect((await world.api('POST', '/api/comments', { name: 'Ada', body: 'Hi' }, key)).status).toBe(201)
  // When everything is due at once, a chore waits until it comes first: each minute, another one does.
  for (let minute = 0; minute < Object.keys(CHORES).length; minute++)
    await world.sweep(laterOffTurn(3 * 86_400_000 + minute * 60_000))
  return (await env.DB.prepare('select count(*) as count from idempotency_keys').first<number>('count')) ?? -1
}

it('the cron job ignores a scheduled time in the future, unless the time is simulated', async () => {
  expect(await storedAnswers(new World({ SIMULATED_TIME: '' }))).toBe(1)
  expect(await storedAnswers(new World())).toBe(0)
})
