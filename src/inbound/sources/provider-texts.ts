import type { ProviderTexts } from '../../core/verifying/scheme'

type AllTexts = Readonly<Record<string, ProviderTexts>>

/** The file cannot change while the isolate runs, because it is deployed together with the Worker. */
let known: AllTexts | undefined

/**
 * Reads the texts about all providers. They are a file, because few requests need them.
 * @returns the texts, by the provider's slug
 */
export async function readProviderTexts(env: Env): Promise<AllTexts> {
  if (known) return known
  const response = await env.ASSETS.fetch('https://assets/providers.json')
  if (!response.ok) throw new Error(`public/providers.json cannot be read: ${response.status}`)
  known = await response.json<AllTexts>()
  return known
}

/** @returns the texts about one provider */
export async function textsOf(env: Env, { slug }: { slug: string }): Promise<ProviderTexts> {
  return textsIn(await readProviderTexts(env), slug)
}

/** @throws Error if public/providers.json has no texts about the provider */
export function textsIn(all: AllTexts, slug: string): ProviderTexts {
  const texts = all[slug]
  if (!texts) throw new Error(`public/providers.json does not contain ${slug}.`)
  return texts
}
