import type { Child, PropsWithChildren } from '#jsx'
import { Form } from './form'

interface SectionProps {
  title?: Child
  id?: string | undefined
  class?: string
  role?: 'status'
  hidden?: boolean
  /** What stands beside the title, such as a button. */
  act?: Child
}

/** A part of a page below a heading. */
export function Section({ title, act, children, ...section }: PropsWithChildren<SectionProps>) {
  return (
    <section {...section}>
      <Title title={title} act={act} />
      {children}
    </section>
  )
}

function Title({ title, act }: Pick<SectionProps, 'title' | 'act'>) {
  const heading = title !== undefined && <h2>{title}</h2>
  if (!act) return heading
  return (
    <div class="heading">
      {heading}
      {act}
    </div>
  )
}

/** A part of a page in a frame. @param action where a card that is one form is sent */
export function Card({ action, ...section }: PropsWithChildren<Omit<SectionProps, 'class'> & { action?: string }>) {
  if (action === undefined) return <Section {...section} class="card" />
  const { title, act, children, ...form } = section
  return (
    <Form class="card" action={action} {...form}>
      <Title title={title} act={act} />
      {children}
    </Form>
  )
}
