import { Webhook } from 'standardwebhooks'
import { withModeration } from '../../../src/guestbook/rules/events/moderation'
import type { Received } from '../../support/receiver'
import type { Sent } from '../../support/world'
import { MINUTE, SECOND } from '../clock'
import { type KnownEndpoint, possiblyValid, surelyValid, type Validity } from '../known'
import { isDirect, reportOf } from '../reports'
import type { Simulation } from '../simulation'
import { judgeSettings } from './settings'

/*
 * What receivers have got: the bytes of the message, signed with every secret that was valid, and with no other.
 */

type SentRequest = Sent & { step: number }

export async function judgeRequests(simulation: Simulation): Promise<string[]> {
  const faults = await Promise.all(simulation.endpoints.map((endpoint) => judgeReceiver(simulation, endpoint)))
  return faults.flat()
}

async function judgeReceiver(simulation: Simulation, endpoint: KnownEndpoint): Promise<string[]> {
  const received = [...(await endpoint.box.received()), ...(simulation.emails.get(endpoint.name) ?? [])]
  const ids = new Set(received.map(idOf))
  const delivered = [...simulation.history.tables.deliveries.seen.values()].filter(
    ({ row }) => row.endpoint_id === endpoint.id && row.status === 'delivered'
  )
  const unseen = delivered.filter(({ row }) => !ids.has(row.message_id))
  const faults = await Promise.all(received.map((request) => judgeRequest(simulation, endpoint, request)))
  return [
    ...received.filter(({ isRejected }) => isRejected).map(({ body }) => `a service has rejected ${body}`),
    ...unseen.map(({ row }) => `${row.id} was never received`),
    ...faults.flat(),
    ...judgeCounts(simulation, endpoint, received),
  ]
}

function idOf({ headers }: Received): string {
  return headers['webhook-id'] ?? ''
}

async function judgeRequest(
  simulation: Simulation,
  endpoint: KnownEndpoint,
  { headers, body }: Received
): Promise<string[]> {
  const id = headers['webhook-id'] ?? ''
  const sent = sentAs(simulation, { headers })
  if (!sent) return [`${id} was received but not sent`]
  if (isDirect(sent)) return []
  const faults = [...judgeSettings(simulation, endpoint, sent), ...judgeSecrets(simulation, endpoint, sent)]
  const report = reportOf(sent)
  if (report.kind !== 'event' || 'specversion' in JSON.parse(sent.body)) return faults
  const message = simulation.history.tables.messages.seen.get(id)
  // Links for moderation are added for each endpoint: see guestbook/rules/events/moderation.ts.
  const stored = withModeration(String(message?.initial.type), body, null)
  const wrong = message?.initial.payload === stored ? [] : [`${id} has other bytes than its message: ${body}`]
  return [...wrong, ...faults, ...(await judgeKeys(simulation, sent))]
}

function sentAs({ sent }: Simulation, { headers }: Pick<Received, 'headers'>): SentRequest | undefined {
  return sent.find((one) => one.headers['webhook-signature'] === headers['webhook-signature'])
}

function signaturesOf({ headers }: Sent, version: string): string[] {
  return (headers['webhook-signature'] ?? '').split(' ').filter((one) => one.startsWith(`${version},`))
}

function judgeSecrets(simulation: Simulation, { id, secrets }: KnownEndpoint, sent: SentRequest): string[] {
  // E-mails have no signature.
  if (sent.url.startsWith('mailto:')) return []
  const { clock } = simulation
  const isAfterCut = simulation.isAfterCut(sent)
  const message_id = sent.headers['webhook-id'] ?? ''
  const at = new Date(Number(sent.headers['webhook-timestamp']) * SECOND)
  const sign = ({ secret }: Validity) => new Webhook(secret).sign(message_id, at, sent.body)
  const made = signaturesOf(sent, 'v1')
  // A change that was made more than a second before counts as if the request belonged to the next step.
  const step = isAfterCut ? sent.step + 0.5 : sent.step
  const missing = surelyValid(secrets, step, sent.at).filter((one) => !made.includes(sign(one)))
  const possible = possiblyValid(secrets, step, sent.at - clock.setBack).map(sign)
  const foreign = made.filter((one) => !possible.includes(one))
  const what = `${message_id} to ${id} in step ${sent.step}`
  return [
    ...missing.map(({ from }) => `${what} is not signed with the secret of step ${from}, which was valid`),
    ...foreign.map((one) => `${what} is signed with a secret that was not valid: ${one}`),
  ]
}

/** An isolate caches the keys for a minute, and sends without them if it cannot read them. */
async function judgeKeys({ signingKeys, clock, faulty }: Simulation, sent: SentRequest): Promise<string[]> {
  const cachedMs = MINUTE + clock.setBack
  const possible = signingKeys.filter(({ atLatest }) => sent.at <= atLatest + cachedMs)
  const made = signaturesOf(sent, 'v1a')
  const signers = await Promise.all(made.map((one) => signerOf(possible, one, sent)))
  const known = surelyValid(signingKeys, sent.step, sent.at).filter(({ since }) => since + cachedMs < sent.at)
  const missing = faulty.has(sent.step) ? [] : known.filter((one) => !signers.includes(one))
  const what = `${sent.headers['webhook-id']} in step ${sent.step}`
  return [
    ...signers.flatMap((one) => (one ? [] : [`${what} is signed with a key that was not valid`])),
    ...missing.map(({ secret }) => `${what} is not signed with ${secret}, which was valid`),
  ]
}

async function signerOf(keys: Validity[], signature: string, { headers, body }: Sent): Promise<Validity | null> {
  const signed = new TextEncoder().encode(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
  for (const one of keys) {
    const bytes = bytesOf(one.secret.replace('whpk_', ''))
    const key = await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify'])
    if (await crypto.subtle.verify('Ed25519', key, bytesOf(signature.slice('v1a,'.length)), signed)) return one
  }
  return null
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

/** Two requests in the same second have the same signature, so they are counted where they were sent. */
function countRepeatable({ sent, mayRepeat }: Simulation, requests: Received[]): number {
  const signatures = new Set(requests.map(({ headers }) => headers['webhook-signature']))
  return sent.filter((one) => mayRepeat.has(one.step) && signatures.has(one.headers['webhook-signature'])).length
}

/**
 * Every attempt is sent once, and recorded once. If a process dies or a queue message is repeated, it may be sent
 * again.
 */
function judgeCounts(simulation: Simulation, endpoint: KnownEndpoint, received: Received[]): string[] {
  const isExact = simulation.setup.mode !== 'wild' && !simulation.hasBeenOutdated
  const own = simulation.history.tables.deliveries.present().filter(({ endpoint_id }) => endpoint_id === endpoint.id)
  return own.flatMap(({ id, message_id, attempt_count }) => {
    const requests = received.filter((one) => idOf(one) === message_id)
    const isComplete = !isExact || requests.length === attempt_count
    if (isComplete && requests.length - countRepeatable(simulation, requests) <= attempt_count) return []
    return [`${id} has ${attempt_count} attempts, and ${requests.length} requests`]
  })
}
