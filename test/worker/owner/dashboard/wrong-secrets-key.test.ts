import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { freshToken, hashToken } from '../../../../src/kit/db/tokens'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { FORM, ownerBrowser } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { latestMessageId } from '../../../support/views'
import { World } from '../../../support/world'

/** A guestbook with an endpoint, a source and a message, whose SECRETS_KEY is then replaced. */
async function withWrongKey() {
  const world = new World()
  const box = mailbox()
  const endpoint = await anEndpoint(world, box.url('ok'))
  const source = await aSource(world, 'github', { secret: 'hush' })
  const { body: inbound } = await post(world, source.path, '{}', { 'X-Hub-Signature-256': 'sha256=00' })
  await aComment(world)
  await world.drain()
  const token = freshToken('link')
  await env.DB.prepare('update endpoints set manage_token_hash = ?1')
    .bind(await hashToken(token))
    .run()
  const message = await latestMessageId(world)
  const lost = new World({ SECRETS_KEY: btoa('k'.repeat(32)) })
  return { world: lost, box, endpoint, source, inbound, message, link: `/webhooks/manage/${token}` }
}

const WORDS = /SECRETS_KEY/

describe('a SECRETS_KEY that does not decrypt what is stored', () => {
  it.each([
    ['GET', 'secret'],
    ['POST', 'secret/rotate'],
    ['POST', 'test'],
    ['GET', 'messages?wait=3'],
  ])('makes %s /api/endpoints/{id}/%s respond with 503 and an explanation', async (method, path) => {
    const { world, endpoint, box } = await withWrongKey()
    const before = (await box.received()).length
    const answer = await world.api<{ detail: string }>(method, `/api/endpoints/${endpoint.id}/${path}`)
    expect(answer).toMatchObject({ status: 503, body: { code: 'secrets_key_wrong' } })
    expect(answer.body.detail).toMatch(WORDS)
    expect(await box.received()).toHaveLength(before)
  })

  it('does not leave a test in the log that was never sent', async () => {
    const { world, endpoint } = await withWrongKey()
    await world.api('POST', `/api/endpoints/${endpoint.id}/test`)
    const count = await env.DB.prepare('select count(*) as n from messages where audience is not null').first('n')
    expect(count).toBe(0)
  })

  it('leaves the pages of the dashboard readable', async () => {
    const { world, endpoint, source, inbound, message } = await withWrongKey()
    const { get } = await ownerBrowser(world)
    for (const path of [
      '/admin',
      '/admin/endpoints',
      `/admin/endpoints/${endpoint.id}`,
      `/admin/endpoints/${endpoint.id}/edit`,
      `/admin/messages/${message}/deliveries/${endpoint.id}`,
      `/admin/sources/${source.id}`,
      '/admin/inbound',
      '/admin/keys',
    ]) {
      const response = await get(path)
      expect([path, response.status]).toEqual([path, 200])
    }
    const shown = await get(`/admin/endpoints/${endpoint.id}?tab=secret&secret=show`)
    const html = await shown.text()
    expect(shown.status).toBe(503)
    expect(html).toMatch(WORDS)
    expect(html).toContain('Deliveries')
    // Without the secrets of its source, a message cannot be shown. The page says why.
    expect(await (await get(`/admin/inbound/${inbound.id}`)).text()).toMatch(WORDS)
    expect(await (await get('/admin/keys')).text()).toContain('SECRETS_KEY cannot decrypt')
  })

  it('is explained on the pages where the owner and the integrator press a button', async () => {
    const { world, endpoint, source, link } = await withWrongKey()
    const { submit } = await ownerBrowser(world)
    for (const [path, fields] of [
      [`/admin/endpoints/${endpoint.id}/secret/rotate`, { grace_seconds: '0' }],
      [`/admin/endpoints/${endpoint.id}/test`, { type: 'ping' }],
      [`/admin/sources/${source.id}/secret`, { secret: 'next', grace_seconds: '0' }],
    ] as const) {
      const page = await submit(path, fields)
      expect([path, page.status]).toEqual([path, 503])
      expect(page.text).toMatch(WORDS)
      expect(page.text).not.toContain('request_id')
    }
    for (const action of ['rotate', 'test']) {
      const body = 'grace_seconds=0'
      const page = await world.request(`${link}/${action}`, { method: 'POST', headers: FORM, body })
      expect([action, page.status]).toEqual([action, 503])
      const html = await page.text()
      expect(html).toMatch(WORDS)
      expect(html).toContain('Your endpoint')
    }
  })
})
