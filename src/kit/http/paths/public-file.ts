import { logFault } from '../../../log'
import { Refusal } from '../problem'

const NO_ASSETS = 'Add `binding = "ASSETS"` below `[assets]` in wrangler.toml, then deploy again.'

/**
 * Reads a JSON file of `public/`, which few requests need. The file cannot change while the isolate runs, because it is
 * deployed together with the Worker.
 * @returns a function that reads it once
 */
export function publicFile<T>(name: string): (env: Env) => Promise<T> {
  let known: T | undefined
  return async (env) => {
    known ??= await read<T>(env, name)
    return known
  }
}

/**
 * Does the same for a file that the program can do without.
 * @param otherwise what is used while the file cannot be read. The log says so
 */
export function optionalFile<T>(name: string, otherwise: T): (env: Env) => Promise<T> {
  const read = publicFile<T>(name)
  return async (env) => {
    try {
      return await read(env)
    } catch (cause) {
      logFault('file.fault', cause, { name })
      return otherwise
    }
  }
}

async function read<T>(env: Env, name: string): Promise<T> {
  if (!env.ASSETS) throw new Refusal(503, 'assets_missing', NO_ASSETS)
  const response = await env.ASSETS.fetch(`https://assets/${name}`)
  if (!response.ok) throw new Error(`public/${name} cannot be read: ${response.status}`)
  return response.json<T>()
}
