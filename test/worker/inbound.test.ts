import { describe, expect, it } from 'vitest'
import { aSource, githubPost, theBody, theInbound } from '../support/sources'
import { World } from '../support/world'

const STAR = '{"action":"created","sender":{"login":"ada"},"repository":{"full_name":"ada/engine"}}'

describe('the incoming journey', () => {
  it('stores, acknowledges, then verifies and processes', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const answer = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect(answer.status).toBe(202)
    expect(answer.body).toEqual({ id: expect.stringMatching(/^in_/) })
    expect(await theInbound(world, answer.body.id)).toMatchObject({ status: 'new', verified: null })
    await world.drain()
    expect(await theInbound(world, answer.body.id)).toMatchObject({
      source_id: source.id,
      provider: 'github',
      status: 'processed',
      reason: null,
      verified: true,
      event_type: 'star',
      external_id: 'd-1',
      repeats: 0,
      method: 'POST',
      path: source.path,
      query: '',
      size: STAR.length,
      log: [{ event: 'received' }, { event: 'processed', detail: 'Kept.' }],
    })
    expect(new TextDecoder().decode(await theBody(world, answer.body.id))).toBe(STAR)
  })
})
