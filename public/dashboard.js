// Only comfort: copy buttons appear where the clipboard can be written. Every page works without this.
for (const button of document.querySelectorAll('button[data-copy]')) {
  if (!navigator.clipboard) break
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy)
    button.textContent = 'copied'
    setTimeout(() => {
      button.textContent = 'copy'
    }, 1_500)
  })
}
