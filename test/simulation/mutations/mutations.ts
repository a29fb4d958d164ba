/*
 * Faults to plant in the program, one at a time. Each replaces texts in one file, and each text must occur exactly
 * once.
 */

interface Mutation {
  name: string
  file: string
  /** Texts, and what replaces them. */
  replace: [string, string][]
}

export const MUTATIONS: Mutation[] = [
  {
    name: 'the lease of a delivery is ignored',
    file: 'src/webhooks/send/deliver/load-work-order.ts',
    replace: [
      ['    and d.next_attempt_at = ', '    or d.next_attempt_at = '],
      ['  const rows = loaded.results.filter((row) => ours.has(keyOf(row)))', '  const rows = loaded.results'],
    ],
  },
  {
    name: 'a repeated webhook is not recognized',
    file: 'src/webhooks/receive/messages/repeats.ts',
    replace: [
      ["      and o.status = 'processed'\n    union all", '      and false\n    union all'],
      ['      and o.fingerprint = :fingerprint\n', '      and false\n'],
    ],
  },
  {
    name: 'a duplicate that was acted on is not checked',
    file: 'src/webhooks/receive/messages/repeats.ts',
    replace: [['      and d.id <> m.id\n', '      and false\n']],
  },
  {
    name: 'a forged request that came first swallows the genuine one',
    file: 'src/webhooks/receive/messages/repeats.ts',
    replace: [['      and o.fingerprint = :fingerprint\n', '']],
  },
  {
    name: 'two workers can settle the same webhook',
    file: 'src/webhooks/receive/messages/store.ts',
    replace: [["    and status = 'new'\n    and rev = :rev\n    and (:acts = 0", '    and (:acts = 0']],
  },
  {
    name: 'erasure forgets the responses of receivers',
    file: 'src/webhooks/send/deliver/removal/erase.ts',
    replace: [
      [
        '  where (response_excerpt is not null or response_headers is not null) and (endpoint_id',
        '  where false and (endpoint_id',
      ],
    ],
  },
  {
    name: 'erasure forgets the answers to requests with an Idempotency-Key',
    file: 'src/kit/http/idempotency.ts',
    replace: [["  set answer = '', fingerprint = ''\n", "  set subject = ''\n"]],
  },
  {
    name: 'erased messages are replayed',
    file: 'src/webhooks/send/deliver/removal/erase.ts',
    replace: [["export const IS_NOT_ERASED = 'm.erased_at is null'", "export const IS_NOT_ERASED = 'true'"]],
  },
  {
    name: 'retention removes pending deliveries',
    file: 'src/webhooks/send/deliver/removal/remove-old.ts',
    replace: [
      ['    else 0\n', '    else :settled_before\n'],
      ["    where d.status <> 'pending' and d.settled_at", '    where d.settled_at'],
    ],
  },
  {
    name: 'retention never starts its walk again',
    file: 'src/webhooks/send/deliver/removal/remove-old.ts',
    replace: [["  const restarts = isEnd && last !== '' && now >= before.restart_at", '  const restarts = false']],
  },
  {
    name: 'the sweep does not find messages whose wake-up was lost',
    file: 'src/webhooks/sweep.ts',
    replace: [['messages: sweepMessages, ', '']],
  },
  {
    name: 'a rotation drops the old secret at once',
    file: 'src/webhooks/rules/signing/rotation.ts',
    replace: [
      [
        '  if (graceMs === 0 || current === undefined) return ok(only)',
        '  if (graceMs >= 0 || current === undefined) return ok(only)',
      ],
    ],
  },
  {
    name: 'a second rotation ends the first grace period',
    file: 'src/webhooks/rules/signing/rotation.ts',
    replace: [['previousUntil: now + graceMs, older })', 'previousUntil: now + graceMs, older: [] })']],
  },
  {
    name: 'a dispatch moves its cursor, and then writes the deliveries',
    file: 'src/webhooks/send/deliver/dispatch.ts',
    replace: [
      ['  const [undispatched, matching, created, moved] = await', '  const [undispatched, matching, moved] = await'],
      ['    CREATE_UNCONDITIONAL(env, { id, lease }),\n', ''],
      [
        '  const [message] = undispatched.results',
        `  const created = await env.DB.prepare(
    \`insert or ignore into deliveries (endpoint_id, message_id, status, next_attempt_at)
     select value, ?1, 'pending', ?2 from json_each(?3) returning endpoint_id\`
  )
    .bind(id, lease, JSON.stringify(matching.results.map((endpoint) => endpoint.id)))
    .all<{ endpoint_id: string }>()
  const [message] = undispatched.results`,
      ],
    ],
  },
  {
    name: 'an entry and its event are written one after the other',
    file: 'src/kit/http/idempotency.ts',
    replace: [
      [
        '  const results = await shared(acceptance.statements)',
        `  const [event] = acceptance.statements.slice(-1)
  const isEntry = acceptance.statements.length === 3
  const results = await shared(isEntry ? acceptance.statements.slice(0, 2) : acceptance.statements)
  if (isEntry && event) results.push(...(await shared([event])))`,
      ],
    ],
  },
  {
    name: 'a parked webhook is not released when its source is resumed',
    file: 'src/webhooks/receive/messages/due.ts',
    replace: [
      ["on s.id = parking.id and s.status <> 'paused'\n", 'on false\n'],
      [
        '  await makeDue(env, (limit) => RELEASE_PARKED(env, { source_id, next_attempt_at: now, limit }))',
        '  await makeDue(env, (limit) => RELEASE_PARKED(env, { source_id, next_attempt_at: now, limit: Math.min(limit, 0) }))',
      ],
    ],
  },
]

/**
 * @param text the file of the mutation
 * @returns the text with the fault
 * @throws Error if a text to replace does not occur exactly once
 */
export function mutate(text: string, { name, file, replace }: Mutation): string {
  return replace.reduce((mutated, [before, after]) => {
    const count = mutated.split(before).length - 1
    if (count !== 1) throw new Error(`"${name}": the text to replace occurs ${count} times in ${file}:\n${before}`)
    return mutated.replace(before, () => after)
  }, text)
}
