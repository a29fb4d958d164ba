// Only comfort. Every page works without this.

/** Copy buttons appear where the clipboard can be written. */
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

/** What comes in appears by itself; reloading does the same. Not while nobody looks, and not under somebody's hands. */
async function refresh(live) {
  const isUsed = live.contains(document.activeElement) || String(getSelection()) !== ''
  if (document.hidden || isUsed) return
  const response = await fetch(live.dataset.live)
  // A session that has ended leads to the login page, which is no list.
  if (!response.ok || response.redirected) return
  live.innerHTML = await response.text()
  enableCopying(live)
  if (live.children.length > 0) document.querySelector('.empty')?.remove()
}

const EVERY_MS = 3_000

enableCopying(document)
const live = document.querySelector('[data-live]')
// Whatever goes wrong is over with the next one: the server may just be restarting.
if (live) setInterval(() => refresh(live).catch(() => undefined), EVERY_MS)
