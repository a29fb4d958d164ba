import { ANY } from './any'
import { CHAT } from './chat'
import { CODE } from './code'
import { MONEY } from './money'
import { PEOPLE } from './people'
import type { Provider } from './provider'

/** Every sender that can be verified, as data. */
export const PROVIDERS: readonly Provider[] = [...CODE, ...MONEY, ...CHAT, ...PEOPLE, ...ANY]

const BY_SLUG = new Map(PROVIDERS.map((provider) => [provider.slug, provider]))

/** Other names that people look for. */
const ALIASES: Record<string, string> = {
  calcom: 'cal-com',
  facebook: 'meta',
  instagram: 'meta',
  twitter: 'x',
  'azure-event-grid': 'event-grid',
}

export function findProvider(slug: string): Provider | undefined {
  return BY_SLUG.get(ALIASES[slug] ?? slug)
}
