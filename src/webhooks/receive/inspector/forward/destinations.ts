import * as z from 'zod'
import { readSetting, saveSetting } from '../../../../kit/db/settings'

/* Where the owner has forwarded webhooks to, so that it need not be typed again. */

const NAME = 'forward_destinations'
const MAX_REMEMBERED = 5
const shape = z.array(z.string())

/** @returns URLs, the latest first */
export const readDestinations = (env: Env): Promise<string[]> => readSetting(env, NAME, shape, [])

export async function rememberDestination(env: Env, url: string): Promise<void> {
  const known = await readDestinations(env)
  if (known[0] === url) return
  await saveSetting(env, NAME, [url, ...known.filter((one) => one !== url)].slice(0, MAX_REMEMBERED))
}
