import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { BASE, TOKEN, type World } from '../../../support/world'

/** The generations of the protocol: with `initialize`, and without. */
export const GENERATIONS = ['legacy', 'modern'] as const
export type Generation = (typeof GENERATIONS)[number]

/** The revision of the protocol without `initialize`. */
export const REVISION = '2026-07-28'

/** Connects the official client to a guestbook. Its requests are real requests to the Worker. */
export async function aClient(world: World, token = TOKEN, generation: Generation = 'modern'): Promise<Client> {
  const mode = generation === 'modern' ? { pin: REVISION } : 'legacy'
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  const transport = new StreamableHTTPClientTransport(new URL(`${BASE}/mcp`), {
    fetch: (url, init) => world.request(new URL(url).pathname, init as RequestInit),
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  })
  await client.connect(transport)
  return client
}

interface Outcome<T> {
  isError: boolean
  text: string
  /** What the API returned. */
  result: T
  notice: string | undefined
}

/** Calls a tool, and reads its result. */
export async function use<T = Record<string, unknown>>(
  client: Client,
  name: string,
  given: Record<string, unknown> = {}
): Promise<Outcome<T>> {
  const { content, isError = false, structuredContent } = await client.callTool({ name, arguments: given })
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('\n')
  const { result, notice } = (structuredContent ?? {}) as { result: T; notice?: string }
  return { isError, text, result, notice }
}

/** Sends any body to the MCP server. */
export async function post(world: World, body: unknown, headers: Record<string, string> = {}) {
  const response = await world.request('/mcp', {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
}
