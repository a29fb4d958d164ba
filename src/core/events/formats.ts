/** The formats in which an event can be sent. `standard` is the payload itself, byte for byte. */
export const FORMATS = [
  'standard',
  'slack',
  'discord',
  'teams',
  'ntfy',
  'telegram',
  'matrix',
  'email',
  'cloudevents',
  'build-hook',
] as const
export type Format = (typeof FORMATS)[number]

/** @returns whether people read messages in this format, not programs */
export function isForPeople(format: Format): boolean {
  return format !== 'standard' && format !== 'cloudevents' && format !== 'build-hook'
}

/** Services for people accept only their own format, and reject others with vague errors. A deploy hook starts a build. */
const FORMATS_BY_URL: [Format, RegExp][] = [
  ['slack', /^https:\/\/hooks\.slack(-gov)?\.com\//i],
  // Discord accepts Slack's format at this URL.
  ['slack', /^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d+\/[^/]+\/slack\b/i],
  ['discord', /^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\//i],
  ['teams', /^https:\/\/[^/]+\.webhook\.office\.com\//i],
  ['teams', /^https:\/\/[^/]+\.logic\.azure\.(com|us)(:443)?\/workflows\//i],
  ['teams', /^https:\/\/[^/]+\.api\.powerplatform\.com(:443)?\//i],
  ['ntfy', /^https:\/\/ntfy\.sh\//i],
  ['telegram', /^https:\/\/api\.telegram\.org\/bot/i],
  ['matrix', /^https:\/\/[^/]+\/_matrix\/client\//i],
  ['email', /^mailto:/i],
  // Cloudflare Pages, Netlify, Vercel, and GitHub.
  ['build-hook', /^https:\/\/api\.cloudflare\.com\/client\/v4\/pages\/webhooks\/deploy_hooks\//i],
  ['build-hook', /^https:\/\/api\.netlify\.com\/build_hooks\//i],
  ['build-hook', /^https:\/\/api\.vercel\.com\/v1\/integrations\/deploy\//i],
  ['build-hook', /^https:\/\/api\.github\.com\/repos\/[^/?#]+\/[^/?#]+\/dispatches\/?$/i],
]

/** @returns the format to suggest for a receiver's URL; `standard` if the URL is not that of a known service */
export function proposeFormat(url: string): Format {
  return FORMATS_BY_URL.find(([, pattern]) => pattern.test(url))?.[0] ?? 'standard'
}
