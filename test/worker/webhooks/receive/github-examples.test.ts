import EXAMPLES from '@octokit/webhooks-examples/api.github.com/index.json'
import { sign } from '@octokit/webhooks-methods'
import { describe, expect, it } from 'vitest'
import { aSource, githubPost, post, theBody, theInbound } from '../../../support/sources'
import { World } from '../../../support/world'

const PAYLOADS = EXAMPLES.flatMap(({ name, examples }) =>
  examples.map((example) => ({ event: name, body: JSON.stringify(example) }))
)
const SECRET = 'hush'

async function send(world: World, path: string, event: string, body: string, signature: string) {
  const answer = await post(world, path, body, {
    'Content-Type': 'application/json',
    'X-GitHub-Event': event,
    'X-GitHub-Delivery': crypto.randomUUID(),
    'X-Hub-Signature-256': signature,
  })
  expect(answer.status).toBe(202)
  return answer.body.id
}

/** Changes a single character. */
function changed(body: string): string {
  const at = Math.floor(body.length / 2)
  return `${body.slice(0, at)}${body[at] === 'x' ? 'y' : 'x'}${body.slice(at + 1)}`
}

describe('every example payload from GitHub', () => {
  it(`is accepted, processed and stored byte for byte if it is signed by GitHub's library (${PAYLOADS.length} payloads)`, async () => {
    const world = new World()
    const { path } = await aSource(world, 'github', { secret: SECRET, act: 'publish' })
    const ids: string[] = []
    for (const { event, body } of PAYLOADS) ids.push(await send(world, path, event, body, await sign(SECRET, body)))
    await world.drain()
    for (const [i, { event, body }] of PAYLOADS.entries()) {
      const id = ids[i] as string
      expect(await theInbound(world, id)).toMatchObject({ status: 'processed', verified: true, event_type: event })
      expect(new TextDecoder().decode(await theBody(world, id)) === body).toBe(true)
    }
    expect(PAYLOADS.length).toBeGreaterThan(300)
  })

  it('fails with signature_mismatch if one byte is changed, in every tenth payload', async () => {
    const world = new World()
    const { path } = await aSource(world, 'github', { secret: SECRET, act: 'publish' })
    for (const { event, body } of PAYLOADS.filter((_, i) => i % 10 === 0)) {
      const id = await send(world, path, event, changed(body), await sign(SECRET, body))
      await world.drain()
      const { status, reason, message_id } = await theInbound(world, id)
      expect({ status, reason, message_id }).toEqual({
        status: 'failed',
        reason: 'signature_mismatch',
        message_id: null,
      })
    }
    expect((await world.api<{ data: [] }>('GET', '/api/messages')).body.data).toEqual([])
  })
})

it('a redelivery from GitHub is a repeat, because it has the same delivery id', async () => {
  const world = new World()
  const { path } = await aSource(world, 'github', { secret: SECRET })
  const first = await githubPost(world, path, SECRET, '{}', { delivery: 'same' })
  expect((await githubPost(world, path, SECRET, '{}', { delivery: 'same' })).body).toEqual({
    id: first.body.id,
    repeat: true,
  })
})
