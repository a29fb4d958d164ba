import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../support/fixtures'
import { withoutModeration } from '../../support/session'
import { aSource, post } from '../../support/sources'
import { World } from '../../support/world'
import { exportAll, KEY, restore } from './backups'

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
