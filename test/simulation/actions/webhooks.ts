import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import type { World } from '../../support/world'
import { isAccepted, type KnownSource, type KnownWebhook, NEVER, noteRotation, type Validity } from '../known'
import { OWNER, type Simulation } from '../simulation'
import { graceSeconds, kind, which } from './kind'

const FORGERS_SECRET = 'what a forger guesses'

export const WEBHOOKS = {
  webhook: kind<{ source: number; signer: number }>(
    8,
    { source: which, signer: which },
    async (simulation, isolate, { source, signer }) => {
      const known = simulation.pick(usable(simulation), source)
      if (known) await postGenuine(simulation, isolate, newWebhook(simulation, known), signer)
    }
  ),

  /** A forger knows the URL and the id of an event that may not have been sent yet. */
  forge: kind<{ source: number; isNew: boolean; which: number }>(
    4,
    { source: which, isNew: fc.boolean(), which },
    async (simulation, isolate, { source, isNew, which }) => {
      const chosen = simulation.pick(usable(simulation), source)
      const known = isNew ? undefined : simulation.pick(simulation.webhooks, which)
      const webhook = known ?? (chosen && newWebhook(simulation, chosen))
      if (webhook) await post(simulation, isolate, webhook, null)
    }
  ),

  redeliver: kind<{ which: number; signer: number }>(6, { which, signer: which }, (simulation, isolate, one) => {
    const webhook = simulation.pick(simulation.webhooks, one.which)
    return webhook ? postGenuine(simulation, isolate, webhook, one.signer) : Promise.resolve()
  }),

  reprocess: kind<{ which: number }>(3, { which }, async (simulation, isolate, { which }) => {
    const inbound = simulation.pick(simulation.history.tables.inbound.present(), which)
    if (inbound) await simulation.ask(isolate, 'POST', `/api/inbound/${inbound.id}/replay`, { headers: OWNER })
  }),

  reprocessFailed: kind<{ source: number }>(1, { source: which }, (simulation, isolate, { source }) =>
    changeSource(simulation, isolate, source, 'POST', '/replay')
  ),

  eraseInbound: kind<{ which: number }>(2, { which }, async (simulation, isolate, { which }) => {
    const inbound = simulation.pick(simulation.history.tables.inbound.present(), which)
    if (!inbound) return
    simulation.deleting.set(inbound.id, simulation.step)
    await simulation.ask(isolate, 'DELETE', `/api/inbound/${inbound.id}`, { headers: OWNER })
  }),

  pause: kind<{ source: number; status: 'paused' | 'active' }>(
    2,
    { source: which, status: fc.constantFrom('paused', 'active', 'active') },
    (simulation, isolate, { source, status }) => changeSource(simulation, isolate, source, 'PATCH', '', { status })
  ),

  keepInbound: kind<{ source: number; days: number; bodyDays: number | null }>(
    1,
    { source: which, days: fc.constantFrom(1, 3, 30), bodyDays: fc.constantFrom(null, 1, 2) },
    async (simulation, isolate, { source, days, bodyDays }) => {
      simulation.shortest.inbound_days = Math.min(simulation.shortest.inbound_days, days)
      const kept = { retention_days: days, body_retention_days: bodyDays }
      await changeSource(simulation, isolate, source, 'PATCH', '', kept)
    }
  ),

  removeSource: kind<{ source: number }>(1, { source: which }, (simulation, isolate, { source }) =>
    changeSource(simulation, isolate, source, 'DELETE', '')
  ),

  rotateSourceSecret: kind<{ source: number; grace: number }>(
    2,
    { source: which, grace: graceSeconds },
    async (simulation, isolate, { source: chosen, grace }) => {
      const source = simulation.pick(usable(simulation), chosen)
      if (!source) return
      const before = simulation.clock.now
      const secret = `secret ${simulation.next()} of the source`
      const path = `/api/sources/${source.id}/secret`
      const body = { secret, grace_seconds: grace }
      await simulation.ask(isolate, 'POST', `${path}/rotate`, { headers: OWNER, body })
      simulation.afterStep.push(async () => {
        const { text } = await simulation.askOwner('GET', path)
        const isRotated = text.includes(secret)
        if (isRotated) noteRotation(source.secrets, secret, simulation.rotation(grace * 1_000, before))
      })
    }
  ),
}

function usable({ sources }: Simulation): KnownSource[] {
  return sources.filter(({ isDeleted }) => !isDeleted)
}

async function changeSource(
  simulation: Simulation,
  isolate: World,
  which: number,
  method: string,
  path: string,
  body?: object
): Promise<void> {
  const source = simulation.pick(usable(simulation), which)
  if (source) await simulation.ask(isolate, method, `/api/sources/${source.id}${path}`, { headers: OWNER, body })
}

export function newWebhook(simulation: Simulation, source: KnownSource): KnownWebhook {
  const delivery = `delivery-${simulation.next()}`
  const [word, forgedWord] = [simulation.nextWord(), simulation.nextWord()]
  const webhook: KnownWebhook = { source, delivery, word, forgedWord, posts: [] }
  simulation.webhooks.push(webhook)
  return webhook
}

/** @param signer chooses one of the secrets that are valid now, because a sender may not know the newest one yet */
export function postGenuine(
  simulation: Simulation,
  isolate: World,
  webhook: KnownWebhook,
  signer: number
): Promise<void> {
  const { step, clock } = simulation
  const valid = webhook.source.secrets.filter(({ to, until }) => step < to && clock.now < until)
  return post(simulation, isolate, webhook, simulation.pick(valid, signer) ?? null)
}

async function post(
  simulation: Simulation,
  isolate: World,
  webhook: KnownWebhook,
  secret: Validity | null
): Promise<void> {
  const { source, delivery } = webhook
  const body = JSON.stringify({ text: secret === null ? webhook.forgedWord : webhook.word })
  const signature = createHmac('sha256', secret?.secret ?? FORGERS_SECRET)
    .update(body)
    .digest('hex')
  const headers = {
    'Content-Type': 'application/json',
    'X-GitHub-Event': 'star',
    'X-GitHub-Delivery': delivery,
    'X-Hub-Signature-256': `sha256=${signature}`,
  }
  const sent: KnownWebhook['posts'][number] = { step: simulation.step, secret, answer: null }
  webhook.posts.push(sent)
  const answer = await simulation.ask(isolate, 'POST', source.path, { headers, body })
  if (!answer) return
  const { id, repeat = false } = answer.body
  sent.answer = { status: answer.status, id, repeat: repeat === true }
  if (isAccepted(sent)) return
  simulation.afterStep.push(async () => {
    if (!mayRefuse(source, sent)) throw new Error(`A webhook was answered with ${answer.status}: ${answer.text}`)
  })
}

/** A strict source refuses a forged request, and any source refuses requests after it has been deleted. */
function mayRefuse(source: KnownSource, { secret, answer }: KnownWebhook['posts'][number]): boolean {
  if (answer?.status === 404) return source.isDeleted
  return answer?.status === 401 && source.isStrict && (secret === null || secret.to !== NEVER || secret.until !== NEVER)
}
