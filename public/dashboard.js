// Optional conveniences. Every page works without this script.

/** Shows the copy buttons if the page may write to the clipboard. */
function enableCopying(root) {
  if (!navigator.clipboard) return
  for (const button of root.querySelectorAll('button[data-copy]')) {
    button.hidden = false
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(button.dataset.copy)
      button.textContent = 'copied'
      setTimeout(() => {
        button.textContent = 'copy'
      }, 1_500)
    })
  }
}

/** Updates a live list. Skips it if the page is hidden, or if the user has focused the list or selected text. */
async function refresh(live) {
  const isInUse = live.contains(document.activeElement) || String(getSelection()) !== ''
  if (document.hidden || isInUse) return
  const response = await fetch(live.dataset.live)
  // After the session expires, the request redirects to the login page.
  if (!response.ok || response.redirected) return
  live.innerHTML = await response.text()
  enableCopying(live)
  if (live.children.length > 0) document.querySelector('.empty')?.remove()
}

const EVERY_MS = 3_000

enableCopying(document)
const live = document.querySelector('[data-live]')
// Ignore failures, because the server may be restarting. The next refresh tries again.
if (live) setInterval(() => refresh(live).catch(() => undefined), EVERY_MS)

/*
 * Moderation with the keyboard: j and k go to the next and the previous entry, and a letter presses the button or opens
 * the form that it belongs to.
 */
const entries = [...document.querySelectorAll('[data-entry]')]

function goTo(step) {
  const at = entries.findIndex((entry) => entry.contains(document.activeElement))
  const next = entries[Math.min(Math.max(at + step, 0), entries.length - 1)]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

addEventListener('keydown', (event) => {
  const isTyping = event.target.closest('input, textarea, select') !== null
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'j') goTo(1)
  if (event.key === 'k') goTo(-1)
  const entry = document.activeElement?.closest('[data-entry]')
  entry?.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click()
})

const hint = document.querySelector('[data-keys]')
if (hint) hint.hidden = entries.length === 0
