import { MIB } from '../../../kit/lib/amounts'

/** The largest file of another system, also after unpacking. */
export const MAX_FILE_BYTES = 50 * MIB
/** The largest body of `POST /api/import`, also after unpacking. */
export const MAX_IMPORT_BYTES = 10 * MIB
