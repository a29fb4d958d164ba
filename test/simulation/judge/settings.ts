import type { Sent } from '../../support/world'
import { type Settings, settingsIn } from '../endpoint-settings'
import { wordsIn } from '../history'
import type { KnownEndpoint } from '../known'
import { reportOf } from '../reports'
import type { Simulation } from '../simulation'

/*
 * Each endpoint gets what its settings say at that time, and nothing else: where it is, in its format, and only while it
 * is enabled. Tests are sent in any case.
 */

type SentRequest = Sent & { step: number }

export function judgeSettings(simulation: Simulation, endpoint: KnownEndpoint, sent: SentRequest): string[] {
  const id = sent.headers['webhook-id'] ?? ''
  const settings = settingsIn(endpoint, sent.step, simulation.isAfterCut(sent))
  const isTest = simulation.history.tables.messages.seen.get(id)?.initial.audience != null
  const what = `${id} was sent to ${endpoint.id} in step ${sent.step}`
  if (!isTest && !settings.some(({ isEnabled }) => isEnabled)) return [`${what}, which was disabled`]
  if (!settings.some((one) => isAsSet(one, sent))) return [`${what}, to ${sent.url} with ${sent.body.slice(0, 200)}`]
  return judgeWords(simulation, endpoint, sent).map((word) => `${what}, with ${word} of a message that it does not get`)
}

/** Whether a request has the address and the format of an endpoint. */
function isAsSet({ url, format }: Settings, sent: SentRequest): boolean {
  const [address = ''] = url.split('?')
  switch (format) {
    case 'ntfy':
      return sent.url === `${new URL(url).origin}/` && sent.body.includes(`"topic":"${new URL(url).pathname.slice(1)}"`)
    case 'email':
      return sent.url === url
    case 'telegram':
      return sent.url === address
    case 'matrix':
      return sent.url.startsWith(`${address}/`)
    case 'build-hook':
      return sent.url === url && reportOf(sent).kind === 'hook'
    case 'standard':
    case 'cloudevents': {
      const isCloudEvent = sent.body.startsWith('{"specversion"')
      return sent.url === url && reportOf(sent).kind === 'event' && isCloudEvent === (format === 'cloudevents')
    }
    default:
      return sent.url === url && reportOf(sent).kind === 'text'
  }
}

/** A request contains only words of messages that have a delivery to the endpoint. */
function judgeWords({ history }: Simulation, endpoint: KnownEndpoint, { body }: SentRequest): string[] {
  const own = [...history.tables.messages.seen.values()].filter(({ initial }) =>
    history.tables.deliveries.seen.has(`${endpoint.id} ${initial.id}`)
  )
  const known = new Set(own.flatMap(({ initial }) => wordsIn(initial.payload)))
  return wordsIn(body).filter((word) => !known.has(word))
}
