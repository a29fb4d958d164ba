import { grouped, inMib } from '../../../kit/lib/amounts'
import { MAX_FORM_FIELDS } from '../../../kit/lib/form'
import { MAX_PARTS } from '../../../kit/lib/json'
import { readExplanations } from '../../explanations'
import { MAX_PARSED_BODY_BYTES } from '../../rules/verifying/request'
import { type Provider, type ProviderTexts, proofOf } from '../../rules/verifying/scheme'
import { KEPT_BEGINNING } from './bodies'

/** What the texts leave open. */
const FILLED: Record<string, string> = {
  size: inMib(MAX_PARSED_BODY_BYTES),
  fields: grouped(MAX_FORM_FIELDS),
  parts: grouped(MAX_PARTS),
  kept: KEPT_BEGINNING,
}

/** @returns the text about a `reason`, or the reason itself. @param provider who should have sent the request */
export async function explainRequestReason(env: Env, reason: string, provider?: Provider): Promise<string> {
  const { inbound, inbound_tokens } = await readExplanations(env)
  const proof = provider ? proofOf(provider) : 'signature'
  const ofToken = proof === 'signature' ? undefined : inbound_tokens[reason]
  const text = ofToken ?? inbound[reason] ?? reason
  return text.replace(/\{(\w+)\}/g, (_, name: string) => ({ ...FILLED, proof })[name] ?? name)
}

/** @returns a reason in short, such as "token mismatch" */
export function nameReason(reason: string, provider: Provider | undefined): string {
  const known = provider ? reason.replace('signature', proofOf(provider)) : reason
  return known.replaceAll('_', ' ')
}

/** Explains that a source's secret cannot be used to create or verify signatures. */
export function explainUnusable({ name }: Provider, { secret }: ProviderTexts): string {
  return `The secret of this source is not valid for ${name}. Expected: ${secret}.`
}
