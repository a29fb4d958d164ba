import type { Provider } from '../../webhooks/rules/verifying/scheme'
import type { SourceOptions } from '../../webhooks/sources/options'

/* A source's options, as inputs in the source's form. */

export type OptionName = keyof SourceOptions

export interface OptionInput {
  name: OptionName
  /** If it is not that of the option. */
  label?: string
  /** The value that is used if the input is empty. */
  placeholder: string
  choices?: string[]
  /** Its spaces and line breaks count. */
  isExact?: true
}

export const OPTION_LABELS: Record<OptionName, string> = {
  algorithm: 'Algorithm',
  delivery_id: 'Delivery ID, such as header:x-id',
  encoding: 'Signature encoding',
  event_type: 'Event type, such as body:data.type',
  header: 'Signature header',
  key: 'Secret encoding',
  parameter: 'Parameter',
  prefix: 'Signature prefix, such as sha256=',
  signed: 'Signed content',
  timestamp_header: 'Timestamp header',
  timestamp_unit: 'Timestamp unit',
  tolerance_seconds: 'Timestamp tolerance, in seconds',
  url: "URL as entered in the provider's settings, if it differs from the webhook URL",
  verify_token: "Verify token, as entered in the provider's settings",
}

const SIGNATURE: OptionInput[] = [
  { name: 'header', placeholder: 'X-Signature' },
  { name: 'encoding', placeholder: 'default', choices: ['hex', 'base64'] },
  { name: 'prefix', placeholder: '' },
  { name: 'signed', placeholder: '{body}', isExact: true },
  { name: 'timestamp_header', placeholder: 'none' },
  { name: 'timestamp_unit', placeholder: 's', choices: ['ms', 'iso'] },
]
const KEY: OptionInput = { name: 'key', placeholder: 'text', choices: ['base64', 'hex'] }
const VERIFY_TOKEN: OptionInput = { name: 'verify_token', placeholder: 'accept any' }
const TOLERANCE: OptionInput = { name: 'tolerance_seconds', placeholder: '' }
const URL_INPUT: OptionInput = { name: 'url', placeholder: 'https://' }
const ALWAYS: OptionInput[] = [
  { name: 'event_type', placeholder: 'default' },
  { name: 'delivery_id', placeholder: 'default' },
]
const HMAC: OptionInput = { name: 'algorithm', placeholder: 'sha256', choices: ['sha1', 'sha384', 'sha512'] }
const PUBLIC_KEY: OptionInput = { name: 'algorithm', placeholder: 'ed25519', choices: ['ecdsa-p256', 'rsa-sha256'] }

const OF_CUSTOM: Record<string, OptionInput[]> = {
  'custom-hmac': [HMAC, ...SIGNATURE, KEY, TOLERANCE, URL_INPUT],
  'custom-public-key': [PUBLIC_KEY, ...SIGNATURE, TOLERANCE, URL_INPUT],
  'header-token': [{ name: 'header', label: 'Header', placeholder: 'X-Webhook-Secret' }],
  'query-token': [{ name: 'parameter', placeholder: 'token' }],
}

const EVERY = [...Object.values(OF_CUSTOM).flat(), VERIFY_TOKEN, ...ALWAYS]
export const OPTION_NAMES: OptionName[] = [...new Set(EVERY.map(({ name }) => name))]

/** @returns whether most sources with this provider need options */
export const needsOptions = ({ slug }: Provider): boolean => OF_CUSTOM[slug] !== undefined

/** @returns the options that apply to a provider, most important first */
export function optionInputs({ slug, schemes, handshakes = [] }: Provider): OptionInput[] {
  const ofCustom = OF_CUSTOM[slug]
  const signing = schemes.flatMap((scheme) => ('signed' in scheme ? [scheme] : []))
  const hasTimestamp = !ofCustom && signing.some(({ timestamp }) => timestamp)
  const signsUrl = !ofCustom && signing.some(({ signed }) => /\{ur[il]/.test(signed))
  const hasToken = handshakes.some(({ token }) => token !== undefined)
  return [
    ...(ofCustom ?? []),
    ...(hasToken ? [VERIFY_TOKEN] : []),
    ...(hasTimestamp ? [TOLERANCE] : []),
    ...(signsUrl ? [URL_INPUT] : []),
    ...ALWAYS,
  ]
}
