import * as z from 'zod'

/** A text. The database would store a lone surrogate as another character than the response shows. */
export const wellFormed = z.string().overwrite((text) => text.toWellFormed())

/** A body, whose fields are all known. @param name in the API document */
export function bodyOf<S extends z.ZodRawShape>(name: string, fields: S) {
  return z.strictObject(fields).meta({ id: name })
}

/** As `bodyOf`, for a change: no field is required. */
export function changeOf<S extends z.ZodRawShape>(name: string, fields: S) {
  return z.strictObject(fields).partial().meta({ id: name })
}
