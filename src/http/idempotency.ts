import type { Context } from 'hono'
import { utf8 } from '../core/lib/bytes'
import { sha256Hex } from '../core/lib/hmac'
import type { Batch } from '../db/batch'
import { isUniqueViolation } from '../db/client'
import { seal, unseal } from '../db/sealing'
import type { HonoEnv } from '../env'
import { type JsonText, jsonText } from './openapi'
import { Refusal } from './problem'

const HEADER = 'Idempotency-Key'
const LIVES_MS = 24 * 60 * 60 * 1_000

export interface Acceptance {
  status: 200 | 201 | 202
  body: object
  /** What makes it true, all or nothing. */
  statements: D1PreparedStatement[]
}

export interface Accepted {
  response: JsonText
  /** Of the statements that were run; empty for a repeat, which changes nothing. */
  results: D1Result[]
}

/**
 * Writes what a request creates in one batch, one round trip. With an Idempotency-Key the first answer is written in the same batch, so
 * a repeat can neither create twice nor be lost: its own batch fails on the key, and it gets the first answer again.
 * @throws Refusal 409 when the key came with another body before
 */
export async function acceptOnce(
  c: Context<HonoEnv>,
  scope: string,
  acceptance: Acceptance,
  now: number,
  batch: Batch = (statements) => c.env.DB.batch(statements)
): Promise<Accepted> {
  const key = c.req.header(HEADER)
  if (key === undefined) {
    const results = await batch(acceptance.statements)
    return { results, response: jsonText(c, JSON.stringify(acceptance.body), acceptance.status) }
  }
  return acceptWithKey(c, await identify(c, scope, key), acceptance, now)
}

/**
 * A repeat gets the first answer, whatever has changed since: what refuses it now was no reason then. Asked only when the work is refused, so it costs
 * the others nothing.
 */
export async function firstAnswerOr(
  c: Context<HonoEnv>,
  scope: string,
  work: () => Promise<JsonText>
): Promise<JsonText> {
  try {
    return await work()
  } catch (cause) {
    const key = c.req.header(HEADER)
    if (!(cause instanceof Refusal) || key === undefined) throw cause
    const claim = await identify(c, scope, key)
    const row = await findAnswer(c.env, claim.id)
    if (row?.fingerprint !== claim.fingerprint) throw cause
    return repeat(c, claim, row.answer)
  }
}

interface Claim {
  id: string
  fingerprint: string
}

async function acceptWithKey(
  c: Context<HonoEnv>,
  claim: Claim,
  { status, body, statements }: Acceptance,
  now: number
): Promise<Accepted> {
  const json = JSON.stringify(body)
  const sealed = await seal(c.env, JSON.stringify({ status, json }), claim.id)
  try {
    const results = await c.env.DB.batch([...claimKey(c.env, claim, sealed, now), ...statements])
    return { results, response: jsonText(c, json, status) }
  } catch (cause) {
    if (!isUniqueViolation(cause, 'idempotency_keys.id')) throw cause
    return { results: [], response: await firstAnswer(c, claim) }
  }
}

function claimKey(env: Env, claim: Claim, sealed: string, now: number): D1PreparedStatement[] {
  return [
    env.DB.prepare('delete from idempotency_keys where id = ?1 and created_at <= ?2').bind(
      claim.id,
      now - LIVES_MS
    ),
    env.DB.prepare(
      'insert into idempotency_keys (id, created_at, fingerprint, answer) values (?1, ?2, ?3, ?4)'
    ).bind(claim.id, now, claim.fingerprint, sealed),
  ]
}

async function firstAnswer(c: Context<HonoEnv>, claim: Claim): Promise<JsonText> {
  const row = await findAnswer(c.env, claim.id)
  if (row?.fingerprint !== claim.fingerprint) {
    const detail =
      'This Idempotency-Key was used with another body. Use a new key for a new request.'
    throw new Refusal(409, 'key_reused', detail)
  }
  return repeat(c, claim, row.answer)
}

async function findAnswer(env: Env, id: string) {
  return env.DB.prepare('select fingerprint, answer from idempotency_keys where id = ?1')
    .bind(id)
    .first<{ fingerprint: string; answer: string }>()
}

async function repeat(c: Context<HonoEnv>, claim: Claim, sealed: string): Promise<JsonText> {
  const { status, json } = JSON.parse(await unseal(c.env, sealed, claim.id))
  c.header('Idempotent-Replayed', 'true')
  return jsonText(c, json, status)
}

async function identify(c: Context<HonoEnv>, scope: string, key: string): Promise<Claim> {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const detail = 'An Idempotency-Key has 1 to 255 visible ASCII characters.'
    throw new Refusal(400, 'bad_idempotency_key', detail)
  }
  const id = await sha256Hex(utf8(`${scope}\n${key}`))
  // The path too: the same body for another endpoint is another request.
  return { id, fingerprint: await sha256Hex(utf8(`${c.req.path}\n${await c.req.text()}`)) }
}

/** Keys are of no use after a day. @returns how many were removed */
export async function removeOldKeys(env: Env, now: number, limit: number): Promise<number> {
  const { meta } = await env.DB.prepare(
    `delete from idempotency_keys where id in (
       select id from idempotency_keys where created_at <= ?1 order by created_at limit ?2)`
  )
    .bind(now - LIVES_MS, limit)
    .run()
  return meta.changes
}
