import { publicFile } from '../../kit/http/paths/public-file'
import type { ProviderTexts } from '../rules/verifying/scheme'

type AllTexts = Readonly<Record<string, ProviderTexts>>

/** Reads the texts about all providers, by the provider's slug. */
export const readProviderTexts = publicFile<AllTexts>('providers.json')

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
