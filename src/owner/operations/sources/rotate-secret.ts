import { MAX_FORMER } from '../../../core/signing/rotation'
import { wholeNumber } from '../../../http/form'
import { rotateSourceSecret as rotate } from '../../../inbound/source-admin/manage'
import { pathOf, showSourceAgain } from '../../../inbound/source-admin/pages'
import { secretRotation, sourceOut } from '../../../inbound/sources/schemas'
import { action, doc, json } from '../../../kit/operation'
import { showSource } from './show'

export const rotateSourceSecret = action({
  call: 'POST /api/sources/{id}/secret/rotate',
  act: 'source.secret_rotated',
  tag: 'Sources',
  summary: doc("Rotate a source's secret"),
  description: doc(
    `The old secret remains valid for \`grace_seconds\`. Up to ${MAX_FORMER} old secrets may be valid; another rotation is refused with 409, unless \`grace_seconds\` is 0.`
  ),
  takes: secretRotation,
  gives: { 200: json(sourceOut, doc('The source.')) },
  refusals: [400, 401, 404, 409, 422, 503],
  run: ({ env, now, params }, input) => rotate(env, params.id, input, now),
  show: (row, asked) => showSource(asked, row),
  form: {
    at: '/sources/:id/secret',
    read: (form) => ({ secret: form.get('secret') ?? '', grace_seconds: wholeNumber(form.get('grace')) }),
    next: ({ id }) => pathOf(id, 'secret'),
    refused: showSourceAgain,
  },
  noTool: 'secret',
})
