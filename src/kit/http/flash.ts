import type { Context } from 'hono'
import type { ZodType } from 'zod'
import type { HonoEnv } from '../../env'
import { SecretsKeyError, seal, unseal } from '../db/sealing'
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../lib/bytes'
import { MINUTE_MS } from '../lib/time'

/*
 * What a page shows once after an action, such as a new secret. The URL of the redirect carries it, encrypted, so that
 * a reload does not repeat the action and nothing is stored. After ten minutes, nobody can read it: that is enough to
 * put a secret where it belongs. Until then, tabs and forms of the page keep it, and what a later action adds.
 */

/** How long a page can show it. */
export const SHOWN_ONCE_MS = 10 * MINUTE_MS
/** Longer URLs are not safe with every browser and proxy. */
const MAX_LENGTH = 6_000
/** Between what a page shows at the same time, newest first. It is not in base64. */
const SEPARATOR = '.'
const MOST = 4

/** @returns a path with the data. @param path without a query @param data short, such as a secret */
export async function withFlash(env: Env, path: string, data: object, now: number): Promise<string> {
  const sealed = await seal(env, JSON.stringify({ until: now + SHOWN_ONCE_MS, data }), contextOf(path))
  return `${path}?flash=${toBase64Url(fromBase64(sealed) ?? new Uint8Array())}`
}

/** @returns as `withFlash`, or null if the data is too long */
export async function withFlashIfShort(env: Env, path: string, data: object, now: number): Promise<string | null> {
  const address = await withFlash(env, path, data, now)
  return address.length > MAX_LENGTH ? null : address
}

/** @returns the address of a tab, or of the page after a form, which keeps what the page before has shown once */
export function keepFlash(address: string, kept: string | undefined): string {
  if (!kept) return address
  const [, path = '', search, hash = ''] = /^([^?#]*)([^#]*)(.*)$/s.exec(address) ?? []
  const query = new URLSearchParams(search)
  const both = [query.get('flash'), kept].filter(Boolean).join(SEPARATOR)
  if (both.length > MAX_LENGTH) return address
  query.set('flash', both)
  return `${path}?${query}${hash}`
}

/**
 * @param path of the page, unless it answers the request @returns what this page shows once, with the times `until`
 *   which it does, by the names of the data; null if there is nothing, the time is over, or it belongs to another page
 */
export async function readFlash<T>(c: Context<HonoEnv>, shape: ZodType<T>, path = c.req.path): Promise<T | null> {
  const text = c.req.query('flash') ?? ''
  const texts = text.length > MAX_LENGTH ? [] : text.split(SEPARATOR, MOST).reverse()
  const opened = await Promise.all(texts.map((one) => open(c.env, one, path)))
  const shown = opened.filter((one) => one !== null).filter(({ until }) => c.get('now') < until)
  if (shown.length === 0) return null
  const until = Object.fromEntries(shown.flatMap(({ until, data }) => Object.keys(data).map((name) => [name, until])))
  // An earlier version may have written another shape.
  return shape.safeParse(Object.assign({ until }, ...shown.map(({ data }) => data))).data ?? null
}

async function open(env: Env, text: string, path: string): Promise<{ until: number; data: object } | null> {
  const sealed = fromBase64Url(text)
  if (!sealed?.length) return null
  try {
    return JSON.parse(await unseal(env, toBase64(sealed), contextOf(path)))
  } catch (cause) {
    // The URL was changed, or SECRETS_KEY was.
    if (cause instanceof SecretsKeyError) return null
    throw cause
  }
}

/** The data cannot be read on another page. */
const contextOf = (path: string): string => `flash ${path}`
