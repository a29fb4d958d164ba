import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { withoutModeration } from '../../../support/session'
import { aSource, DAY, post } from '../../../support/sources'
import { World } from '../../../support/world'
import { aWorld, changeNetwork, endpoints, register, registered, submit } from '../../webhooks/registration/integrator'
import { exportAll, KEY, type Line, restore, wipe } from './backups'

/* Endpoints and sources that a restore finds in the database, or that integrators had registered. */

it('a backup restores what was deleted in the same deployment, although the deleted rows are still there', async () => {
  const world = new World()
  await withoutModeration(world)
  const box = mailbox()
  const endpoint = await anEndpoint(world, box.url('scripted'))
  const source = await aSource(world, 'unsigned')
  expect((await post(world, source.path, '{}')).status).toBe(202)
  await world.drain()
  const lines = await exportAll(world, { key: KEY })
  await box.script('status/500')
  const { id } = await aComment(world)
  await world.drain()
  await world.api('DELETE', `/api/comments/${id}`)
  await world.api('DELETE', `/api/endpoints/${endpoint.id}`)
  await world.api('DELETE', `/api/sources/${source.id}`)
  await world.sweep(later(60_000), 'deleted_endpoints')

  expect(await restore(world, lines, KEY, 'restore-2')).toMatchObject({
    status: 200,
    body: { restored: { endpoint: 1, source: 1 } },
  })
  expect((await world.api('GET', `/api/endpoints/${endpoint.id}`)).body).toMatchObject({
    status: 'enabled',
    url: box.url('scripted'),
  })
  const column = (name: string) =>
    env.DB.prepare(`select ${name} from endpoints where id = ?`).bind(endpoint.id).first(name)
  expect(await column('failing_since')).toBeNull()
  expect((await world.api('GET', `/api/sources/${source.id}`)).body).toMatchObject({ status: 'active' })
  expect((await post(world, source.path, '{"is":"new"}')).status).toBe(202)
  await box.script('ok')
  const { id: again } = await aComment(world)
  await world.drain()
  expect(JSON.stringify(await box.received())).toContain(again)

  // If the endpoint is deleted again, its new responses are removed, too.
  await world.api('DELETE', `/api/endpoints/${endpoint.id}`)
  expect(await column('excerpts_removed_to')).toBe('')
})

/** A deployment with the endpoint of an integrator, after its backup was restored. */
async function restoredRegistration(mode: 'open' | 'approve', change = (line: Line): Line => line) {
  const world = await aWorld(mode)
  const { id, path, box } = await registered(world, 'verify', ['comment.published'])
  const lines = await exportAll(world, { key: KEY })
  expect(JSON.stringify(lines)).not.toContain('manage_token')
  await wipe()
  const next = new World()
  expect(await restore(next, lines.map(change), KEY)).toMatchObject({ body: { restored: { endpoint: 1 } } })
  changeNetwork()
  return { world: next, id, path, url: box.url('verify'), box }
}

it('a restored endpoint of an integrator gets a new private link when its URL is registered again', async () => {
  const { world, id, path, url, box } = await restoredRegistration('open')
  expect(await endpoints(world)).toMatchObject([{ id, registered_by: 'integrator' }])
  expect((await world.request(path)).status).toBe(404)
  expect((await register(world, url)).status).toBe(409)
  const { data } = JSON.parse((await box.received()).at(-1)?.body ?? '{}')
  const renewed = await submit(world, new URL(data.renew_url).pathname)
  expect(renewed.location).toContain('/webhooks/manage/link_')
  expect(await endpoints(world)).toHaveLength(1)
})

it('a restored registration that nobody approves expires', async () => {
  const { world } = await restoredRegistration('approve')
  await world.sweepEverything(later(8 * DAY))
  expect(await endpoints(world)).toEqual([])
})

it('a backup that does not say who registered an endpoint gives it to the owner', async () => {
  const { world } = await restoredRegistration('open', ({ registered_by, ...line }) => line)
  expect(await endpoints(world)).toMatchObject([{ registered_by: 'owner' }])
})

it('the owner has a week to approve a restored registration, however old the backup is', async () => {
  const old = (line: Line): Line => ({
    ...line,
    ...(line.disabled_at ? { disabled_at: '2026-01-01T00:00:00.000Z' } : {}),
  })
  const { world } = await restoredRegistration('approve', old)
  await world.sweepEverything(later(6 * DAY))
  expect(await endpoints(world)).toHaveLength(1)
})
