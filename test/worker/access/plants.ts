import { createHmac } from 'node:crypto'
import app from '../../../src/app'
import { routesOf } from '../../../src/kit/http/router'
import { TOOLS } from '../../../src/owner/mcp/tools'
import { anEndpoint, mailbox } from '../../support/fixtures'
import { signAsGuest, withModeration } from '../../support/session'
import { aSource, githubPost, listInbound } from '../../support/sources'
import { World } from '../../support/world'
import { post } from '../owner/mcp/a-client'
import { type ApiKey, aKey, withKey } from './a-key'

/*
 * A guestbook in which everything that somebody could look for is known to the test, and a program with an API key that
 * looks for it: at each door, and by each detour that we know.
 */

const [STORED_HEADER, CREDENTIAL, API_KEY] = [
  'stored-Header-value-1',
  'Bearer inbound-credential-1',
  'inbound-api-key-1',
]
const [SOURCE_SECRET, WEBHOOK_BODY] = ['the-secret-of-the-source', 'the-words-of-a-webhook']
const [TOKEN_IN_FORM, TOKEN_IN_JSON] = ['the-token-in-a-form-1', 'the-token-in-a-list-1']
const [KEPT_BODY, NEW_BODY] = ['the-words-of-a-kept-webhook', 'the-words-of-a-new-webhook']
const WRONG = `sha256=${'0'.repeat(64)}`
const [PAST, NEW] = ['the words of a past entry', 'the words of a new entry']

/** The owner's endpoint repeats the request that it gets, as some receivers do. */
async function furnish(world: World) {
  await withModeration(world)
  const box = mailbox()
  const headers = { Authorization: STORED_HEADER }
  const endpoint = await anEndpoint(world, box.url('mirror'), { headers, event_types: ['comment.*', 'inbound.*'] })
  const source = await aSource(world, 'github', { secret: SOURCE_SECRET, act: 'publish' })
  await world.request(source.path, {
    method: 'POST',
    headers: {
      Authorization: CREDENTIAL,
      'X-Api-Key': API_KEY,
      'X-GitHub-Event': 'star',
      'X-Hub-Signature-256': WRONG,
    },
    body: `{"unsigned":"${WEBHOOK_BODY}"}`,
  })
  await githubPost(world, source.path, SOURCE_SECRET, `{"signed":"${WEBHOOK_BODY}"}`)
  const keeping = await aSource(world, 'unsigned')
  await world.request(keeping.path, { method: 'POST', body: KEPT_BODY })
  const [shop, graph] = await Promise.all([
    aSource(world, 'ko-fi', { secret: TOKEN_IN_FORM, act: 'publish' }),
    aSource(world, 'microsoft-graph', { secret: TOKEN_IN_JSON, act: 'publish' }),
  ])
  const data = JSON.stringify({ verification_token: TOKEN_IN_FORM, message_id: 'a', type: 'Donation' })
  const value = [{ clientState: TOKEN_IN_JSON, changeType: 'created', resource: 'me' }]
  await world.request(shop.path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: String(new URLSearchParams({ data })),
  })
  await world.request(graph.path, { method: 'POST', body: JSON.stringify({ value }) })
  // What their senders send later.
  const again = [
    [shop.path, `{"data":${data.replace('"a"', '"b"')}}`],
    [graph.path, JSON.stringify({ value: [...value, ...value] })],
  ] as const
  await signAsGuest(world, { body: PAST })
  await world.drain()
  const came = await listInbound(world)
  const inbound = came.find(({ source_id, verified }) => source_id === source.id && verified === false)?.id ?? ''
  const kept = came.find(({ source_id }) => source_id === keeping.id)?.id ?? ''
  const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/messages?type=comment.held')
  const held = body.data[0]?.id ?? ''
  const { body: published } = await world.api<{ data: { id: string }[] }>('GET', '/api/messages?type=inbound.received')
  const messages = [held, ...published.data.map(({ id }) => id)]
  const inBody = [shop, graph].map(({ id }) => ({
    source: id,
    inbound: came.find(({ source_id }) => source_id === id)?.id ?? '',
  }))
  return { box, endpoint, source, keeping, inbound, kept, message: held, messages, inBody, again }
}
type Furnished = Awaited<ReturnType<typeof furnish>>

/** What a program could look for, and where it is written. */
async function plantsOf({ box, endpoint, source }: Furnished): Promise<Record<string, string[]>> {
  const links = (await box.received()).flatMap(({ body }) => body.match(/mod_approve\.[\w.-]+/g) ?? [])
  if (links.length === 0) throw new Error('The owner gets no links.')
  const expected = createHmac('sha256', SOURCE_SECRET).update(`{"unsigned":"${WEBHOOK_BODY}"}`).digest('hex')
  return {
    'texts of past entries': [PAST],
    'texts of new entries': [NEW],
    'bodies of past webhooks': [WEBHOOK_BODY, KEPT_BODY],
    'bodies of new webhooks': [NEW_BODY],
    'moderation links': links.map((link) => link.slice(-43)),
    'tokens in the URLs of endpoints': [box.name],
    'signing secrets of endpoints': [endpoint.secret],
    'stored headers of endpoints': [STORED_HEADER],
    'URLs of sources': [source.path.slice(4)],
    'secrets of sources': [SOURCE_SECRET, TOKEN_IN_FORM, TOKEN_IN_JSON],
    'credentials in requests': [CREDENTIAL, API_KEY],
    'signatures that a source would accept': [expected],
  }
}

/** Every call with which the owner reads, with the ids of what there is. */
function doorsTo({ endpoint, source, inbound, message }: Furnished): string[] {
  const ids: Record<string, string> = { endpoints: endpoint.id, sources: source.id, inbound, messages: message }
  const calls = routesOf(app).filter(({ security }) => security?.some((scheme) => 'owner' in scheme))
  const reading = calls.filter(({ method }) => method === 'get')
  return reading.map(({ path }) => {
    const id = ids[path.split('/')[2] ?? ''] ?? 'unknown'
    const filled = path.replace('{id}', id).replace('{endpoint_id}', endpoint.id).replace('{slug}', 'main')
    const query = { compare: `?with=${inbound}`, people: '?q=ada' }
    return filled + (Object.entries(query).find(([part]) => filled.includes(part))?.[1] ?? '')
  })
}

/** Reads a text, and every part of it that could be base64. */
function decode(text: string): string {
  const parts = text.match(/[A-Za-z0-9+/_-]{24,}={0,2}/g) ?? []
  return [text, ...parts.map((part) => Buffer.from(part, 'base64').toString('latin1'))].join('\n')
}

export class Program {
  /** Everything that it has read, and that was sent to its own URLs. */
  private readonly texts: string[] = []
  private readonly boxes = [mailbox(), mailbox()] as const

  private constructor(
    private readonly world: World,
    private readonly key: ApiKey,
    readonly found: Furnished
  ) {}

  static async with(scopes: string[]): Promise<Program> {
    const world = new World()
    const found = await furnish(world)
    return new Program(world, await aKey(world, scopes), found)
  }

  async call(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const headers = { ...withKey(this.key), ...(body && { 'Content-Type': 'application/json' }) }
    const response = await this.world.request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    const text = await response.text()
    this.texts.push(text)
    return { status: response.status, text }
  }

  /** Reads all that there is to read. */
  async read(): Promise<void> {
    for (const path of doorsTo(this.found)) await this.call('GET', path)
    await this.call('GET', '/api/comments?status=held')
    await this.call('GET', `/api/endpoints/${this.found.endpoint.id}/messages`)
    for (const id of this.found.messages) {
      await this.call('GET', `/api/messages/${id}`)
      await this.call('GET', `/api/messages/${id}/deliveries/${this.found.endpoint.id}`)
    }
    for (const one of this.found.inBody) await this.readRequest(one.inbound)
    for (const { name, takes } of TOOLS.filter(({ method }) => method === 'GET')) await this.useTool(name, takes)
  }

  private async readRequest(id: string): Promise<void> {
    const [first] = this.found.inBody
    for (const part of ['', '/verification', '/har', '/body', `/compare?with=${first?.inbound}`])
      await this.call('GET', `/api/inbound/${id}${part}`)
    await this.useTool('get_inbound', ['id'], id)
  }

  private async useTool(name: string, takes: readonly string[], of?: string): Promise<void> {
    const { endpoint, inbound, message } = this.found
    const id = of ?? { list_deliveries: endpoint.id, explain_failure: message }[name] ?? inbound
    const given = { id, endpoint_id: endpoint.id }
    const args = Object.fromEntries(Object.entries(given).filter(([argument]) => takes.includes(argument)))
    const more = { list_entries: { status: 'held' }, wait_for_inbound: { seconds: 1, after: 'in_0' } }[name]
    const params = { name, arguments: { ...args, ...more } }
    const { body } = await post(this.world, { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, withKey(this.key))
    this.texts.push(JSON.stringify(body))
  }

  /** Looks for a text letter by letter. */
  async search(plant: string): Promise<boolean> {
    const hits = await Promise.all(
      ['messages', 'inbound', 'endpoints'].map(async (list) => {
        const { text } = await this.call('GET', `/api/${list}?q=${encodeURIComponent(plant.slice(0, 30))}`)
        return JSON.parse(text).data?.length > 0
      })
    )
    return hits.includes(true)
  }

  /** Has the log and the new events sent to its own URLs. */
  async divert(): Promise<void> {
    const { endpoint, source, keeping, inbound, kept, message } = this.found
    const [own, other] = this.boxes
    const since = '2020-01-01T00:00:00Z'
    const made = await this.call('POST', '/api/endpoints', { url: own.url() })
    const id = JSON.parse(made.text).id ?? 'unknown'
    await this.call('POST', `/api/endpoints/${id}/replay`, { only: 'all', since })
    await this.call('POST', `/api/endpoints/${id}/replay`, { only: 'missing', since })
    await this.call('POST', `/api/endpoints/${id}/pull-token`)
    await this.call('PATCH', `/api/endpoints/${id}`, { moderation_links: true })
    await signAsGuest(this.world, { name: 'Bob', body: NEW }, { headers: { 'CF-Connecting-IP': '203.0.113.77' } })
    await githubPost(this.world, source.path, SOURCE_SECRET, `{"new":"${NEW_BODY}"}`)
    for (const [path, body] of this.found.again) await this.world.request(path, { method: 'POST', body })
    await this.settle()
    const stored = { Authorization: '••••••••' }
    await this.call('PATCH', `/api/endpoints/${endpoint.id}`, { url: other.url() })
    await this.call('PATCH', `/api/endpoints/${endpoint.id}`, { url: other.url(), headers: stored })
    await this.call('PATCH', `/api/endpoints/${endpoint.id}`, { url: other.url(), headers: {}, event_types: ['*'] })
    await this.call('POST', `/api/messages/${message}/deliveries/${endpoint.id}/retry`)
    await this.call('POST', `/api/endpoints/${endpoint.id}/replay`, { only: 'all', since })
    await this.settle()
    for (const one of [inbound, ...this.found.inBody.map(({ inbound }) => inbound)]) {
      for (const credentials of [false, true])
        await this.call('POST', `/api/inbound/${one}/replay`, { to: other.url(), credentials })
    }
    const template = { name: 'x', body: '{{$header.authorization}} {{$header.x-api-key}} {{unsigned}}' }
    await this.call('POST', `/api/sources/${source.id}/preview`, { template })
    await this.call('POST', `/api/sources/${source.id}/preview`, { template, inbound_id: inbound })
    await this.call('PATCH', `/api/sources/${source.id}`, { name: 'x' })
    await this.call('PATCH', `/api/sources/${keeping.id}`, { act: 'publish' })
    await this.call('POST', `/api/inbound/${kept}/replay`)
    await this.call('POST', `/api/sources/${keeping.id}/replay`)
    await this.call('POST', `/api/inbound/${inbound}/replay`)
    await this.settle()
    await this.pretend()
    for (const box of this.boxes) this.texts.push(JSON.stringify(await box.received()))
  }

  /** Says that secrets are something else: the text of a sample, a field, a type, a signature, another header. */
  private async pretend(): Promise<void> {
    const { source, inbound } = this.found
    const sample = await this.call('POST', `/api/sources/${source.id}/sample`, { body: '{"x":"{secret}"}' })
    await this.settle()
    await this.call('GET', `/api/inbound/${JSON.parse(sample.text).id ?? 'unknown'}/har`)
    const paths = ['header:authorization', 'header:auth*', 'header:*', 'header:x-api-key']
    const fields = paths.map((path, i) => ({ name: `leak${i}`, path }))
    const options = { event_type: 'header:authorization', delivery_id: 'header:x-api-key' }
    await this.call('PATCH', `/api/sources/${source.id}`, { fields, options })
    await this.call('POST', `/api/inbound/${inbound}/replay`)
    await this.settle()
    for (const path of ['', '/verification', '/har']) await this.call('GET', `/api/inbound/${inbound}${path}`)
    for (const one of this.found.inBody) await this.pretendBody(one)
  }

  /** Says that the secret in a body is something else. */
  private async pretendBody({ source, inbound }: { source: string; inbound: string }): Promise<void> {
    const template = { name: 'x', body: '{{data.verification_token}} {{value.0.clientState}} {{value}} {{data}}' }
    await this.call('POST', `/api/sources/${source}/preview`, { template })
    await this.call('POST', `/api/sources/${source}/preview`, { template, inbound_id: inbound })
    const paths = [
      'data.verification_token',
      'body:data.verification_token',
      'value.0.clientState',
      'value.*.clientState',
    ]
    const options = { event_type: 'body:data.verification_token', delivery_id: 'body:value.0.clientState' }
    await this.call('PATCH', `/api/sources/${source}`, {
      fields: paths.map((path, i) => ({ name: `leak${i}`, path })),
      options,
      act: 'sign',
      template,
    })
    await this.call('POST', `/api/inbound/${inbound}/replay`)
    await this.call('POST', `/api/sources/${source}/sample`, { body: '{"value":[{"clientState":"{secret}"}]}' })
    await this.settle()
    await this.call('GET', '/api/comments')
    await this.readRequest(inbound)
  }

  private async settle(): Promise<void> {
    await this.world.drain()
    await this.world.sweep(Date.now() + 60_000)
    await this.world.drain()
  }

  /** @returns what the program knows now, of all that there is */
  async knows(): Promise<Record<string, boolean>> {
    const known = decode(this.texts.join('\n'))
    const plants = Object.entries(await plantsOf(this.found))
    const knows = await Promise.all(
      plants.map(async ([name, texts]): Promise<[string, boolean]> => {
        const isRead = texts.some((text) => known.includes(text) || known.includes(JSON.stringify(text).slice(1, -1)))
        return [name, isRead || (await this.search(texts.at(-1) ?? ''))]
      })
    )
    return Object.fromEntries(knows)
  }
}
