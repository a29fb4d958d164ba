import type { World } from './world'

/*
 * What the API shows, as tests read it.
 */

export interface DeliveryView {
  status: string
  reason: string | null
  attempt_count: number
  next_attempt_at: string | null
  is_sending: boolean
  last_status_code: number | null
  attempts: {
    number: number
    trigger: string
    outcome: string
    status_code: number | null
    error_class: string | null
    response_excerpt: string | null
    duration_ms: number
  }[]
  curl: string
}

export async function latestMessageId(world: World): Promise<string> {
  const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/messages?limit=1')
  const id = body.data[0]?.id
  if (!id) throw new Error('There is no message.')
  return id
}

/** Oldest first. */
export async function messageIds(world: World): Promise<string[]> {
  const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/messages?limit=100')
  return body.data.map(({ id }) => id).reverse()
}

export async function theDelivery(world: World, endpointId: string, messageId?: string): Promise<DeliveryView> {
  const message = messageId ?? (await latestMessageId(world))
  const path = `/api/messages/${message}/deliveries/${endpointId}`
  const { status, body } = await world.api<DeliveryView>('GET', path)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}

export interface EndpointView {
  id: string
  url: string
  status: string
  disabled_reason: string | null
  disabled_at: string | null
  health: {
    breaker: string
    resume_at: string | null
    probes: number
    failing_since: string | null
    consecutive_failures: number
    slow_until: string | null
  }
}

export async function theEndpoint(world: World, id: string): Promise<EndpointView> {
  const { status, body } = await world.api<EndpointView>('GET', `/api/endpoints/${id}`)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}
