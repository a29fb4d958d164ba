import { sendOwn } from '../../../webhooks/work/send-orders'
import * as z from '../../../zod'

const KIND = 'import'

/** A message in the `patient` queue: the next step of an import. */
export const importOrder = z.object({ kind: z.literal(KIND), import_id: z.string() })

/** Triggers the next step of an import. @returns false if the wake-up was lost */
export function wakeImport(env: Env, import_id: string): Promise<boolean> {
  return sendOwn<z.infer<typeof importOrder>>(env, [{ kind: KIND, import_id }])
}
