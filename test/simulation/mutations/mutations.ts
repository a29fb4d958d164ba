/*
 * Faults to plant in the program, one at a time. Each replaces texts in one file, and each text must occur exactly
 * once.
 */

interface Mutation {
  name: string
  /** What the runs are about that find it: a name in plan.ts. */
  about: string
  file: string
  /** Texts, and what replaces them. */
  replace: [string, string][]
}

export const MUTATIONS: Mutation[] = [
  {
    name: 'the lease of a delivery is ignored',
    about: 'outgoing',
    file: 'src/webhooks/send/deliver/load-work-order.ts',
    replace: [
      ['    and d.next_attempt_at = ', '    or d.next_attempt_at = '],
      ['  const rows = loaded.results.filter((row) => ours.has(keyOf(row)))', '  const rows = loaded.results'],
    ],
  },
  {
    name: 'a repeated webhook is not recognized',
    about: 'repeats',
    file: 'src/webhooks/receive/messages/repeats.ts',
    replace: [
      ["      and o.status = 'processed'\n    union all", '      and false\n    union all'],
      ['      and o.fingerprint = :fingerprint\n', '      and false\n'],
    ],
  },
  {
    name: 'a duplicate that was acted on is not checked',
    about: 'repeats',
    file: 'src/webhooks/receive/messages/repeats.ts',
    replace: [['      and d.id <> m.id\n', '      and false\n']],
  },
  {
    name: 'a forged request that came first swallows the genuine one',
    about: 'repeats',
    file: 'src/webhooks/receive/messages/repeats.ts',
    replace: [['      and o.fingerprint = :fingerprint\n', '']],
  },
  {
    name: 'two workers can settle the same webhook',
    about: 'repeats',
    file: 'src/webhooks/receive/messages/store.ts',
    replace: [[`    and \${inboundCanBe('processed')}\n    and rev = :rev\n    and (:acts = 0`, '    and (:acts = 0']],
  },
  {
    name: 'erasure forgets the responses of receivers',
    about: 'outgoing',
    file: 'src/webhooks/send/deliver/erase.ts',
    replace: [
      [
        '  where (response_excerpt is not null or response_headers is not null) and (endpoint_id',
        '  where false and (endpoint_id',
      ],
    ],
  },
  {
    name: 'erasure forgets the answers to requests with an Idempotency-Key',
    about: 'incoming',
    file: 'src/kit/http/act-once.ts',
    replace: [["  set answer = '', fingerprint = ''\n", "  set subject = ''\n"]],
  },
  {
    name: 'erased messages are replayed',
    about: 'erasure',
    file: 'src/webhooks/send/deliver/erase.ts',
    replace: [["export const IS_NOT_ERASED = 'm.erased_at is null'", "export const IS_NOT_ERASED = 'true'"]],
  },
  {
    name: 'retention removes pending deliveries',
    about: 'outgoing',
    file: 'src/webhooks/send/deliver/retention.ts',
    replace: [
      ['    else 0\n', '    else :settled_before\n'],
      [`    where \${deliveryCanBe('removed', 'd')} and d.settled_at`, '    where d.settled_at'],
    ],
  },
  {
    name: 'retention never starts its walk again',
    about: 'outgoing',
    file: 'src/webhooks/send/deliver/retention.ts',
    replace: [["  const restarts = isEnd && last !== '' && now >= before.restart_at", '  const restarts = false']],
  },
  {
    name: 'the sweep does not find messages whose wake-up was lost',
    about: 'outgoing',
    file: 'src/webhooks/sweep.ts',
    replace: [['messages: sweepMessages, ', '']],
  },
  {
    name: 'a rotation drops the old secret at once',
    about: 'outgoing',
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
    about: 'rotations',
    file: 'src/webhooks/rules/signing/rotation.ts',
    replace: [['previousUntil: now + graceMs, older })', 'previousUntil: now + graceMs, older: [] })']],
  },
  {
    name: 'a dispatch moves its cursor, and then writes the deliveries',
    about: 'crashes',
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
    about: 'crashes',
    file: 'src/kit/http/act-once.ts',
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
    about: 'pauses',
    file: 'src/webhooks/receive/messages/due.ts',
    replace: [
      ["on s.id = parking.id and s.status <> 'paused'\n", 'on false\n'],
      [
        '  await makeDue(env, (limit) => RELEASE_PARKED(env, { source_id, next_attempt_at: now, limit }))',
        '  await makeDue(env, (limit) => RELEASE_PARKED(env, { source_id, next_attempt_at: now, limit: Math.min(limit, 0) }))',
      ],
    ],
  },
  // What is sent: the settings of an endpoint at that time.
  {
    name: 'an endpoint gets the events of all books',
    about: 'outgoing',
    file: 'src/webhooks/send/publish/subscriptions.ts',
    replace: [[`    and (\${endpoint}.books is null\n`, `    and (true or \${endpoint}.books is null\n`]],
  },
  {
    name: 'a dispatch ignores conditions',
    about: 'outgoing',
    file: 'src/webhooks/rules/events/when.ts',
    replace: [['    if (decision.holds) wanted.push(id)', '    wanted.push(id)']],
  },
  {
    name: 'a replay ignores the condition of its endpoint',
    about: 'replays',
    file: 'src/webhooks/send/resend/selection.ts',
    replace: [
      [
        "  const when = act === 'resend' ? endpoint.when : null",
        "  const when = act === 'resend' ? null : endpoint.when",
      ],
    ],
  },
  {
    name: 'a selection ignores what its endpoint subscribes to',
    about: 'selections',
    file: 'src/webhooks/send/resend/selection.ts',
    replace: [["    judged: Number(act === 'resend' && ids === null),", '    judged: 0,']],
  },
  {
    name: 'an order that takes long does not read again',
    about: 'slow',
    file: 'src/webhooks/send/deliver/run-order.ts',
    replace: [['    if (now - this.#read_at <= OLD_MS) return true', '    if (now >= this.#read_at) return true']],
  },
  {
    name: 'an endpoint that waits for approval gets events',
    about: 'registration',
    file: 'src/webhooks/registration/register.ts',
    replace: [["enabled: mode === 'open' }", 'enabled: true }']],
  },
  // Calls, which report several events, and selections.
  {
    name: 'a digest does not list what it covers',
    about: 'waiting',
    file: 'src/webhooks/send/deliver/calls.ts',
    replace: [[`\${isParked('deliveries')} and covered_by = :message_id`, 'false']],
  },
  {
    name: 'what a call covers is settled when it begins',
    about: 'waiting',
    file: 'src/webhooks/send/deliver/calls.ts',
    replace: [
      [
        `  set covered_by = \${NEWEST}\n  where \${isInPage(deliveries, { index: 'deliveries_parked'`,
        `  set covered_by = \${NEWEST}, status = iif(message_id = \${NEWEST}, status, 'canceled'), reason = iif(message_id = \${NEWEST}, reason, 'coalesced'), settled_at = iif(message_id = \${NEWEST}, null, 1)\n  where \${isInPage(deliveries, { index: 'deliveries_parked'`,
      ],
    ],
  },
  {
    name: 'a call settles nothing that it covers',
    about: 'waiting',
    file: 'src/webhooks/send/deliver/calls.ts',
    replace: [["    where c.status = 'delivered' and d.covered_by = c.message_id)`)", '    where false)`)']],
  },
  {
    name: 'a backlog ignores the rate of its endpoint',
    about: 'waiting',
    file: 'src/webhooks/send/deliver/release-parked.ts',
    replace: [['Math.max(Math.floor(rate_limit * SLOW_PACE), 1) : rate_limit', '300 : Math.max(rate_limit, 300)']],
  },
  {
    name: 'a new pace does not end the wait for the next call',
    about: 'waiting',
    file: 'src/webhooks/rules/delivering/waiting.ts',
    replace: [
      [
        "  if (wait !== 'call' || isUnderWay || failures > 0) return breakerOf(before)\n  return callAt(firstCall(pace, now))",
        '  return breakerOf(before)',
      ],
    ],
  },
  {
    name: 'a dispatch creates no delivery for an endpoint with a digest',
    about: 'waiting',
    file: 'src/webhooks/send/deliver/dispatch.ts',
    replace: [
      [
        'creating<Creating>(\'p."when" is null\')',
        'creating<Creating>(\'p."when" is null and p.digest_hour is null\')',
      ],
    ],
  },
  {
    name: 'a replay that is stopped forgets what its deliveries were before',
    about: 'stopped jobs',
    file: 'src/webhooks/send/deliver/resend-store.ts',
    replace: [
      [
        `    prior_state = iif(:job_id is null, null, coalesce(prior_state, \${PRIOR_STATE}))\n`,
        '    prior_state = null\n',
      ],
    ],
  },
  {
    name: 'a discard leaves what is parked',
    about: 'selections',
    file: 'src/webhooks/send/deliver/resend-store.ts',
    replace: [
      [
        `    and \${IS_IN_STATE}\n    and \${IS_RUNNING}\`)`,
        `    and next_attempt_at is not null\n    and \${IS_RUNNING}\`)`,
      ],
    ],
  },
  // Books, entries and their guests.
  {
    name: 'what happens in a deleted book causes no event',
    about: 'deleted books',
    file: 'src/guestbook/moderation/plan-events.ts',
    replace: [
      [
        'eventsOf(pair, anyOf(pair.after.book)?.book ?? null, origin, now)',
        'eventsOf(pair, anyOf(pair.after.book)?.isDeleted ? null : (anyOf(pair.after.book)?.book ?? null), origin, now)',
      ],
    ],
  },
  {
    name: 'a deleted book is still shown',
    about: 'deleted books',
    file: 'src/guestbook/books/store.ts',
    replace: [
      [
        "BOOK.from<{ slug: string }>('books where slug = :slug and deleted_at is null')",
        "BOOK.from<{ slug: string }>('books where slug = :slug')",
      ],
    ],
  },
  {
    name: 'a private entry can be put into the queue',
    about: 'moderation',
    file: 'src/guestbook/rules/entries/statuses.ts',
    replace: [["!is_private || status === 'hidden' || status === 'spam'", "!is_private || status !== 'published'"]],
  },
  {
    name: 'blocked texts do not apply to private entries',
    about: 'moderation',
    file: 'src/guestbook/rules/entries/decide.ts',
    replace: [
      [
        '  if (findBlocked(said, rules.blocked_words) !== null)',
        '  if (!facts.isPrivate && findBlocked(said, rules.blocked_words) !== null)',
      ],
    ],
  },
  {
    name: 'a book that takes no private entries takes them',
    about: 'moderation',
    file: 'src/guestbook/rules/entries/entry-content.ts',
    replace: [
      ['  return given && !allows_private ?', "  return given && !allows_private && text('fault_private') === '' ?"],
    ],
  },
  {
    name: 'a guest stays known although an entry was marked as spam',
    about: 'guests',
    file: 'src/guestbook/moderation/change-store.ts',
    replace: [[`    where \${IS_MARKED} and j.value ->> '$.before.status' <> 'spam')`, '    where false)']],
  },
  {
    name: 'an undo does not approve an entry again',
    about: 'guests',
    file: 'src/guestbook/moderation/change-store.ts',
    replace: [["  where status <> 'spam' and approved_at is null and id in", '  where false and id in']],
  },
  {
    name: 'an answer stands where it was sent',
    about: 'questions',
    file: 'src/guestbook/rules/entries/answers.ts',
    replace: [
      [
        "    return named ?? (typeof placed === 'string' ? placed : undefined)",
        "    return typeof placed === 'string' ? placed : (placed?.answer ?? named)",
      ],
    ],
  },
  {
    name: 'an isolate shows entries that were hidden',
    about: 'visitors',
    file: 'src/guestbook/books/store.ts',
    replace: [
      [
        `    version = version + 1\n  where slug in (select c.book \${counted})\``,
        `    version = version + 0\n  where slug in (select c.book \${counted})\``,
      ],
    ],
  },
  {
    name: 'a book still counts entries that were hidden',
    about: 'moderation',
    file: 'src/guestbook/rules/entries/statuses.ts',
    replace: [["{ event: 'comment.removed', count: -1 }", "{ event: 'comment.removed', count: 0 }"]],
  },
  {
    name: 'the list and the embedded entries contain what waits',
    about: 'moderation',
    file: 'src/guestbook/store.ts',
    replace: [
      ["  where book = :book and status = 'published' and id < :before\n", '  where book = :book and id < :before\n'],
    ],
  },
  {
    name: 'the list of a status contains entries with another',
    about: 'moderation',
    file: 'src/guestbook/moderation/search.ts',
    replace: [["    within: 'book = :book and status = :status',", "    within: 'book = :book',"]],
  },
  {
    name: 'the statistics leave out late attempts',
    about: 'statistics',
    file: 'src/owner/stats/count.ts',
    replace: [
      [
        '  for (const row of [...on_time, ...late]) {',
        '  for (const row of [...on_time, ...late.slice(late.length)]) {',
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
