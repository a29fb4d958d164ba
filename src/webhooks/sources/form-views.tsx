import type { Child, PropsWithChildren } from '#jsx'
import { Fold } from '../../kit/html/parts/form'
import { type BookChoice, mainBookOfProgram } from '../program'
import type { Provider } from '../rules/verifying/scheme'
import { EditedSource } from './edited-source'
import { SOURCE_GROUPS } from './fields'
import { VerifyingFold } from './option-inputs'

export type InputsProps = { provider: Provider; form: URLSearchParams; books: BookChoice[] }

/** The inputs that the forms for new and existing sources share. The children stand beside the template. */
export function SourceInputs({ provider, form, books, children }: PropsWithChildren<InputsProps>) {
  const group = (name: keyof typeof SOURCE_GROUPS) => <Group fields={SOURCE_GROUPS[name]} form={form} />
  return (
    <EditedSource.Provider value={{ provider, books, defaultBook: mainBookOfProgram() }}>
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
