import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { latestMessageId } from '../../../support/views'
import { World } from '../../../support/world'

describe('an endpoint’s secret', () => {
  it('is encrypted at rest, and can be decrypted only in its own row', async () => {
    const world = new World()
    const a = await anEndpoint(world, mailbox().url())
    const b = await anEndpoint(world, mailbox().url())
    const rows = (
      await env.DB.prepare('select id, secrets from endpoints').all<{
        id: string
        secrets: string
      }>()
    ).results
    const stored = rows.map(({ secrets }) => secrets + atob(secrets))
    expect(stored).toHaveLength(2)
    expect(stored.filter((text) => text.includes(a.secret) || text.includes('whsec'))).toEqual([])
    await env.DB.prepare('update endpoints set secrets = (select secrets from endpoints where id = ?1) where id = ?2')
      .bind(a.id, b.id)
      .run()
    expect((await world.api('GET', `/api/endpoints/${b.id}/secret`)).status).toBe(503)
    expect((await world.api('GET', `/api/endpoints/${a.id}/secret`)).body).toMatchObject({
      secret: a.secret,
    })
  })

  it('causes a visible error and a retry if it cannot be decrypted, without losing the delivery', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    await aComment(world)
    world.env.SECRETS_KEY = btoa('another-key-another-key-another!')
    await world.drain()
    world.env.SECRETS_KEY = env.SECRETS_KEY
    const message = await latestMessageId(world)
    const { body } = await world.api('GET', `/api/messages/${message}/deliveries/${id}`)
    expect(body).toMatchObject({ status: 'pending', attempts: [{ error_class: 'sender_fault' }] })
    expect((await world.api('GET', `/api/endpoints/${id}`)).body).toMatchObject({
      health: { consecutive_failures: 0 },
    })
  })

  it('can be chosen by the owner', async () => {
    const world = new World()
    const secret = `whsec_${btoa('0123456789abcdef01234567')}`
    const endpoint = await anEndpoint(world, mailbox().url(), { secret })
    expect(endpoint.secret).toBe(secret)
  })
})
