import type { Child, PropsWithChildren } from '#jsx'
import { type BookRow, MAIN_BOOK } from '../../guestbook/books/book'
import { Fold } from '../../kit/html/parts/form'
import type { Provider } from '../../webhooks/rules/verifying/scheme'
import { EditedSource } from '../../webhooks/sources/edited'
import { SOURCE_GROUPS } from '../../webhooks/sources/fields'
import { VerifyingFold } from '../../webhooks/sources/option-inputs'

export type InputsProps = { provider: Provider; form: URLSearchParams; books: BookRow[] }

/** The inputs that the forms for new and existing sources share. The children stand beside the template. */
export function SourceInputs({ provider, form, books, children }: PropsWithChildren<InputsProps>) {
  const group = (name: keyof typeof SOURCE_GROUPS) => <Group fields={SOURCE_GROUPS[name]} form={form} />
  return (
    <EditedSource.Provider value={{ provider, books, defaultBook: MAIN_BOOK }}>
      {group('about')}
      <div class="template columns">
        {group('signing')}
        {children}
      </div>
      <VerifyingFold>{group('verifying')}</VerifyingFold>
      <Fold summary="Search and retention">{group('keeping')}</Fold>
      {group('notes')}
    </EditedSource.Provider>
  )
}

interface GroupProps {
  fields: Record<string, { control: { show: (form: URLSearchParams, name: string) => Child } }>
  form: URLSearchParams
}

const Group = ({ fields, form }: GroupProps): Child =>
  Object.entries(fields).map(([name, { control }]) => control.show(form, name))
