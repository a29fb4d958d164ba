import type { Provider } from '../scheme'
import { CHAT } from './chat'
import { CLOUD } from './cloud'
import { CODE } from './code'
import { CUSTOM } from './custom'
import { MAIL } from './mail'
import { MONEY } from './money'
import { PRODUCTIVITY } from './productivity'
import { SOCIAL } from './social'
import { STANDARDS } from './standards'

type Category = { id: string; name: string; providers: readonly Provider[] }

/** The providers, as people choose from them. The last category is for services that are not in the list. */
export const CATEGORIES: readonly Category[] = [
  { id: 'code', name: 'Code and projects', providers: CODE },
  { id: 'money', name: 'Payments and shops', providers: MONEY },
  { id: 'chat', name: 'Chat', providers: CHAT },
  { id: 'social', name: 'Social networks', providers: SOCIAL },
  { id: 'mail', name: 'E-mail and phone', providers: MAIL },
  { id: 'work', name: 'Work and support', providers: PRODUCTIVITY },
  { id: 'standards', name: 'Standards and relays', providers: STANDARDS },
  { id: 'cloud', name: 'Cloud', providers: CLOUD },
  { id: 'custom', name: 'Any other service', providers: CUSTOM },
]

/** Every provider whose webhooks can be verified. */
export const PROVIDERS = CATEGORIES.flatMap(({ providers }) => providers)

const BY_SLUG = new Map(PROVIDERS.map((provider) => [provider.slug, provider]))

/** Other names for a provider, such as those of its products. */
const ALIASES: Record<string, string> = {
  calcom: 'cal-com',
  facebook: 'meta',
  instagram: 'meta',
  whatsapp: 'meta',
  clerk: 'svix',
  resend: 'svix',
  openai: 'standard-webhooks',
  twitter: 'x',
  'azure-event-grid': 'event-grid',
  'cal.com': 'cal-com',
  'hubspot-v3': 'hubspot',
  custom: 'custom-hmac',
  hmac: 'custom-hmac',
  basic: 'basic-auth',
  bearer: 'bearer-token',
  none: 'unsigned',
}

/** @param slug a provider's slug, or one of its other names */
export function findProvider(slug: string): Provider | undefined {
  return BY_SLUG.get(Object.hasOwn(ALIASES, slug) ? (ALIASES[slug] ?? slug) : slug)
}
