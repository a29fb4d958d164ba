import type { Context } from 'hono'
import type { ZodType } from 'zod'
import type { HonoEnv } from '../../env'
import { SecretsKeyError, seal, unseal } from '../db/sealing'
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../lib/bytes'
import { MINUTE_MS } from '../lib/time'

/*
 * What a page shows once after an action, such as a new secret. The URL of the redirect carries it, encrypted, so that
 * a reload does not repeat the action and nothing is stored. After a minute, nobody can read it.
 */

/** How long a page can show it. */
export const SHOWN_ONCE_MS = MINUTE_MS
/** Longer URLs are not safe with every browser and proxy. */
const MAX_LENGTH = 6_000

/** @returns a path with the data. @param path without a query @param data short, such as a secret */
export async function withFlash(env: Env, path: string, data: object, now: number): Promise<string> {
  const withData = await withFlashIfShort(env, path, data, now)
  if (withData === null) throw new RangeError(`The data for ${path} is too long for a URL.`)
  return withData
}

/** @returns a path with the data, or null if the data is too long. @param path without a query */
export async function withFlashIfShort(env: Env, path: string, data: object, now: number): Promise<string | null> {
  const sealed = await seal(env, JSON.stringify({ until: now + SHOWN_ONCE_MS, data }), contextOf(path))
  const text = toBase64Url(fromBase64(sealed) ?? new Uint8Array())
  return text.length > MAX_LENGTH ? null : `${path}?flash=${text}`
}

/** @returns what this page shows once, or null: there is nothing, the minute is over, or it belongs to another page */
export async function readFlash<T>(c: Context<HonoEnv>, shape: ZodType<T>): Promise<T | null> {
  const text = c.req.query('flash') ?? ''
  const sealed = text.length > MAX_LENGTH ? null : fromBase64Url(text)
  if (!sealed?.length) return null
  try {
    const opened = await unseal(c.env, toBase64(sealed), contextOf(c.req.path))
    const { until, data } = JSON.parse(opened)
    // An earlier version may have written another shape.
    return c.get('now') < until ? (shape.safeParse(data).data ?? null) : null
  } catch (cause) {
    // The URL was changed, or SECRETS_KEY was.
    if (cause instanceof SecretsKeyError) return null
    throw cause
  }
}

/** The data cannot be read on another page. */
const contextOf = (path: string): string => `flash ${path}`
