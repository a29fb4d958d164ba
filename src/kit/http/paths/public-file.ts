import { logFault } from '../../../log'
import { Refusal } from '../problem'

const NO_ASSETS = 'Add `binding = "ASSETS"` below `[assets]` in wrangler.toml, then deploy again.'

type Read<T> = (response: Response) => Promise<T>

/** @returns reads a file of `public/` once: it is deployed with the Worker. @param parse for files other than JSON */
export function publicFile<T>(name: string, parse: Read<T> = (file) => file.json()): (env: Env) => Promise<T> {
  let known: T | undefined
  return async (env) => {
    known ??= await parse(await read(env, name))
    return known
  }
}

/** For a file that the program can do without. @param otherwise is used, and logged, while it cannot be read */
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
