/** The maximum number of fields in a form. Parsing one field takes as much time as thousands of bytes. */
export const MAX_FORM_FIELDS = 1_000

/** Counts the fields of a form before it is parsed. @param text the form, percent-encoded */
export function hasTooManyFields(text: string): boolean {
  let fields = 1
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) {
    fields += 1
    if (fields > MAX_FORM_FIELDS) return true
  }
  return false
}
