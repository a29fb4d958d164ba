/* Each form of a book can be sent once: the row of the book lists the forms that were sent last. */

/** The form that an entry comes from, or null. Forms that were made before `oldest_form` are too old to be sent. */
export type FormOfEntry = { form_id: string | null; oldest_form: string }

/** A book remembers this many forms. If all were sent, it can no longer tell whether an older one was sent, too. */
const MAX_SENT_FORMS = 200

const IS_SENT = `(
    select total(key = :form_id) > 0 or (count(*) >= ${MAX_SENT_FORMS} and min(key) > :form_id)
    from json_each(sent_forms))`

/** A new form takes the place of the oldest one. */
const OLDEST_KEPT = `(
    select max(:oldest_form, iif(count(*) < ${MAX_SENT_FORMS}, '', min(key))) from json_each(sent_forms))`

const WITH_FORM = `(
    select json_group_object(key, value)
    from (
      select key, value from json_each(sent_forms) where key > ${OLDEST_KEPT}
      union all
      select :form_id, :id))`

/** SQL for `sent_forms` with the form; NULL if the form was sent before, so that the statement fails. */
export const FORMS_NOTED = `case when :form_id is null then sent_forms when ${IS_SENT} then null else ${WITH_FORM} end`

export const NOTE_FORM = `sent_forms = ${FORMS_NOTED}`
