import { expect, it } from 'vitest'
import recipes from '../../../docs/recipes.md?raw'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { aSource, githubPost, STAR } from '../../support/sources'
import { TOKEN, World } from '../../support/world'

/** @returns each curl command in docs/recipes.md, on one line */
function curlCommands(): string[] {
  const blocks = [...recipes.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
  const lines = blocks.flatMap((block) => block.replace(/ \\\n\s*/g, ' ').split(/\n(?=\S)/))
  return lines.filter((line) => line.startsWith('curl ') && line.includes('guestbook.example.com'))
}

/** What the command sends. */
function toRequest(command: string): { method: string; path: string; body: string | undefined } {
  const body = /-d '([\s\S]*)'/.exec(command)?.[1]
  const method = /-X (\w+)/.exec(command)?.[1] ?? (body === undefined ? 'GET' : 'POST')
  return { method, path: /"https:\/\/guestbook\.example\.com([^"]*)"/.exec(command)?.[1] ?? '', body }
}

it('every curl command of the recipes is accepted', async () => {
  const world = new World()
  const endpoint = await anEndpoint(world, mailbox().url('ok'))
  const comment = await aComment(world)
  const source = await aSource(world, 'stripe')
  const other = await aSource(world, 'github', { secret: 'hush' })
  await githubPost(world, other.path, STAR, 'hush')
  await world.drain()
  const [message] = (await world.api<{ data: { id: string }[] }>('GET', '/api/messages')).body.data
  const ids: Record<string, string> = { ep: endpoint.id, cmt: comment.id, src: source.id, msg: message?.id ?? '' }
  const commands = curlCommands()
  expect(commands.length).toBeGreaterThan(16)
  for (const command of commands) {
    const { method, path, body } = toRequest(command)
    const target = path
      .replace(/(\w+)_\.\.\./g, (_, prefix) => ids[prefix] ?? '')
      .replace(/after=\$LAST&wait=25/, 'wait=0')
    const headers = {
      Authorization: `Bearer ${TOKEN}`,
      'Content-Type': /Content-Type: ([\w/]+)/.exec(command)?.[1] ?? '',
    }
    const response = await world.request(target, { method, headers, ...(body !== undefined && { body }) })
    const text = await response.text()
    expect([command, response.status, text]).toEqual([command, expect.toSatisfy((status) => status < 300), text])
    expect(text).not.toContain('"isError":true')
  }
})
