import { expect, it } from 'vitest'
import { MAX_WAIT_SECONDS, POLL_EVERY_MS } from '../../../../src/owner/rules/mcp/wait'
import { aSource, githubPost, STAR } from '../../../support/sources'
import { World } from '../../../support/world'
import { aKey } from '../../access/a-key'
import { aClient, use } from './a-client'

type Found = { data: { id: string; source_id: string }[] }

it('a wait returns a message that arrives while it waits, of the source that was asked for', async () => {
  const world = new World()
  const [source, other] = [await aSource(world, 'github', { secret: 'hush' }), await aSource(world, 'unsigned')]
  const client = await aClient(world)
  const waiting = use<Found>(client, 'wait_for_inbound', { source: source.id, seconds: 20 })
  await world.request(other.path, { method: 'POST', body: 'not this one' })
  await githubPost(world, source.path, 'hush', STAR)
  const { result } = await waiting
  expect(result.data.map(({ source_id }) => source_id)).toEqual([source.id])
})

it('a wait after a message returns what has arrived since, oldest first, without waiting', async () => {
  const world = new World()
  const source = await aSource(world, 'unsigned')
  const send = async (body: string) =>
    (await (await world.request(source.path, { method: 'POST', body })).json<{ id: string }>()).id
  const [after, first, second] = [await send('1'), await send('2'), await send('3')]
  const client = await aClient(world)
  const { result, notice } = await use<Found>(client, 'wait_for_inbound', { after })
  expect(result.data.map(({ id }) => id)).toEqual([first, second])
  expect(notice).toContain('Strangers wrote')
})

it('a wait in vain says that nothing arrived, and the longest one stays within the limits of the Free plan', async () => {
  const world = new World()
  const { key } = await aKey(world, ['read'])
  const client = await aClient(world, key)
  world.invocations.length = 0
  const pollsOf = (seconds: number) => Math.ceil((seconds * 1_000) / POLL_EVERY_MS) + 1
  expect((await use<Found>(client, 'wait_for_inbound', { seconds: 3 })).result).toEqual({ data: [], has_more: false })
  const times = pollsOf(MAX_WAIT_SECONDS) / pollsOf(3)
  expect(world.worst()).toBeGreaterThan(0)
  expect(world.worst() * times).toBeLessThanOrEqual(50)
  expect(world.worst(({ queries }) => queries) * times).toBeLessThanOrEqual(50)
})
