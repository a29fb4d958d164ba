import { logFault } from '../../../log'
import { Refusal } from '../problem'

const NO_ASSETS = 'Add `binding = "ASSETS"` below `[assets]` in wrangler.toml, then deploy again.'

type Read<T> = (response: Response) => Promise<T>

/** @returns a function that reads a file of `public/` only once: it is deployed with the Worker, so it cannot change */
export function publicFile<T>(name: string, parse: Read<T> = (file) => file.json()): (env: Env) => Promise<T> {
  let known: T | undefined
  return async (env) => {
    known ??= await parse(await read(env, name))
    return known
  }
}

/** Like `publicFile`, for a file that the program can do without. If it cannot be read, logs that, and uses `otherwise`. */
export function optionalFile<T>(name: string, otherwise: T, parse?: Read<T>): (env: Env) => Promise<T> {
  const read = publicFile<T>(name, parse)
  return async (env) => {
    try {
      return await read(env)
    } catch (cause) {
      logFault('file.fault', cause, { name })
      return otherwise
    }
  }
}

async function read(env: Env, name: string): Promise<Response> {
  if (!env.ASSETS) throw new Refusal(503, 'assets_missing', NO_ASSETS)
  const response = await env.ASSETS.fetch(`https://assets/${name}`)
  if (!response.ok) throw new Error(`public/${name} cannot be read: ${response.status}`)
  return response
}
