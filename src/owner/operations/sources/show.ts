import { sightOf } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { sourceFor, toSourceOut } from '../../../webhooks/sources/schemas'
import { openSource, tryToOpen } from '../../../webhooks/sources/secrets'
import type { SourceRow } from '../../../webhooks/sources/store'

/** @returns what the caller may see of a source. @throws SecretsKeyError if its secrets cannot be read */
export async function showSource(context: Context, row: SourceRow) {
  const { env, now, linkOrigin } = context
  return sourceFor(toSourceOut(row, await openSource(env, row), linkOrigin(), now), sightOf(context))
}

/** A source whose secrets cannot be read is listed without its URL, so that the other sources can still be listed. */
export async function showListedSource(context: Context, row: SourceRow) {
  const { env, now, linkOrigin } = context
  const secrets = await tryToOpen(env, row)
  const shown = sourceFor(toSourceOut(row, secrets ?? { token: '' }, linkOrigin(), now), sightOf(context))
  return secrets === null ? { ...shown, url: '' } : shown
}
