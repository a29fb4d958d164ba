import { wholeNumber } from '../../../kit/http/form'
import { isChanged } from '../../../kit/lib/changed'
import { action, json } from '../../../kit/operation'
import { MAX_FORMER } from '../../../webhooks/rules/signing/rotation'
import { rotateSourceSecret as rotate } from '../../../webhooks/sources/manage'
import { secretRotation, sourceOut } from '../../../webhooks/sources/schemas'
import { pathOf, showSourceAgain } from '../../sources/pages'
import { showSource } from './get'

export const rotateSourceSecret = action({
  call: 'POST /api/sources/{id}/secret/rotate',
  may: 'write',
  act: 'source.secret_rotated',
  summary: "Rotate a source's secret",
  description: `The old secret remains valid for \`grace_seconds\`. At most ${MAX_FORMER} old secrets can be valid at the same time: one more rotation fails with 409, unless \`grace_seconds\` is 0.`,
  refusals: [409, 503],
  noTool: 'secret',
  takes: secretRotation,
  gives: { 200: json(sourceOut, 'The source.') },
  run: ({ env, now, params }, input) => rotate(env, params.id, input, now),
  changes: ({ before, row }) => isChanged(before, row),
  show: ({ row }, asked) => showSource(asked, row),
  form: {
    at: '/sources/:id/secret',
    read: (form) => ({
      secret: form.get('secret')?.trim() ?? '',
      // Without an old secret, the page has no such field.
      ...(form.has('grace_seconds') && { grace_seconds: wholeNumber(form.get('grace_seconds')) }),
    }),
    next: ({ row }) => pathOf(row.id, 'secret'),
    refused: showSourceAgain,
  },
})
