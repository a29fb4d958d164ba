// Tells the page around this frame how high the book is, so that embed.js can make the frame fit. The height is no secret.

function tellHeight() {
  parent.postMessage({ type: 'guesthook:height', height: document.documentElement.offsetHeight }, '*')
}

new ResizeObserver(tellHeight).observe(document.documentElement)
