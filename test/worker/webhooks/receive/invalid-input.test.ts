import { describe, expect, it } from 'vitest'
import { aSource, post } from '../../../support/sources'
import { World } from '../../../support/world'

describe('the API, given unusual input,', () => {
  it.each(['since=1969-12-31T00:00:00Z', 'until=1960-01-01T00:00:00Z'])('lists messages with %s', async (query) => {
    expect((await new World().api('GET', `/api/inbound?${query}`)).status).toBe(200)
  })

  it('returns 422 for a sample if the secret is not a valid key', async () => {
    const world = new World()
    const { id } = await aSource(world, 'standard-webhooks', { secret: 'not base64!' })
    const answer = await world.api('POST', `/api/sources/${id}/sample`)
    expect(answer).toMatchObject({ status: 422, body: { code: 'bad_secret' } })
  })

  it.each<[object, string]>([
    [{ body_base64: 'QR==' }, 'body_base64'],
    [{ body_base64: 'QQ==', body: 'A' }, 'body_base64'],
  ])('returns 422 for a replay with %j, and names %s', async (more, path) => {
    const world = new World()
    const { path: address } = await aSource(world, 'unsigned')
    const { body } = await post(world, address, '{}')
    const to = 'http://127.0.0.1:1/'
    const answer = await world.api<{ errors: { path: string }[] }>('POST', `/api/inbound/${body.id}/replay`, {
      to,
      ...more,
    })
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((error) => error.path)).toContain(path)
  })

  it('returns 422 for a custom scheme that signs a timestamp without naming its header', async () => {
    const answer = await new World().api<{ errors: { path: string }[] }>('POST', '/api/sources', {
      name: 'Custom',
      provider: 'custom-hmac',
      secret: 'hush',
      options: { header: 'x-sig', signed: '{timestamp}.{body}' },
    })
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map(({ path }) => path)).toEqual(['options'])
  })
})
