import { type Rows, type Seen, wordsIn } from '../history'
import { isAccepted, type KnownWebhook } from '../known'
import type { Simulation } from '../simulation'

/*
 * Each webhook is acted on once, if its sender was told that it was accepted. A forged request is never acted on.
 */

type Inbound = Seen<Rows['inbound']>

export function judgeWebhooks(simulation: Simulation): string[] {
  return simulation.webhooks.flatMap((webhook) => {
    const what = `${webhook.delivery} (${webhook.source.act})`
    return judgeWebhook(simulation, webhook).map((fault) => `${what}: ${fault}`)
  })
}

function judgeWebhook(simulation: Simulation, webhook: KnownWebhook): string[] {
  const { tables } = simulation.history
  const rows = rowsOf(tables, webhook.word)
  const forged = rowsOf(tables, webhook.forgedWord)
  const acts = countActs(simulation, webhook.word)
  // If a message is deleted and the sender sends it again, it counts as new.
  const most = webhook.source.act === 'keep' ? 0 : 1 + rows.filter(({ gone }) => gone !== null).length
  const least = webhook.source.act === 'keep' || isExcused(webhook, rows) ? 0 : 1
  return [
    ...(acts > most ? [`acted on ${acts} times`] : []),
    ...(acts < least ? [`not acted on: ${JSON.stringify(rows.map(({ row }) => row))}`] : []),
    ...(countActs(simulation, webhook.forgedWord) > 0 ? ['a forged request was acted on'] : []),
    ...forged.flatMap(({ row }) => (row.status === 'processed' ? ['a forged request was processed'] : [])),
    ...rows.flatMap((row) => whyWrong(webhook, row) ?? []),
    ...judgeRepeats(webhook, [...rows, ...forged]),
    ...judgeCopies(rows),
  ]
}

/** The stored requests that contain a word. */
function rowsOf(tables: Simulation['history']['tables'], word: string): Inbound[] {
  return [...tables.inbound.seen.values()].filter(({ initial }) => wordsIn(initial.body_prefix).includes(word))
}

/** How many entries and events a webhook has caused. */
function countActs({ history: { tables } }: Simulation, word: string): number {
  const comments = [...tables.comments.seen.values()].filter(({ initial }) => wordsIn(initial.body).includes(word))
  const events = [...tables.messages.seen.values()].filter(
    ({ initial }) => initial.type === 'inbound.received' && wordsIn(initial.payload).includes(word)
  )
  return comments.length + events.length
}

/** Whether there is a reason for not acting on a webhook. */
function isExcused({ source, posts }: KnownWebhook, rows: Inbound[]): boolean {
  const isVerifiable = posts.some((post) => isAccepted(post) && post.secret !== null && !post.secret.isForgotten)
  return !isVerifiable || source.isPaused || source.isDeleted || rows.some(({ gone }) => gone !== null)
}

/** @returns null if a genuine request has the status that it should have */
function whyWrong({ source, posts }: KnownWebhook, { row, gone }: Inbound): string | null {
  if (gone !== null || row.status === 'processed') return null
  if (row.status === 'new') return source.isPaused ? null : `${row.id} is still waiting`
  if (source.isDeleted) return null
  const isForgotten = posts.some(({ secret }) => secret?.isForgotten)
  return row.reason === 'signature_mismatch' && isForgotten ? null : `${row.id} failed: ${row.reason}`
}

/** A message counts as many repeats as its senders have been told of. A refusal does not tell of any. */
function judgeRepeats({ posts }: KnownWebhook, rows: Inbound[]): string[] {
  const unanswered = posts.filter((post) => !isAccepted(post)).length
  return rows.flatMap(({ row, gone }) => {
    const told = posts.filter(({ answer }) => answer?.id === row.id && answer.repeat).length
    const isRight = row.repeats >= told && row.repeats <= told + unanswered
    return isRight || gone !== null ? [] : [`${row.id} has ${row.repeats} repeats, and ${told} were counted`]
  })
}

/** The same request is stored once, as long as the first one is stored. */
function judgeCopies(rows: Inbound[]): string[] {
  const stored = rows.filter(({ row, gone }) => gone === null && row.status !== 'failed')
  const fingerprints = stored.map(({ row }) => row.fingerprint)
  return new Set(fingerprints).size === fingerprints.length ? [] : ['the same request is stored twice']
}
