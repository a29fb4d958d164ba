import { DEADLINE_MS, type Exchange, judge } from './call'

/* Hands deliveries to the built-in receiver, which is a source of this guestbook. */

/** A request that is not sent over the network. */
export interface HandedOver {
  source_id: string
  headers: Record<string, string>
  body: string
}

export type Receive = (env: Env, request: HandedOver) => Promise<Response>

let receive: Receive | null = null

/** Says who stores the requests. The sources are above this room, so app.tsx connects them when it is loaded. */
export function connectReceiver(given: Receive): void {
  receive = given
}

/**
 * Hands a signed request to its source. Like `call`, it returns a refusal as an outcome.
 * @throws the program's own faults, for example if the database cannot be reached
 */
export async function callBuiltIn(
  env: Env,
  request: HandedOver
): Promise<Exchange & { response_headers: Headers | null }> {
  if (receive === null) throw new Error('The built-in receiver is not connected.')
  const response = await receive(env, request)
  const exchange = await judge(response, AbortSignal.timeout(DEADLINE_MS))
  return { ...explained(exchange), response_headers: response.headers }
}

/** A status alone would suggest that a server or a URL is wrong. A used-up quota is a pause, as with any receiver. */
function explained(exchange: Exchange): Exchange {
  const { outcome, error_class } = exchange
  const isClear = outcome === 'delivered' || error_class === 'rate_limited'
  return isClear ? exchange : { ...exchange, error_class: 'receiver_refused' }
}
