import { ANY } from './any'
import { CHAT } from './chat'
import { CODE } from './code'
import { MAIL } from './mail'
import { MONEY } from './money'
import type { Provider } from './provider'
import { WORK } from './work'

/** Every sender that can be verified, as data. */
export const PROVIDERS: readonly Provider[] = [...CODE, ...MONEY, ...CHAT, ...MAIL, ...WORK, ...ANY]

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
