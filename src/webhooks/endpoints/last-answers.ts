import { columnsWithout, type RowOf } from '../../kit/db/rows'
import { all, batchNamed } from '../../kit/db/statements'
import { gistOf } from '../../kit/lib/text/gist'
import { spanOf } from '../../kit/lib/time'
import type { ErrorClass } from '../rules/delivering/outcome'
import { DEADLINE_MS } from '../send/http/call'
import { attempts } from '../tables/outgoing'

/* What receivers answered last: on the list of endpoints, on the page of one, and where the owner must act. */

/** `retry_at`: when its delivery is tried again, in epoch milliseconds; null if that is not scheduled. */
const ATTEMPT = columnsWithout(attempts, 'late_at')
  .of('a')
  .and<{ retry_at: number | null; event_type: string }>(
    `iif(d.status = 'pending' and d.reason is not null, d.next_attempt_at, null) as retry_at`,
    '(select type from messages where id = a.message_id) as event_type'
  )
export type LastAttempt = RowOf<typeof ATTEMPT>

/** How many attempts are read of each endpoint. They are sorted by their messages, so the last one is among the first. */
const READ = 10

/** Late attempts, and those a person asked for, are found by their time: see late-attempts.ts. A test is not a delivery. */
const LIST = ATTEMPT.from<{ ids: string }>(`
  json_each(:ids) j
  cross join attempts a on a.endpoint_id = j.value and (a.message_id, a.number) = (
    select message_id, number
    from (
      select message_id, number, max(started_at)
      from (
        select * from (
          select message_id, number, started_at, trigger
          from attempts
          where endpoint_id = j.value
          order by message_id desc, number desc
          limit ${READ})
        union all
        select * from (
          select message_id, number, started_at, trigger
          from attempts indexed by attempts_late
          where endpoint_id = j.value and late_at is not null
          order by late_at desc
          limit 1))
      where trigger <> 'test'))
  left join deliveries d on d.endpoint_id = a.endpoint_id and d.message_id = a.message_id`)

/** @returns the last attempt of each endpoint that has one, by the id of the endpoint. Takes one round trip */
export async function lastAttempts(env: Env, ids: string[]): Promise<Map<string, LastAttempt>> {
  const rows = ids.length === 0 ? [] : await all(LIST(env, { ids: JSON.stringify(ids) }))
  return new Map(rows.map((row) => [row.endpoint_id, row]))
}

const LAST_TEST = ATTEMPT.from<{ id: string }>(`
  attempts a
  left join deliveries d on d.endpoint_id = a.endpoint_id and d.message_id = a.message_id
  where a.endpoint_id = :id
  order by a.message_id desc, a.number desc
  limit 1`)

/** @returns the last attempt that was no test. Also the latest test, if it failed since, or if nothing else was sent */
export async function lastAnswers(
  env: Env,
  id: string
): Promise<{ last: LastAttempt | null; test: LastAttempt | null }> {
  const {
    any: [last = null],
    tests: [test = null],
  } = await batchNamed(env, {
    any: LIST(env, { ids: JSON.stringify([id]) }),
    tests: LAST_TEST(env, { id }),
  })
  if (test?.trigger !== 'test') return { last, test: null }
  const isNews = last?.outcome === 'delivered' && test.outcome !== 'delivered' && test.started_at >= last.started_at
  return { last, test: last === null || isNews ? test : null }
}

const NO_ANSWER: { [K in ErrorClass]?: string } = {
  deadline: `no answer within ${spanOf(DEADLINE_MS)}`,
  connection_lost: 'the connection was refused or lost',
  dns_or_tls: 'the host name or the TLS certificate does not work',
  origin_unreachable: 'the network cannot reach the receiver',
  sender_fault: 'the guestbook could not send the request',
  no_email: 'this deployment cannot send e-mails',
  email_refused: 'Cloudflare did not accept the e-mail',
}

type Answer = Pick<LastAttempt, 'status_code' | 'error_class' | 'response_excerpt'>

/** @returns an answer in one line, for example `500: relation "contacts" does not exist`. Others wrote a part of it */
export function answerInWords({ status_code, error_class, response_excerpt }: Answer): string {
  if (status_code === null) return (error_class && NO_ANSWER[error_class]) ?? 'blocked'
  const said = gistOf(response_excerpt ?? '')
  if (said === null) return String(status_code)
  return said.startsWith(String(status_code)) ? said : `${status_code}: ${said}`
}
