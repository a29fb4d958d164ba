import type { Provider } from '../../webhooks/rules/verifying/scheme'
import type { SourceOptions } from '../../webhooks/sources/options'

/* A source's options, as inputs in the source's form. */

export type OptionName = keyof SourceOptions

export interface OptionInput {
  name: OptionName
  label: string
  /** The value that is used if the input is empty. */
  placeholder: string
  choices?: string[]
}

const SIGNATURE: OptionInput[] = [
  { name: 'header', label: 'Signature header', placeholder: 'X-Signature' },
  { name: 'encoding', label: 'Signature encoding', placeholder: 'default', choices: ['hex', 'base64'] },
  { name: 'prefix', label: 'Signature prefix, such as sha256=', placeholder: '' },
  { name: 'signed', label: 'Signed content', placeholder: '{body}' },
  { name: 'timestamp_header', label: 'Timestamp header', placeholder: 'none' },
  { name: 'timestamp_unit', label: 'Timestamp unit', placeholder: 's', choices: ['ms', 'iso'] },
]
const KEY: OptionInput = { name: 'key', label: 'Secret encoding', placeholder: 'text', choices: ['base64', 'hex'] }
const VERIFY_TOKEN: OptionInput = {
  name: 'verify_token',
  label: "Verify token, as entered in the provider's settings",
  placeholder: 'accept any',
}
const TOLERANCE: OptionInput = { name: 'tolerance_seconds', label: 'Timestamp tolerance, in seconds', placeholder: '' }
const URL_INPUT: OptionInput = {
  name: 'url',
  label: "URL as entered in the provider's settings, if it differs from the webhook URL",
  placeholder: 'https://',
}
const ALWAYS: OptionInput[] = [
  { name: 'event_type', label: 'Event type, such as body:data.type', placeholder: 'default' },
  { name: 'delivery_id', label: 'Delivery ID, such as header:x-id', placeholder: 'default' },
]

function algorithmInput(choices: string[], placeholder: string): OptionInput {
  return { name: 'algorithm', label: 'Algorithm', placeholder, choices }
}

const HMAC_ALGORITHM = algorithmInput(['sha1', 'sha384', 'sha512'], 'sha256')
const KEY_ALGORITHM = algorithmInput(['ecdsa-p256', 'rsa-sha256'], 'ed25519')
const PARAMETER: OptionInput = { name: 'parameter', label: 'Parameter', placeholder: 'token' }

const OF_CUSTOM: Record<string, OptionInput[]> = {
  'custom-hmac': [HMAC_ALGORITHM, ...SIGNATURE, KEY, TOLERANCE, URL_INPUT],
  'custom-public-key': [KEY_ALGORITHM, ...SIGNATURE, TOLERANCE, URL_INPUT],
  'header-token': [{ name: 'header', label: 'Header', placeholder: 'X-Webhook-Secret' }],
  'query-token': [PARAMETER],
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
