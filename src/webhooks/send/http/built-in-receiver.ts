import { DEADLINE_MS, type Exchange, judge } from './call'

/* Hands deliveries to the built-in receiver, which is a source of this guestbook. */

/** A request that is not sent over the network. */
export type HandedOver = { source_id: string; headers: Record<string, string>; body: string }

interface Receiver {
  receive(env: Env, request: HandedOver, now: number): Promise<Response>
}

let connected: Receiver | null = null

/** Says who stores the requests. What receives also sends, so an import would be a cycle: the program connects both. */
export function connectReceiver(receiver: Receiver): void {
  connected = receiver
}

export function builtInReceiver(): Receiver {
  if (connected === null) throw new Error('The built-in receiver is not connected.')
  return connected
}

/** Like `call`, returns a refusal as an outcome. @throws our own faults, such as an unreachable database */
export async function callBuiltIn(env: Env, request: HandedOver, now: number) {
  const response = await builtInReceiver().receive(env, request, now)
  const exchange = await judge(response, now, AbortSignal.timeout(DEADLINE_MS))
  return { ...explained(exchange), response_headers: response.headers }
}

/** A status alone would suggest that a server or a URL is wrong. A 429 is a pause, as with any receiver. */
function explained(exchange: Exchange): Exchange {
  const { outcome, error_class } = exchange
  const isClear = outcome === 'delivered' || error_class === 'rate_limited'
  return isClear ? exchange : { ...exchange, error_class: 'receiver_refused' }
}
