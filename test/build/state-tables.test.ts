import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { EFFECTS, ENTRY_ACTS, ENTRY_STATUSES } from '../../src/guestbook/rules/entries/statuses'
import { type Act, statesAfter } from '../../src/kit/lib/states'
import { DELIVERY_ACTS, DELIVERY_STATES } from '../../src/webhooks/rules/delivering/delivery-state'
import { ENDPOINT_ACTS, ENDPOINT_STATES } from '../../src/webhooks/rules/delivering/endpoint-state'
import { NEXT, WAITS } from '../../src/webhooks/rules/delivering/waiting'
import { INBOUND_ACTS, INBOUND_STATES } from '../../src/webhooks/rules/receiving/inbound-state'

/* The tables of states in docs/states.md are those by which the program decides. */

const STATES = readFileSync(join(import.meta.dirname, '../../docs/states.md'), 'utf8')

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`.replaceAll('  ', ' ')).join('\n')

/** Rows of acts, from left to right: the state before. An empty cell: the act changes nothing. */
function tableOf<State extends string>(thing: string, acts: Record<string, Act<State>>, states: readonly State[]) {
  const cell = (act: Act<State>, state: State | 'none') => (state in act.to ? statesAfter(act, state).join(', ') : '')
  const from = ['none', ...states] as const
  const used = from.filter((state) => Object.values(acts).some((act) => state in act.to))
  const rows = Object.entries(acts).map(([name, act]) => [
    name,
    act.by,
    ...used.map((state) => cell(act, state)),
    act.also ?? '',
  ])
  return table([thing, 'by', ...used, 'also'], rows)
}

const EFFECT_WORDS: Record<keyof typeof EFFECTS, string> = {
  appears: 'becomes published',
  changes: 'is published, and says something else',
  disappears: 'is published no longer',
  waits: 'is new, and held',
  nothing: 'any other',
}

const TABLES: Record<string, string> = {
  delivery: tableOf('delivery', DELIVERY_ACTS, DELIVERY_STATES),
  endpoint: tableOf('endpoint', ENDPOINT_ACTS, ENDPOINT_STATES),
  'inbound message': tableOf('inbound message', INBOUND_ACTS, INBOUND_STATES),
  entry: tableOf('entry', ENTRY_ACTS, ENTRY_STATUSES),
  'an entry that': table(
    ['an entry that', 'event', 'published'],
    Object.entries(EFFECTS).map(([name, { event, count }]) => [
      EFFECT_WORDS[name as keyof typeof EFFECTS],
      event === null ? '' : `\`${event}\``,
      count === 0 ? '' : count > 0 ? '+ 1' : '− 1',
    ])
  ),
  act: table(
    ['act', ...WAITS],
    Object.entries(NEXT).map(([act, next]) => [act, ...WAITS.map((wait) => next[wait])])
  ),
}

it.each(Object.entries(TABLES))('docs/states.md has the table of states: %s', (name, wanted) => {
  const found = STATES.split('\n\n')
    .find((part) => part.startsWith(`| ${name} |`))
    ?.trimEnd()
  expect(found, `Replace the table in docs/states.md with this one:\n${wanted}\n`).toBe(wanted)
})
