import { isCalled, settingsBetween, settingsIn } from '../endpoint-settings'
import type { Rows } from '../history'
import type { KnownEndpoint } from '../known'
import { nextCall } from '../pace'
import { countIn, endpointIn, names, onlyCounted, reportOf } from '../reports'
import type { Recorded, Simulation } from '../simulation'

/*
 * A digest, or the call of a build hook, reports several events. Each event is reported by something that has arrived,
 * and by nothing else once it was recorded as reported. Calls keep their distance.
 */

type Message = Rows['messages']

export function judgeCoverage(simulation: Simulation): string[] {
  return simulation.endpoints.flatMap((endpoint) => {
    const calls = simulation.recorded.filter(({ endpoint_id }) => endpoint_id === endpoint.id)
    const faults = [
      ...judgeReported(simulation, endpoint, calls),
      ...judgeRepeated(simulation, endpoint, calls),
      ...judgeDistance(simulation, endpoint, calls),
      ...calls.flatMap(({ request }) => wrongCount(request.body)),
    ]
    return faults.map((fault) => `${endpoint.id} (${endpoint.versions.at(-1)?.settings.format}): ${fault}`)
  })
}

/** What a digest says and what it lists are the same, unless its text is too long for the service. */
function wrongCount(body: string): string[] {
  const report = reportOf({ body })
  const count = report.kind === 'text' ? countIn(report) : null
  if (report.kind !== 'text' || count === null || count - onlyCounted(report) === report.lines.length) return []
  return [`a digest counts ${count} events and lists ${report.lines.length}`]
}

/** The texts in a request, each of which reports one event. */
function textsOf({ request }: Recorded): string[] {
  const report = reportOf(request)
  if (report.kind !== 'text') return []
  return countIn(report) === null ? [report.title] : report.lines
}

/** An event that was settled without a request of its own was reported by another one. */
function judgeReported(simulation: Simulation, endpoint: KnownEndpoint, calls: Recorded[]): string[] {
  const { history, erasedMessages, setup } = simulation
  if (!setup.isHealed) return []
  const texts = calls.flatMap(textsOf)
  const messages = [...history.tables.messages.seen.values()]
  const due = messages.filter((message) => {
    const { id, audience } = message.initial
    const delivery = history.tables.deliveries.seen.get(`${endpoint.id} ${id}`)
    return delivery?.row.reason === 'coalesced' && audience === null && !erasedMessages.has(id)
  })
  const lacking = (message: Message) => countAlike(simulation, endpoint, message) - countNamed(texts, message)
  const missing = due.filter(({ initial, since }) => {
    const isCalledLater = calls.some((one) => one.step >= since && reportOf(one.request).kind === 'hook')
    return !isCalledLater && lacking(initial) > 0
  })
  // If one of several events with the same text is not listed, it is unknown which one.
  const byText = new Map(missing.map(({ initial }) => [`${initial.type} ${titleOf(initial)}`, lacking(initial)]))
  const count = [...byText.values()].reduce((sum, some) => sum + some, 0)
  if (count <= countedOnly(calls)) return []
  return missing.map(({ initial }) => {
    return `${initial.type} ${initial.id} was reported by nothing: ${initial.payload.slice(0, 200)}`
  })
}

/** How many events all digests of an endpoint count and do not list. A repeated request counts once. */
function countedOnly(calls: Recorded[]): number {
  const digests = new Map(calls.map(({ message_id, request }) => [message_id, onlyCounted(reportOf(request))]))
  return [...digests.values()].reduce((sum, count) => sum + count, 0)
}

const countNamed = (texts: string[], message: Message): number => texts.filter((text) => names(text, message)).length

/** How many events with the same text have to be reported to people: some have no words of their own. */
function countAlike({ history, erasedMessages }: Simulation, endpoint: KnownEndpoint, message: Message): number {
  return [...history.tables.messages.seen.values()].filter(({ initial }) => {
    const row = history.tables.deliveries.seen.get(`${endpoint.id} ${initial.id}`)?.row
    const isDue = row?.status === 'delivered' || row?.reason === 'coalesced'
    const isAlike = initial.type === message.type && titleOf(initial) === titleOf(message)
    return isDue && isAlike && initial.audience === null && !erasedMessages.has(initial.id)
  }).length
}

/** What a text for people says about an event first. */
function titleOf({ type, payload, id }: Message): string {
  if (payload === '') return id
  const { data } = JSON.parse(payload)
  if (type === 'comment.removed') return String(data.book?.title)
  return String(data.comment?.name ?? (endpointIn(data) || payload))
}

/** An event that was recorded as reported is not reported by another request, unless a person asks for it again. */
function judgeRepeated(simulation: Simulation, endpoint: KnownEndpoint, calls: Recorded[]): string[] {
  if (isAskedAgain(simulation, endpoint)) return []
  const { history } = simulation
  const messages = [...history.tables.messages.seen.values()].map(({ initial }) => initial)
  return messages.flatMap((message) => {
    if (!message.type.startsWith('comment.') && message.type !== 'note.posted') return []
    const alike = messages.filter((one) => one.type === message.type && titleOf(one) === titleOf(message)).length
    const times = new Set(
      calls.filter((call) => countNamed(textsOf(call), message) > 0).map(({ message_id }) => message_id)
    )
    const count = calls
      .filter(
        ({ message_id }, i) => times.has(message_id) && calls.findIndex((one) => one.message_id === message_id) === i
      )
      .reduce((sum, call) => sum + countNamed(textsOf(call), message), 0)
    return count > alike ? [`${message.type} ${message.id} was reported ${count} times`] : []
  })
}

/** Whether a person has asked for something that may have arrived before. */
function isAskedAgain({ asked, jobs, selected, history }: Simulation, { id }: KnownEndpoint): boolean {
  const isReplayed = [...jobs.keys()].some((job) => {
    const row = history.tables.jobs.seen.get(job)?.row
    return row?.kind === 'replay' && row.endpoint_id === id && row.only !== 'missing'
  })
  const isNamed = [...asked.keys()].some((delivery) => delivery.startsWith(`${id} `))
  return isReplayed || isNamed || selected.some((one) => one.endpoint_id === id && one.act === 'resend')
}

/** Between two calls, there is the interval of the hook, or the hour of the digest. */
function judgeDistance(simulation: Simulation, endpoint: KnownEndpoint, calls: Recorded[]): string[] {
  const { history, clock } = simulation
  if (clock.setBack > 0) return []
  const own = calls.filter(({ message_id }) => history.tables.messages.seen.get(message_id)?.initial.audience == null)
  return own.slice(1).flatMap((call, i) => {
    const before = own[i] as Recorded
    const settings = settingsBetween(endpoint, before.step - 1, call.step)
    const [first] = settingsIn(endpoint, before.step)
    const isSame = settings.every((one) => JSON.stringify(one) === JSON.stringify(first))
    if (!first || !isSame || !isCalled(first) || call.step === before.step) return []
    if (isRequested(simulation, endpoint, before.step, call.step)) return []
    const next = nextCall(first, before.request.at)
    return call.request.at >= next ? [] : [`was called at ${call.request.at}, and not before ${next} was right`]
  })
}

/** A manual retry, and a test, are not paced. */
function isRequested(
  { asked, selected }: Simulation,
  { id, changes }: KnownEndpoint,
  first: number,
  last: number
): boolean {
  const isIn = (step: number) => step >= first && step <= last
  const isNamed = [...asked].some(([delivery, steps]) => delivery.startsWith(`${id} `) && [...steps].some(isIn))
  const isSelected = selected.some((one) => one.endpoint_id === id && isIn(one.step))
  return isNamed || isSelected || changes.some(({ step }) => isIn(step))
}
