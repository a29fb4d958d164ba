import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, it } from 'vitest'
// @ts-expect-error The scripts have no types.
import { send } from '../../../scripts/lib/moving.mjs'
// @ts-expect-error The scripts have no types.
import { pull } from '../../../scripts/lib/pull-client.mjs'

const servers: Server[] = []

async function serve(answer: (url: string) => string | null): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(JSON.stringify(request.headers))
    const location = answer(request.url ?? '')
    response.writeHead(location ? 302 : 200, location ? { Location: location } : {}).end('{}')
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

afterAll(() => Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve)))))

it('no script takes its token or its key to where a redirect leads', async () => {
  const other = await serve(() => null)
  const first = await serve((path) => other.url + path)
  const key = { token: 'the-admin-token', key: 'the-backup-key' }
  await expect(send(first.url, '/api/export', key)).rejects.toThrow(other.url)
  await expect(send(first.url, '/api/restore?id=1', { ...key, body: '{}' })).rejects.toThrow('302')
  await expect(pull(first.url, { id: 'ep_1', token: 'the-pull-token' }, null)).rejects.toThrow('302')
  expect(first.seen).toHaveLength(3)
  expect(other.seen).toEqual([])
})
