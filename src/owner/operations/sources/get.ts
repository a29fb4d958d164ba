import { sightOf } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { action, json } from '../../../kit/operation'
import { requireSource } from '../../../webhooks/sources/manage'
import { sourceFor, sourceOut, toSourceOut } from '../../../webhooks/sources/schemas'
import { openSource } from '../../../webhooks/sources/secrets'
import type { SourceRow } from '../../../webhooks/sources/store'

/** @returns what the caller may see of a source. @throws SecretsKeyError if its secrets cannot be read */
export async function showSource(context: Context, row: SourceRow) {
  const { env, now, linkOrigin } = context
  return sourceFor(toSourceOut(row, await openSource(env, row), linkOrigin(), now), sightOf(context))
}

export const getSource = action({
  call: 'GET /api/sources/{id}',
  may: ['read', 'secrets'],
  summary: 'Get a source',
  refusals: [503],
  noTool: 'covered',
  gives: { 200: json(sourceOut, 'The source.') },
  run: ({ env, params }) => requireSource(env, params.id),
  show: (row, asked) => showSource(asked, row),
})
