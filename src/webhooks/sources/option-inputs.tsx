import { type PropsWithChildren, useContext } from '#jsx'
import type { Control } from '../../kit/html/controls'
import { Check, Input, Select, TextArea } from '../../kit/html/parts/fields'
import { Fold } from '../../kit/html/parts/form'
import { type Provider, proofOf } from '../rules/verifying/scheme'
import { EditedSource } from './edited-source'
import type { SourceOptions } from './options'

/* A source's options, as inputs in the source's form. */

type OptionName = keyof SourceOptions

interface OptionInput {
  name: OptionName
  /** If it is not that of the option. */
  label?: string
  /** The value that is used if the input is empty. */
  placeholder: string
  choices?: string[]
  /** Its spaces and line breaks count. */
  isExact?: true
}

const LABELS: Record<OptionName, string> = {
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
const NAMES: OptionName[] = [...new Set(EVERY.map(({ name }) => name))]

/** @returns whether most sources with this provider need options */
const needsOptions = ({ slug }: Provider): boolean => OF_CUSTOM[slug] !== undefined

/** @returns the options that apply to a provider, most important first */
function inputsFor({ slug, schemes, handshakes = [] }: Provider): OptionInput[] {
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

/** The inputs have the names of the options. A provider that leaves nothing open has few of them. */
export function optionInputs(): Control<SourceOptions> {
  return {
    fill: (options) => Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)])),
    read: readOptions,
    show: (form) => {
      const provider = useContext(EditedSource)?.provider
      return provider && inputsFor(provider).map((input) => <Option input={input} form={form} />)
    },
  }
}

function readOptions(form: URLSearchParams): Record<string, string | number> {
  // Spaces and line breaks are a part of the signed text.
  const textOf = (name: OptionName) => (name === 'signed' ? form.get(name) : form.get(name)?.trim()) ?? ''
  const given = NAMES.map((name) => [name, textOf(name)] as const).filter(([, text]) => text !== '')
  return Object.fromEntries(given.map(([name, text]) => [name, name === 'tolerance_seconds' ? Number(text) : text]))
}

function Option({ input: { choices, isExact, ...input }, form }: { input: OptionInput; form: URLSearchParams }) {
  const { name, label = LABELS[name], placeholder } = input
  const field = { name, value: form.get(name) ?? '', label, path: `options.${name}` }
  if (isExact) return <TextArea {...field} rows={2} placeholder={placeholder} class="code" />
  if (!choices) return <Input {...field} placeholder={placeholder} />
  return <Select {...field} choices={[['', placeholder], ...choices.map((choice) => [choice, choice] as const)]} />
}

/** A source without a signature has no box. */
export function strictBox(): Control<boolean> {
  return {
    fill: (isStrict, name) => ({ [name]: isStrict ? ['on'] : [] }),
    read: (form, name) => form.has(name),
    show: (form, name) => {
      const provider = useContext(EditedSource)?.provider
      if (!provider || provider.slug === 'unsigned') return null
      const label = `Strict: respond with 401 if the ${proofOf(provider)} is invalid. The request is stored anyway.`
      return <Check name={name} checked={form.has(name)} label={label} />
    },
  }
}

const PROOFS = { signature: 'Signature', token: 'Token', password: 'Password' }

/** The part of the form about verification. It is open if the provider leaves much open. */
export function VerifyingFold({ children }: PropsWithChildren) {
  const provider = useContext(EditedSource)?.provider
  if (!provider) return null
  return (
    <Fold summary={`${PROOFS[proofOf(provider)]}, event type and delivery ID`} open={needsOptions(provider)}>
      {children}
    </Fold>
  )
}
