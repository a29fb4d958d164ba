import { contained } from '../../src/kit/lib/text/bidi'
import { compareBody } from './compare-body'
import { diagnose, type Evidence, type Finding } from './diagnose'
import { readPasted } from './read-pasted'

/*
 * The page "Why doesn't my signature match?". Checking makes no request, so the secret stays in the browser. On demand,
 * the page asks for the message with the pasted id, and compares the body with it here, too.
 */

const PARTS: Record<Finding['part'], string> = {
  headers: 'Headers',
  timestamp: 'Timestamp',
  secret: 'Secret',
  signature: 'Signature',
  body: 'Body',
  result: 'Result',
}

const ICONS: Record<Finding['verdict'], string> = { good: '✓', bad: '✕', off: '!' }

function find<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (!found) throw new Error(`The page has no #${id}.`)
  return found as T
}

const form = find<HTMLFormElement>('check')
const list = find<HTMLUListElement>('findings')
/** On the page of the owner. An integrator may not read a message by its id. */
const comparison = document.getElementById('comparison')
const [secret, headers, body] = ['secret', 'headers', 'body'].map((name) =>
  find<HTMLInputElement | HTMLTextAreaElement>(`check-${name}`)
) as [HTMLInputElement, HTMLTextAreaElement, HTMLTextAreaElement]
/** The request that the page showed first, if any. */
const shown = readPasted('', headers.defaultValue, body.defaultValue)
const sent = shown.id === '' ? null : shown

function readForm(): Evidence {
  return readPasted(secret.value, headers.value, body.value)
}

/** What somebody else wrote may be part of a finding, so it must not reverse the text around it. */
function toItem({ part, verdict, text }: Finding): HTMLLIElement {
  const item = document.createElement('li')
  item.className = verdict
  item.dataset.part = part
  const icon = document.createElement('span')
  icon.ariaHidden = 'true'
  icon.textContent = ICONS[verdict]
  const name = document.createElement('b')
  name.append(icon, ` ${PARTS[part]}`)
  const isolated = document.createElement('bdi')
  isolated.textContent = contained(text)
  item.append(name, ' ', isolated)
  return item
}

/** Only the answer to the last press of the button is shown. */
let presses = 0

async function check(): Promise<void> {
  presses += 1
  const press = presses
  const evidence = readForm()
  const findings = await diagnose(evidence, Math.floor(Date.now() / 1_000), sent)
  if (press !== presses) return
  const isOther = sent !== null && evidence.id === sent.id && evidence.body !== sent.body
  const difference = isOther ? compareBody([sent.body], evidence.id, evidence.body) : null
  const isNew = difference && findings.every(({ text }) => text !== difference.text)
  list.replaceChildren(...[...findings, ...(isNew ? [difference] : [])].map(toItem))
  if (comparison) comparison.hidden = !evidence.id.startsWith('msg_')
  list.scrollIntoView({ block: 'nearest' })
}

async function compareWithSent(): Promise<void> {
  presses += 1
  const press = presses
  const { id, body } = readForm()
  const finding = await compareWith(id, body)
  if (press !== presses) return
  list.append(toItem(finding))
  if (comparison) comparison.hidden = true
}

/** The id is all that is sent. */
async function compareWith(id: string, body: string): Promise<Finding> {
  const response = await fetch(`/admin/signature/${encodeURIComponent(id)}`).catch(expectNoNetwork)
  const off = (text: string): Finding => ({ part: 'body', verdict: 'off', text })
  if (response?.status === 404) return off('There is no message with this id. It may have been removed.')
  // Without a session, the login page is the answer.
  if (!response?.ok || response.redirected)
    return off('The message could not be read. Check the connection, and that you are logged in.')
  const { bodies } = (await response.json()) as { bodies: string[] }
  return compareBody(bodies, id, body) ?? off('This body does not contain the id, so it cannot be compared.')
}

function expectNoNetwork(cause: unknown): null {
  if (cause instanceof TypeError) return null
  throw cause
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void check()
})
document.getElementById('compare')?.addEventListener('click', () => void compareWithSent())

// Browsers have WebCrypto only on HTTPS and on localhost.
if (crypto.subtle) find<HTMLButtonElement>('start').disabled = false
else find('insecure').hidden = false
