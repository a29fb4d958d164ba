import type { Provider } from '../scheme'
import { CHAT } from './chat'
import { CODE } from './code'
import { ANY } from './custom'
import { MAIL } from './mail'
import { MONEY } from './money'
import { WORK } from './productivity'

/** Every sender that can be verified, as data. */
export const PROVIDERS: readonly Provider[] = [...CODE, ...MONEY, ...CHAT, ...MAIL, ...WORK, ...ANY]

const BY_SLUG = new Map(PROVIDERS.map((provider) => [provider.slug, provider]))

/** Other names that people look for. */
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

export function findProvider(slug: string): Provider | undefined {
  return BY_SLUG.get(Object.hasOwn(ALIASES, slug) ? (ALIASES[slug] ?? slug) : slug)
}
