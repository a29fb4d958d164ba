import type { Child } from '#jsx'
import { CopyButton } from '../../kit/html/dashboard'
import { ActLink } from '../../kit/html/list'
import { Steps } from '../../kit/html/pairs'
import { Section } from '../../kit/html/parts/card'
import { IntegratorPage } from './frame'
import { exampleOf, type Guide, type GuideBlock } from './read-guide'

export interface GuideProps {
  guide: Guide
  /** The origin of this guestbook. */
  origin: string
}

interface GuidePageProps extends GuideProps {
  /** The page of the reader's endpoint. */
  page?: string
  /** Whether the reader can register a URL. */
  isOpen?: boolean
}

export function GuidePage({ page, isOpen = false, ...props }: GuidePageProps) {
  return (
    <IntegratorPage title="Receive webhooks" page={page}>
      {isOpen && (
        <p>
          <ActLink href="/webhooks#register">Register a URL</ActLink>
        </p>
      )}
      <GuideView {...props} />
    </IntegratorPage>
  )
}

/** How to receive our webhooks, step by step. The languages are radio buttons, so they need no script. */
export function GuideView({ guide, origin }: GuideProps) {
  const { steps, snippets } = guide
  return (
    <div class="guide">
      <ol class="contents">
        {steps.map(({ id, title }) => (
          <li>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ol>
      <fieldset class="languages">
        <legend>Code in</legend>
        {snippets
          .filter(({ server }) => server)
          .map(({ language }, i) => (
            <label class="check">
              <input type="radio" name="language" value={language} checked={i === 0} /> {language}
            </label>
          ))}
      </fieldset>
      {steps.map(({ id, title, blocks }, i) => (
        <Section
          id={id}
          title={
            <>
              <span class="step">{i + 1}</span> {title}
            </>
          }
        >
          {blocks.map((block) => (
            <BlockView {...{ block, guide, origin }} />
          ))}
        </Section>
      ))}
    </div>
  )
}

function BlockView({ block, guide: { snippets }, origin }: GuideProps & { block: GuideBlock }) {
  if (typeof block === 'string') return <p>{marked(block)}</p>
  if ('lines' in block) return <Code text={block.lines.join('\n')} label="Copy the command" />
  if ('example' in block)
    return (
      <Code text={exampleOf(block.example, block.headers, origin)} label={`Copy the example of ${block.example}`} />
    )
  if ('pairs' in block) return <Steps pairs={block.pairs.map(([status, effect]) => [status, marked(effect)])} />
  if ('snippet' in block) {
    const code = snippets.find(({ language }) => language === block.snippet)?.code ?? []
    return <Code text={code.join('\n')} label="Copy the command" />
  }
  return (
    <div class="code-in">
      {snippets
        .filter(({ server }) => server)
        .map(({ language, ...more }) => (
          <div>
            <h3>{language}</h3>
            <Code text={(more[block.snippets] ?? []).join('\n')} label={`Copy the code for ${language}`} />
          </div>
        ))}
    </div>
  )
}

function Code({ text, label }: { text: string; label: string }) {
  return (
    <div class="copied">
      <CopyButton text={text} label={label} />
      <pre dir="ltr" tabindex={0}>
        {text}
      </pre>
    </div>
  )
}

/** Text between backticks becomes code, and `[text](address)` a link. */
function marked(text: string): Child {
  return text.split(/(`[^`]+`|\[[^\]]+\]\([^)]+\))/).map((part) => {
    const [, label, href] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? []
    if (href) return <a href={href}>{label}</a>
    return part.startsWith('`') ? <code>{part.slice(1, -1)}</code> : part
  })
}
