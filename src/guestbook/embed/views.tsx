import { type PropsWithChildren, useContext } from '#jsx'
import { CopyButton, Dashboard } from '../../kit/html/dashboard'
import { Help, HelpParagraph, HelpTexts } from '../../kit/html/help'
import { Card } from '../../kit/html/parts/card'
import { UserBlock } from '../../kit/html/user-text'
import { type BookRow, bookPath } from '../books/book'
import { settingsPath } from '../books/form'

/** Both snippets, what a content security policy must allow for them, and a live preview. */
export function EmbedPage({ row, origin }: { row: Pick<BookRow, 'slug' | 'title'>; origin: string }) {
  const { slug, title } = row
  const crumbs = [{ href: settingsPath(slug), label: title }]
  return (
    <Dashboard title="Put it on your site" section="/admin/books" crumbs={crumbs}>
      <Card title="With a script">
        <HelpParagraph of="embed.script" />
        <Snippet text={scriptSnippet(slug, origin)} label="Copy the script snippet" />
        <Policy>{`script-src ${origin}; connect-src ${origin}; img-src ${origin}`}</Policy>
        <h3>Colors</h3>
        <HelpParagraph of="embed.colors" />
        <Snippet text={useContext(HelpTexts).texts['embed.css'] ?? ''} label="Copy the CSS" />
      </Card>
      <Card title="Without scripts">
        <HelpParagraph of="embed.frame" />
        <Snippet text={frameSnippet(slug, origin)} label="Copy the frame snippet" />
        <Policy>{`frame-src ${origin}; script-src ${origin}`}</Policy>
      </Card>
      <Preview slug={slug} />
    </Dashboard>
  )
}

/** Without scripts, guests see the link inside the element. */
function scriptSnippet(slug: string, origin: string): string {
  return `<script src="${origin}/embed.js" async></script>
<guest-book book="${slug}"><a href="${origin}${bookPath(slug)}">Sign my guestbook</a></guest-book>`
}

/** `frameborder` is old, but a style attribute would not work under a strict content security policy. */
function frameSnippet(slug: string, origin: string): string {
  return `<iframe src="${origin}/embed/${slug}" title="Guestbook" width="100%" height="700" frameborder="0"></iframe>
<script src="${origin}/embed.js" async></script>`
}

function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <>
      <UserBlock text={text} />
      <p>
        <CopyButton text={text} label={label} />
      </p>
    </>
  )
}

function Policy({ children }: PropsWithChildren) {
  return (
    <p class="hint">
      <Help of="embed.policy" /> <code dir="auto">{children}</code>
    </p>
  )
}

/** Loads both as another site does. */
function Preview({ slug }: { slug: string }) {
  return (
    <Card title="Preview">
      <HelpParagraph of="embed.live" />
      <script src="/embed.js" async />
      <h3>With a script</h3>
      <guest-book book={slug} limit={3}>
        <Help of="embed.scripts" />
      </guest-book>
      <h3>Without scripts</h3>
      <iframe src={`/embed/${slug}`} title="Preview of the frame" width="100%" height="700" frameborder="0" />
    </Card>
  )
}
