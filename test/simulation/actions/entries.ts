import fc from 'fast-check'
import type { World } from '../../support/world'
import { HOUR } from '../clock'
import type { KnownEntry } from '../known'
import { OWNER, type Simulation } from '../simulation'
import { kind, which } from './kind'

/** An Idempotency-Key holds for a day. Shortly before that, nobody relies on it. */
const KEY_HOLDS_MS = 23 * HOUR

export const ENTRIES = {
  sign: kind<{ by: 'guest' | 'owner'; hasKey: boolean; hasLinks: boolean }>(
    10,
    {
      by: fc.constantFrom('guest', 'owner'),
      hasKey: fc.boolean(),
      hasLinks: fc.constantFrom(false, false, false, true),
    },
    async (simulation, isolate, { by, hasKey, hasLinks }) => {
      const word = simulation.nextWord()
      const links = hasLinks ? ' http://a.example http://b.example http://c.example' : ''
      const entry: KnownEntry = {
        word,
        by,
        body: { name: `Guest ${word}`, body: `Hello ${word}${links}` },
        key: hasKey ? `key-of-${word}` : null,
        sentAt: simulation.clock.now,
        id: null,
        token: null,
        isAnswered: false,
      }
      simulation.entries.push(entry)
      await postEntry(simulation, isolate, entry)
    }
  ),

  /** The client repeats a request, or uses its key for another one by mistake. */
  repeat: kind<{ which: number; isChanged: boolean }>(
    4,
    { which, isChanged: fc.constantFrom(false, false, true) },
    async (simulation, isolate, { which, isChanged }) => {
      const entry = simulation.pick(repeatable(simulation), which)
      if (!entry) return
      if (!isChanged) return postEntry(simulation, isolate, entry)
      // Nothing may contain this word, unless the first request never arrived.
      const body = { ...entry.body, body: `Changed ${entry.word} by mistake` }
      if (entry.isAnswered) await postEntry(simulation, isolate, { ...entry, body }, [409, 410])
    }
  ),

  moderate: kind<{ which: number; status: string }>(
    4,
    { which, status: fc.constantFrom('published', 'hidden', 'held', 'spam') },
    (simulation, isolate, { which, status }) => changeEntry(simulation, isolate, which, 'PATCH', { status })
  ),

  edit: kind<{ which: number }>(2, { which }, (simulation, isolate, { which }) =>
    changeEntry(simulation, isolate, which, 'PATCH', { body: `Edited ${simulation.nextWord()}` })
  ),

  /** A guest can edit the own entry for 15 minutes. Several edits soon after each other become one event. */
  editOwn: kind<{ which: number; times: number }>(
    3,
    { which, times: fc.constantFrom(1, 1, 2, 3) },
    async (simulation, isolate, { which, times }) => {
      const entry = simulation.pick(
        simulation.entries.filter(({ token }) => token !== null),
        which
      )
      for (let i = 0; entry && i < times; i++) {
        const headers = { Authorization: `Bearer ${entry.token}`, 'CF-Connecting-IP': nextAddress(simulation) }
        const body = { body: `Edited by its guest ${simulation.nextWord()}` }
        await simulation.ask(isolate, 'PATCH', `/api/comments/${entry.id}`, { headers, body })
      }
    }
  ),

  erase: kind<{ which: number }>(3, { which }, (simulation, isolate, { which }) =>
    changeEntry(simulation, isolate, which, 'DELETE')
  ),
}

/** @returns the entries whose request can be repeated without creating a second one */
export function repeatable({ entries, clock }: Simulation): KnownEntry[] {
  return entries.filter(({ key, sentAt }) => key !== null && clock.latest < sentAt + KEY_HOLDS_MS)
}

/** @param expected the statuses that are right; 410 is right only after the entry has been erased */
export async function postEntry(
  simulation: Simulation,
  isolate: World,
  entry: KnownEntry,
  expected = [201, 410]
): Promise<void> {
  const headers = {
    ...(entry.by === 'owner' ? OWNER : { 'CF-Connecting-IP': nextAddress(simulation) }),
    ...(entry.key !== null && { 'Idempotency-Key': entry.key }),
  }
  const answer = await simulation.ask(isolate, 'POST', '/api/comments', { headers, body: entry.body })
  if (!answer) return
  const isErased = simulation.words.erasedBefore(simulation.step + 1).includes(entry.word)
  if (!expected.includes(answer.status) || (answer.status === 410 && !isErased && !mayErase(simulation, entry)))
    throw new Error(`Signing was answered with ${answer.status}: ${answer.text}`)
  entry.isAnswered = true
  if (answer.status !== 201) return
  if (entry.id !== null && entry.id !== answer.body.id) throw new Error(`${entry.key} has created two entries.`)
  entry.id = answer.body.id
  entry.token = String(answer.body.edit_token ?? '') || null
}

/** No limit for one address applies. */
function nextAddress(simulation: Simulation): string {
  const number = simulation.next()
  return `10.0.${Math.floor(number / 250)}.${number % 250}`
}

/** Whether another action of the same step may be erasing the entry. */
function mayErase({ deleting, step }: Simulation, { id }: KnownEntry): boolean {
  return id !== null && deleting.get(id) === step
}

async function changeEntry(
  simulation: Simulation,
  isolate: World,
  which: number,
  method: 'PATCH' | 'DELETE',
  body?: object
): Promise<void> {
  const comment = simulation.pick(simulation.history.tables.comments.present(), which)
  if (!comment) return
  if (method === 'DELETE') simulation.deleting.set(comment.id, simulation.step)
  await simulation.ask(isolate, method, `/api/comments/${comment.id}`, { headers: OWNER, body })
}
