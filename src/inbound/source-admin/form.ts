import type { SourceOptions } from '../../core/verifying/custom-scheme'
import type { Provider } from '../../core/verifying/scheme'
import { parseFields } from '../../http/form'
import { invalid } from '../../http/problem'
import {
  fieldsOf,
  RETENTION_DAYS,
  type SourceChange,
  type SourceIn,
  sourceChange,
  sourceIn,
  templateOf,
} from '../sources/schemas'
import type { SourceRow } from '../sources/store'

/** What was typed into the form of a source, to be typed on if something does not fit. */
export type SourceFields = Record<(typeof NAMES)[number] | OptionName, string>
type OptionName = keyof SourceOptions

const NAMES = [
  'name',
  'secret',
  'act',
  'strict',
  'template_name',
  'template_body',
  'template_website',
  'template_when',
  'fields',
  'retention_days',
  'body_retention_days',
] as const

export interface OptionInput {
  name: OptionName
  label: string
  /** What holds when nothing is typed. */
  placeholder: string
  choices?: string[]
}

const SIGNED: OptionInput[] = [
  { name: 'header', label: 'Header of the signature', placeholder: 'X-Signature' },
  {
    name: 'encoding',
    label: 'Encoding of the signature',
    placeholder: 'as usual',
    choices: ['hex', 'base64'],
  },
  { name: 'prefix', label: 'Prefix of the signature, such as sha256=', placeholder: '' },
  { name: 'signed', label: 'What is signed', placeholder: '{body}' },
  { name: 'timestamp_header', label: 'Header of the time stamp', placeholder: 'none' },
  {
    name: 'timestamp_unit',
    label: 'Unit of the time stamp',
    placeholder: 's',
    choices: ['ms', 'iso'],
  },
]
const KEY: OptionInput = {
  name: 'key',
  label: 'The secret is written as',
  placeholder: 'text',
  choices: ['base64', 'hex'],
}

function algorithmInput(choices: string[], usual: string): OptionInput {
  return { name: 'algorithm', label: 'Algorithm', placeholder: usual, choices }
}
const TOKEN: OptionInput = {
  name: 'verify_token',
  label: 'Verify token: what you enter at the provider too',
  placeholder: 'any is taken',
}
const TOLERANCE: OptionInput = {
  name: 'tolerance_seconds',
  label: 'Seconds that a time stamp may be off',
  placeholder: '',
}
const URL_INPUT: OptionInput = {
  name: 'url',
  label: 'Address at the provider, if it differs from ours (it is part of what is signed)',
  placeholder: 'https://',
}
const ALWAYS: OptionInput[] = [
  { name: 'event_type', label: 'Event type, such as body:data.type', placeholder: 'as usual' },
  { name: 'delivery_id', label: 'Delivery id, such as header:x-id', placeholder: 'as usual' },
]

const BY_SLUG: Record<string, OptionInput[]> = {
  'custom-hmac': [
    algorithmInput(['sha1', 'sha384', 'sha512'], 'sha256'),
    ...SIGNED,
    KEY,
    TOLERANCE,
    URL_INPUT,
  ],
  'custom-public-key': [
    algorithmInput(['ecdsa-p256', 'rsa-sha256'], 'ed25519'),
    ...SIGNED,
    TOLERANCE,
    URL_INPUT,
  ],
  'header-token': [{ name: 'header', label: 'Header', placeholder: 'X-Webhook-Secret' }],
  'query-token': [{ name: 'parameter', label: 'Parameter', placeholder: 'token' }],
}

/** Whether a source cannot be set up without looking at its options. */
export function needsOptions({ slug }: Provider): boolean {
  return BY_SLUG[slug] !== undefined
}

/** The options that make sense for a provider, those that it is set up with first. */
export function optionInputs({ slug, schemes, handshakes = [] }: Provider): OptionInput[] {
  const signs = schemes.flatMap((scheme) => ('signed' in scheme ? [scheme] : []))
  const bySlug = BY_SLUG[slug]
  return [
    ...(bySlug ?? []),
    ...(handshakes.some(({ token }) => token !== undefined) ? [TOKEN] : []),
    ...(!bySlug && signs.some(({ timestamp }) => timestamp) ? [TOLERANCE] : []),
    ...(!bySlug && signs.some(({ signed }) => /\{ur[il]/.test(signed)) ? [URL_INPUT] : []),
    ...ALWAYS,
  ]
}

const OPTION_NAMES = [...SIGNED, KEY, TOKEN, TOLERANCE, URL_INPUT, ...ALWAYS]
  .map(({ name }) => name)
  .concat('parameter', 'algorithm')

export function readSourceFields(form: URLSearchParams): SourceFields {
  const typed = [...NAMES, ...OPTION_NAMES].map((name) => [name, form.get(name) ?? ''])
  return Object.fromEntries(typed)
}

export function newFields(provider: Provider, secret: string): SourceFields {
  const none = readSourceFields(new URLSearchParams())
  const strict = provider.strict ? 'on' : ''
  const days = String(RETENTION_DAYS)
  return { ...none, name: provider.name, secret, act: 'keep', strict, retention_days: days }
}

export function fieldsFrom(row: SourceRow): SourceFields {
  const template = templateOf(row)
  const options = JSON.parse(row.options) as Record<string, string | number>
  const none = readSourceFields(new URLSearchParams())
  return {
    ...none,
    ...Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)])),
    name: row.name,
    act: row.act,
    strict: row.strict ? 'on' : '',
    template_name: template?.name ?? '',
    template_body: template?.body ?? '',
    template_website: template?.website ?? '',
    template_when: template?.when ?? '',
    fields: fieldsOf(row)
      .map(({ name, path }) => `${name}: ${path}`)
      .join('\n'),
    retention_days: String(row.retention_days),
    body_retention_days: row.body_retention_days === null ? '' : String(row.body_retention_days),
  }
}

/** @throws Refusal 422 that says what does not fit */
export function parseNewSource(fields: SourceFields, provider: string): SourceIn {
  const secret = fields.secret.trim()
  return parseFields(sourceIn, { provider, ...inputFrom(fields), ...(secret && { secret }) })
}

/** The secret has a form of its own. @throws Refusal 422 that says what does not fit */
export function parseSourceChange(fields: SourceFields): SourceChange {
  return parseFields(sourceChange, inputFrom(fields))
}

function inputFrom(fields: SourceFields) {
  return {
    name: fields.name,
    act: fields.act,
    strict: fields.strict === 'on',
    options: optionsFrom(fields),
    fields: searchFields(fields.fields),
    template: templateFrom(fields),
    retention_days: Number(fields.retention_days),
    body_retention_days: fields.body_retention_days ? Number(fields.body_retention_days) : null,
  }
}

export function templateFrom(fields: SourceFields) {
  const { template_name: name, template_body: body } = fields
  if (!name.trim() && !body.trim()) return null
  const { template_website: website, template_when: when } = fields
  return { name, body, ...(website.trim() && { website }), ...(when.trim() && { when }) }
}

function optionsFrom(fields: SourceFields): Record<string, string | number> {
  const given = OPTION_NAMES.map((name) => [name, fields[name].trim()] as const)
  return Object.fromEntries(
    given
      .filter(([, text]) => text !== '')
      .map(([name, text]) => [name, name === 'tolerance_seconds' ? Number(text) : text])
  )
}

function searchFields(text: string): { name: string; path: string }[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.map((line) => {
    const colon = line.indexOf(':')
    if (colon < 1) {
      const message = `Write a field as "name: path", a line each; "${line.trim()}" is none.`
      throw invalid([{ path: 'fields', message }])
    }
    return { name: line.slice(0, colon).trim(), path: line.slice(colon + 1).trim() }
  })
}
