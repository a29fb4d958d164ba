import type { PropsWithChildren } from '#jsx'
import type { Provider, ProviderTexts } from '../rules/verifying/scheme'

type SetupProps = { provider: Provider; texts: ProviderTexts }

/** What to do in the settings of the provider, step by step. The children are the steps before these. */
export function SetupSteps({ provider, texts, children }: PropsWithChildren<SetupProps>) {
  return (
    <>
      <ol class="setup">
        {children}
        {stepsIn(texts.setup).map((step) => (
          <li>{step}</li>
        ))}
        <li>Trigger an event in the service. The request then appears under Latest requests, on the source's page.</li>
      </ol>
      {texts.note && <p class="hint">{texts.note}</p>}
      <p>
        <a href={texts.docs}>Documentation{!provider.name.startsWith('Custom') && `: ${provider.name}`}</a>
      </p>
    </>
  )
}

/** @returns the sentences. In a list, "then" is clear */
function stepsIn(setup: string): string[] {
  const steps = setup.split(/(?<=\.) (?=[A-Z])/)
  return steps.map((step) => step.replace(/^Then,? (.)/, (_, first: string) => first.toUpperCase()))
}

/** How many colors dashboard.css has for logos. */
const COLORS = 6

/** Two letters in a colored tile stand for a service, because nothing is loaded from other hosts. */
export function Logo({ name }: { name: string }) {
  const short = name.replace(/^Custom: /, '').replace(/ \(.*/, '')
  const capitals = short.replace(/[^A-Z]/g, '')
  const letters = capitals.length > 1 ? capitals : short
  const color = [...short].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLORS
  return (
    <span class={`logo color-${color}`} aria-hidden="true">
      {letters.slice(0, 1).toUpperCase() + letters.slice(1, 2)}
    </span>
  )
}
