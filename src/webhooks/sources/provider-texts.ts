import { optionalFile } from '../../kit/http/paths/public-file'
import type { ProviderTexts } from '../rules/verifying/scheme'

type AllTexts = Readonly<Record<string, ProviderTexts>>

/** Reads the texts about all providers, by the provider's slug. */
export const readProviderTexts = optionalFile<AllTexts>('providers.json', {})

const NONE: ProviderTexts = { secret: 'secret', where: 'At the provider', setup: '', docs: '', sample: { body: {} } }

/** @returns the texts about one provider, for a page, which does without them if the file cannot be read */
export async function textsOf(env: Env, { slug }: { slug: string }): Promise<ProviderTexts> {
  return (await readProviderTexts(env))[slug] ?? NONE
}

/** @throws Error if public/providers.json cannot be read, or has no texts about the provider */
export function textsAbout(all: AllTexts, slug: string): ProviderTexts {
  const texts = all[slug]
  if (!texts) throw new Error(`public/providers.json does not contain ${slug}.`)
  return texts
}
