import { createHmac } from 'node:crypto'
import type { World } from './world'

/** A shortened `star` event from GitHub. */
export const STAR = '{"action":"created","sender":{"login":"ada"},"repository":{"full_name":"ada/engine"}}'
export const DAY = 86_400_000
/** Longer than the delay before the first wake-up and than any lease of a new message. */
export const OVERDUE = 10 * 60_000

export interface SourceView {
  id: string
  name: string
  provider: string
  url: string
  act: string
  strict: boolean
  status: string
}

export async function aSource(
  world: World,
  provider: string,
  more: Record<string, unknown> = {}
): Promise<SourceView & { path: string }> {
  const { status, body } = await world.api<SourceView>('POST', '/api/sources', {
    name: `A ${provider}`,
    provider,
    ...more,
  })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return { ...body, path: new URL(body.url).pathname }
}

export interface InboundView {
  id: string
  source_id: string
  provider: string
  status: string
  reason: string | null
  verified: boolean | null
  event_type: string | null
  external_id: string | null
  repeats: number
  method: string
  path: string
  query: string
  headers: [string, string][]
  size: number
  fields: Record<string, string>
  message_id: string | null
  comment_id: string | null
  copy_of: string | null
  sample: boolean
  received_at: string
  processed_at: string | null
  log: { at: string; event: string; detail: string }[]
}

export async function theInbound(world: World, id: string): Promise<InboundView> {
  const { status, body } = await world.api<InboundView>('GET', `/api/inbound/${id}`)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}

/** @returns the first page of the list */
export async function listInbound(world: World, query = ''): Promise<InboundView[]> {
  return (await world.api<{ data: InboundView[] }>('GET', `/api/inbound?${query}`)).body.data
}

export async function theBody(world: World, id: string): Promise<Uint8Array> {
  const headers = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}` }
  const response = await world.request(`/api/inbound/${id}/body`, { headers })
  if (response.status !== 200) throw new Error(await response.text())
  return new Uint8Array(await response.arrayBuffer())
}

/** Posts a webhook the way GitHub does. */
export async function githubPost(
  world: World,
  path: string,
  secret: string,
  body: string,
  more: { event?: string; delivery?: string } = {}
) {
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return post(world, path, body, {
    'Content-Type': 'application/json',
    'X-GitHub-Event': more.event ?? 'star',
    'X-GitHub-Delivery': more.delivery ?? crypto.randomUUID(),
    'X-Hub-Signature-256': `sha256=${signature}`,
  })
}

export async function post(
  world: World,
  path: string,
  body: BodyInit | null,
  headers: Record<string, string> = {},
  method = 'POST'
) {
  const init = body === null ? { method, headers } : { method, headers, body }
  const response = await world.request(path, init)
  const text = await response.text()
  return { status: response.status, text, headers: response.headers, body: tryJson(text) }
}

function tryJson(text: string): { id: string; repeat?: boolean } & Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    return { id: '' }
  }
}
